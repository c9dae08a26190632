/** One relay a folder: a lock file with the owner's process id; a dead owner's lock is taken over. */
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '#store';

/** Holds the folder until the returned function is called. StoreError `invalid_argument` while another process does. */
export async function holdFolder(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => unlink(path).catch(() => undefined);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner && isAlive(owner)) {
      throw new StoreError('invalid_argument', `Process ${owner} already runs a relay on this folder. Stop it, or delete the file "lock" in it if that is something else.`);
    }
    await unlink(path).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
