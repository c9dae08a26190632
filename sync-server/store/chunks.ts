/**
 * Immutable bytes named by their SHA-256, one file each: `<dir>/ab/cdef…`.
 *
 *   const chunks = await openChunks({ dir });
 *   const { hash } = await chunks.put(request, { maxBytes });
 *
 * Bytes are hashed while they stream into `<dir>/incoming/`, synced, renamed into place, and the folder synced; only
 * then does `put` resolve. So a chunk's name never exists without its bytes, and putting the same bytes twice at once
 * is harmless. A chunk that `get` finds damaged counts as absent from then on, so that it can be put again.
 */
import { createHash, randomUUID } from 'node:crypto';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { binaryPieces, checkedChunk, checkHash, checkRange, checkSize, isHash, notFound, sha256 } from './chunkName.ts';
import type { Files } from './files.ts';
import { asStoreError, diskFiles, systemCode } from './files.ts';
import type { ChunkInfo, Chunks } from './ports.ts';
import { StoreError } from './ports.ts';

export interface ChunksOptions {
  /** Made when missing. */
  dir: string;
  files?: Files;
}

const incoming = 'incoming';
const day = 24 * 3600 * 1000;
/** A stream's pieces are gathered to this many bytes before they are written. */
const writeBytes = 1024 * 1024;

/** Also removes what an earlier process left half received. StoreError `io` or `disk_full`. */
export async function openChunks({ dir, files = diskFiles }: ChunksOptions): Promise<Chunks> {
  try {
    await files.createFolder(join(dir, incoming));
    await files.syncFolder(dirname(dir));
    await removeLeftovers(join(dir, incoming), files);
  } catch (error) {
    throw asStoreError(error, 'Opening the chunks');
  }
  const damaged = new Set<string>();
  /** Folders whose own names are known to be synced. */
  const synced = new Set<string>();

  async function info(hash: string): Promise<ChunkInfo | undefined> {
    const path = chunkPath(dir, hash);
    if (damaged.has(hash)) return undefined;
    try {
      const { size } = await stat(path);
      return { hash, size };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw asStoreError(error, 'Reading a chunk');
    }
  }

  /** Makes the name of a chunk survive a power loss, and that of its folder; whoever made them may not have got this far. */
  async function syncName(folder: string): Promise<void> {
    if (!synced.has(folder)) {
      await files.syncFolder(dir);
      synced.add(folder);
    }
    await files.syncFolder(folder);
  }

  /** Gives received bytes their name, unless it is taken by the same bytes. */
  async function settle(temporary: string, chunk: ChunkInfo): Promise<void> {
    const path = chunkPath(dir, chunk.hash);
    const folder = dirname(path);
    if ((await info(chunk.hash))?.size === chunk.size) {
      await files.remove(temporary);
    } else {
      await files.createFolder(folder);
      await files.rename(temporary, path);
      damaged.delete(chunk.hash);
    }
    await syncName(folder);
  }

  return {
    async put(bytes, expect = {}) {
      if (expect.hash !== undefined) checkHash(expect.hash);
      if (bytes instanceof Uint8Array) {
        const chunk = checkedChunk({ hash: sha256(bytes), size: bytes.length }, expect);
        if ((await info(chunk.hash))?.size === chunk.size) {
          await onDisk(syncName(dirname(chunkPath(dir, chunk.hash))));
          return chunk;
        }
      }
      const temporary = join(dir, incoming, `${process.pid}-${randomUUID()}.part`);
      try {
        const chunk = checkedChunk(await receive(bytes, temporary, expect.maxBytes, files), expect);
        await onDisk(settle(temporary, chunk));
        return chunk;
      } catch (error) {
        await files.remove(temporary).catch(ignore);
        throw error;
      }
    },

    async has(hash) {
      return (await info(hash)) !== undefined;
    },

    info,

    async get(hash) {
      const bytes = await readFile(chunkPath(dir, hash)).catch((error: unknown) => {
        throw isAbsent(error) ? notFound(hash) : asStoreError(error, 'Reading a chunk');
      });
      if (sha256(bytes) !== hash) {
        damaged.add(hash);
        throw new StoreError('damaged', `Chunk ${hash} does not match its name: its file was changed or the disk is failing.`);
      }
      return bytes;
    },

    async stream(hash, range) {
      const handle = await open(chunkPath(dir, hash)).catch((error: unknown) => {
        throw isAbsent(error) ? notFound(hash) : asStoreError(error, 'Reading a chunk');
      });
      try {
        if (range) checkRange(range, (await handle.stat()).size);
        return handle.createReadStream(range);
      } catch (error) {
        await handle.close();
        throw error;
      }
    },

    async *list() {
      for (const folder of (await readdir(dir)).sort()) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue;
        for (const rest of (await readdir(join(dir, folder))).sort()) {
          const chunk = isHash(folder + rest) ? await info(folder + rest) : undefined;
          if (chunk) yield chunk;
        }
      }
    },
  };
}

/** Writes bytes to a new file, synced; a stream's own error is passed on as it is. */
async function receive(bytes: Uint8Array | Readable, path: string, maxBytes: number | undefined, files: Files): Promise<ChunkInfo> {
  const file = await onDisk(files.create(path));
  try {
    const digest = createHash('sha256');
    let size = 0;
    let gathered: Uint8Array[] = [];
    let gatheredBytes = 0;
    for await (const piece of bytes instanceof Uint8Array ? [bytes] : binaryPieces(bytes)) {
      size += piece.length;
      checkSize(size, maxBytes);
      digest.update(piece);
      gathered.push(piece);
      gatheredBytes += piece.length;
      if (gatheredBytes < writeBytes) continue;
      await onDisk(file.write(gathered));
      gathered = [];
      gatheredBytes = 0;
    }
    if (gatheredBytes > 0) await onDisk(file.write(gathered));
    await onDisk(file.sync());
    return { hash: digest.digest('hex'), size };
  } finally {
    await file.close().catch(ignore);
  }
}

/** Where a chunk's file is. StoreError `invalid_argument` when the hash is none. */
export function chunkPath(dir: string, hash: string): string {
  checkHash(hash);
  return join(dir, hash.slice(0, 2), hash.slice(2));
}

function onDisk<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw asStoreError(error, 'Storing a chunk');
  });
}

/** Removes half-received files of processes that have ended, and any older than a day (ids of processes are reused). */
async function removeLeftovers(folder: string, files: Files): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const age = Date.now() - (await stat(path)).mtimeMs;
    if (age > day || !isRunning(Number.parseInt(name, 10))) await files.remove(path);
  }
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return systemCode(error) === 'EPERM';
  }
}

function isAbsent(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function ignore(): void {
  // Used where a failure changes nothing that was promised.
}
