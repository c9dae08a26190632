/**
 * Folders in which each file is one key and its content the value: the params, tags and metrics of an MLflow file store.
 * A slash in a key is a folder on disk. Values are the file's text as it is, line breaks included.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { listFiles, reasonOf, type FoundFile } from './folder.ts';

/** Longer values are left out; MLflow itself allows 6,000 characters in a param and 8,000 in a tag. */
export const longestValue = 100_000;
const longestKey = 250;

/** Where a source is read from, and where to say what is left out. */
export interface Source {
  /** Real path that is never left. */
  root: string;
  skip(path: string, why: string): void;
}

/** Key files of `folder` (relative to the root), sorted by key. */
export async function listKeys(source: Source, folder: string): Promise<FoundFile[]> {
  const files = await listFiles(path.join(source.root, folder), source.root, (file, why) => source.skip(file === '' ? folder : `${folder}/${file}`, why));
  return files.filter(({ path: key }) => {
    const problem = key.length > longestKey ? `the key has ${key.length} characters, more than ${longestKey}` : key === '__proto__' ? '"__proto__" cannot be a key' : undefined;
    if (problem !== undefined) source.skip(`${folder}/${key}`, problem);
    return problem === undefined;
  });
}

/** The texts in `folder` by key. */
export async function readKeyTexts(source: Source, folder: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const file of await listKeys(source, folder)) {
    const name = `${folder}/${file.path}`;
    // A character takes at most four bytes.
    if (file.size > longestValue * 4) {
      source.skip(name, `the value has ${file.size} bytes; at most ${longestValue} characters are taken`);
      continue;
    }
    try {
      const text = await readFile(file.absolute, 'utf8');
      if (text.length > longestValue) source.skip(name, `the value has ${text.length} characters, more than ${longestValue}`);
      else texts.set(file.path, text);
    } catch (error) {
      source.skip(name, reasonOf(error));
    }
  }
  return texts;
}
