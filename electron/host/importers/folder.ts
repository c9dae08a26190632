/**
 * Files below a folder that others made: sorted, with `/` between names whatever the system, and never outside. A link
 * is followed only to a file that lies inside `inside`; links to folders are not, since they can lead in circles.
 */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

export interface FoundFile {
  /** Relative to the folder, `/`-separated. */
  path: string;
  absolute: string;
  /** Bytes. */
  size: number;
}

/** Called with a relative path and why what is there is left out. */
export type LeftOut = (path: string, why: string) => void;

/**
 * All files below `folder` in name order; none when it does not exist. `inside` is the real path that links may not
 * leave. What cannot be read is passed to `leftOut`, not thrown.
 */
export async function listFiles(folder: string, inside: string, leftOut: LeftOut): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const visit = async (relative: string, depth: number): Promise<void> => {
    const entries = await readdir(path.join(folder, relative), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (!(error.code === 'ENOENT' && relative === '')) leftOut(relative, reasonOf(error));
      return [];
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = relative === '' ? entry.name : `${relative}/${entry.name}`;
      const absolute = path.join(folder, name);
      if (junk.has(entry.name)) continue;
      if (entry.isDirectory()) {
        if (depth >= deepest) leftOut(name, `more than ${deepest} folders deep`);
        else await visit(name, depth + 1);
        continue;
      }
      try {
        if (entry.isSymbolicLink() && !isInside(inside, await realpath(absolute))) {
          leftOut(name, 'a link that leads out of the folder');
          continue;
        }
        const { size, isFile } = await stat(absolute).then((each) => ({ size: each.size, isFile: each.isFile() }));
        if (isFile) found.push({ path: name, absolute, size });
        else leftOut(name, entry.isSymbolicLink() ? 'a link to a folder' : 'neither a file nor a folder');
      } catch (error) {
        leftOut(name, reasonOf(error));
      }
    }
  };
  const top = await lstat(folder).catch(() => undefined);
  if (top?.isDirectory()) await visit('', 0);
  else if (top) leftOut('', top.isSymbolicLink() ? 'a link, not followed' : 'not a folder');
  return found;
}

/** Names of the folders directly in `folder`, sorted, links left out; none when it does not exist. */
export async function listFolders(folder: string): Promise<string[]> {
  if (!(await isRealFolder(folder))) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** A folder and no link to one. */
export async function isRealFolder(folder: string): Promise<boolean> {
  return (await lstat(folder).catch(() => undefined))?.isDirectory() ?? false;
}

/** A file and no link. */
export async function isRealFile(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined))?.isFile() ?? false;
}

/** Whether `target` is `folder` or lies below it; both real paths. */
export function isInside(folder: string, target: string): boolean {
  const relative = path.relative(folder, target);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}

/** An error from the file system in a few words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it';
  if (code === 'ENOENT') return 'a link to nothing, or it is gone';
  return message ?? String(error);
}

const deepest = 64;
/** What file managers and editors leave behind. */
const junk = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini', '.gitkeep', '.ipynb_checkpoints', '__MACOSX']);
