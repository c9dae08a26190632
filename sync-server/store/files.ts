/**
 * The few file operations that durability depends on, as an interface: the log and the chunks write only through it,
 * so that tests can make any single operation fail, stop the world after it, or forget what was never synced.
 * Reading needs no such care and uses `node:fs` directly.
 */
import * as fs from 'node:fs';
import { StoreError } from './ports.ts';

/** A file being written from its beginning. */
export interface WritableFile {
  /** Writes all the bytes at the end of the file. */
  write(parts: readonly Uint8Array[]): Promise<void>;
  /** Resolves when everything written is on the disk (fdatasync). */
  sync(): Promise<void>;
  /** Cuts the file after `size` bytes. */
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export interface Files {
  /**
   * Creates a file that must not exist yet. `often`: every write is followed by a sync, so the two may be one
   * operation where the system has it (O_DSYNC); `sync` must be called all the same.
   */
  create(path: string, often?: 'often'): Promise<WritableFile>;
  /** Creates a folder and those above it; resolves to true when it had to be made. */
  createFolder(path: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes names created in, renamed into or removed from a folder survive a power loss. */
  syncFolder(path: string): Promise<void>;
}

const { O_WRONLY, O_CREAT, O_EXCL, O_DSYNC } = fs.constants;

/** The real disk. */
export const diskFiles: Files = {
  async create(path, often) {
    // Linux only: elsewhere O_DSYNC is missing, or promises less than a sync.
    const together = often !== undefined && process.platform === 'linux';
    return writableFile(await opened(path, together ? O_WRONLY | O_CREAT | O_EXCL | O_DSYNC : 'wx'), together);
  },
  createFolder: async (path) => (await fs.promises.mkdir(path, { recursive: true })) !== undefined,
  rename: (from, to) => fs.promises.rename(from, to),
  remove: (path) => fs.promises.rm(path, { force: true }),
  async syncFolder(path) {
    // Windows cannot open folders and writes their entries through.
    if (process.platform === 'win32') return;
    const fd = await opened(path, 'r');
    try {
      await done((callback) => fs.fsync(fd, callback));
    } finally {
      fs.closeSync(fd);
    }
  },
};

/** Callbacks on plain descriptors: a write and a sync through `FileHandle` cost about a third more. */
function writableFile(fd: number, syncedByWrites: boolean): WritableFile {
  return {
    async write(parts) {
      let left = parts;
      while (left.length > 0) {
        const written = await new Promise<number>((resolve, reject) => {
          fs.writev(fd, left, (error, bytes) => (error ? reject(error) : resolve(bytes)));
        });
        left = partsAfter(left, written);
      }
    },
    sync: () => (syncedByWrites ? Promise.resolve() : done((callback) => fs.fdatasync(fd, callback))),
    truncate: (size) => done((callback) => fs.ftruncate(fd, size, callback)),
    close: () => done((callback) => fs.close(fd, callback)),
  };
}

/** What is left to write of `parts` after the first `written` bytes; a full disk may take only some of them. */
function partsAfter(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  for (const [index, part] of parts.entries()) {
    if (skip < part.length) return [part.subarray(skip), ...parts.slice(index + 1)];
    skip -= part.length;
  }
  return [];
}

function opened(path: string, flags: string | number): Promise<number> {
  return new Promise((resolve, reject) => fs.open(path, flags, (error, fd) => (error ? reject(error) : resolve(fd))));
}

function done(start: (callback: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}

/** The `code` of a system error, e.g. `ENOENT`; empty for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Any failure of a file operation as a StoreError: `disk_full` for a full disk or used-up quota, else `io`. */
export function asStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = systemCode(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError('disk_full', `The disk is full: ${doing} failed. Free some space and it will go on.`, { cause: error });
  }
  return new StoreError('io', `${doing} failed: ${reason}`, { cause: error });
}
