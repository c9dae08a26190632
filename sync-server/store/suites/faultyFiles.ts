/**
 * The real disk with a script of faults, for tests: any single operation can fail, everything can stop after the N-th
 * (the process died), and what was never synced can be taken back (the power failed).
 *
 *   const disk = createFaultyFiles((operation) => (operation.kind === 'sync' ? { code: 'EIO' } : undefined));
 *   const log = await openAppendLog({ dir, writerId: 'me', files: disk.files });
 */
import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Files } from '../files.ts';
import { diskFiles } from '../files.ts';

export interface FileOperation {
  kind: 'create' | 'write' | 'sync' | 'truncate' | 'close' | 'createFolder' | 'rename' | 'remove' | 'syncFolder';
  path: string;
  /** 1 for the first operation, 2 for the next, … */
  count: number;
}

export interface Fault {
  code: 'ENOSPC' | 'EIO' | 'EMFILE' | 'EACCES';
  /** Of a write: these many bytes are written all the same. */
  written?: number;
}

export interface FaultyFiles {
  files: Files;
  /** How many operations there were. */
  operations(): number;
  /**
   * Takes back, on the real disk, what was not synced: names as if never made, and of written bytes all but the share
   * `keep`, since a disk may have written any part of them by itself.
   */
  losePower(keep: 'none' | 'half' | 'all'): Promise<void>;
}

export function createFaultyFiles(faultOf: (operation: FileOperation) => Fault | undefined = () => undefined): FaultyFiles {
  let count = 0;
  const sizes = new Map<string, { written: number; synced: number }>();
  let unsyncedNames: { folder: string; undo: () => Promise<void> }[] = [];

  function begin(kind: FileOperation['kind'], path: string): Fault | undefined {
    count += 1;
    return faultOf({ kind, path, count });
  }

  function check(kind: FileOperation['kind'], path: string): void {
    const fault = begin(kind, path);
    if (fault) throw systemError(fault);
  }

  const files: Files = {
    async create(path) {
      check('create', path);
      const file = await diskFiles.create(path);
      const size = { written: 0, synced: 0 };
      sizes.set(path, size);
      unsyncedNames.push({ folder: dirname(path), undo: () => rm(path, { force: true }) });
      return {
        async write(parts) {
          const fault = begin('write', path);
          const bytes = fault ? Buffer.concat(parts).subarray(0, fault.written ?? 0) : Buffer.concat(parts);
          await file.write([bytes]);
          size.written += bytes.length;
          if (fault) throw systemError(fault);
        },
        async sync() {
          check('sync', path);
          await file.sync();
          size.synced = size.written;
        },
        async truncate(to) {
          check('truncate', path);
          await file.truncate(to);
          size.written = to;
        },
        async close() {
          // The system closes files of dead processes too; only the report may fail.
          await file.close();
          check('close', path);
        },
      };
    },
    async createFolder(path) {
      check('createFolder', path);
      const made = await diskFiles.createFolder(path);
      if (made) unsyncedNames.push({ folder: dirname(path), undo: () => rm(path, { recursive: true, force: true }) });
      return made;
    },
    async rename(from, to) {
      check('rename', to);
      await diskFiles.rename(from, to);
      const size = sizes.get(from);
      if (size) sizes.set(to, size);
      sizes.delete(from);
      unsyncedNames.push({ folder: dirname(to), undo: () => rename(to, from) });
    },
    async remove(path) {
      check('remove', path);
      const bytes = await readFile(path).catch(() => undefined);
      await diskFiles.remove(path);
      if (bytes) unsyncedNames.push({ folder: dirname(path), undo: () => writeFile(path, bytes) });
    },
    async syncFolder(path) {
      check('syncFolder', path);
      await diskFiles.syncFolder(path);
      unsyncedNames = unsyncedNames.filter(({ folder }) => folder !== path);
    },
  };

  return {
    files,
    operations: () => count,
    async losePower(keep) {
      if (keep === 'all') return;
      for (const [path, { written, synced }] of sizes) {
        const size = synced + (keep === 'half' ? Math.floor((written - synced) / 2) : 0);
        if (size < written) await truncate(path, size).catch(() => undefined);
      }
      // A name that was given twice (equal chunks put at once) is taken back once.
      for (const { undo } of unsyncedNames.toReversed()) await undo().catch(ignoreMissing);
      unsyncedNames = [];
    },
  };
}

/** Faults for a process that dies at its N-th file operation: that one and all later ones never happen. */
export function dyingAt(n: number): (operation: FileOperation) => Fault | undefined {
  return ({ count }) => (count >= n ? { code: 'EIO' } : undefined);
}

function systemError({ code }: Fault): Error {
  return Object.assign(new Error(`${code}: injected by a test`), { code });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
