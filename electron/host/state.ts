/**
 * Small JSON files that survive anything: a lowdb adapter that writes a new file, syncs it, keeps the previous copy and
 * renames. Lines are readable; the first line carries the CRC-32 of all that follows, so that a damaged file is known.
 * A damaged file is renamed to `<name>.corrupt-<time>` and never overwritten; the previous copy is read instead.
 *
 *   const file = createStateFile({ path, format: 1, schema, onDamaged: log });
 *   const data = await file.read();      // undefined: there is none, or none that is whole
 *   await file.write(data);
 */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { Low, type Adapter } from 'lowdb';
import type { z } from 'zod';
import { DaybookError } from '#contract';

export interface StateFile<T> {
  /** DaybookError `too_new` when a newer version wrote it. */
  read(): Promise<T | undefined>;
  /** Resolves when the new content is on the disk under its name. */
  write(data: T): Promise<void>;
}

export interface StateFileOptions<T> {
  path: string;
  /** The newest format this version reads; the field `format` of the content. */
  format: number;
  schema: z.ZodType<T>;
  onDamaged?: (message: string) => void;
  /** Access rights of the file; 0o644. */
  mode?: number;
}

export function createStateFile<T>(options: StateFileOptions<T>): StateFile<T> {
  const adapter = createAdapter(options);
  // One a use: the content belongs to whoever reads or writes it, and keeping it here would double it in memory.
  const openLow = (content?: T): Low<Held<T>> => new Low<Held<T>>(adapter, { content });
  return {
    async read() {
      const low = openLow();
      await low.read();
      return low.data.content;
    },
    write: (data) => openLow(data).write(),
  };
}

/** What lowdb holds: it wants an object even where there is nothing. */
interface Held<T> {
  content: T | undefined;
}

/** Nothing we write is larger; a text beyond half a gigabyte cannot be a JavaScript string. */
const maxBytes = 400 * 2 ** 20;

function createAdapter<T>({ path, format, schema, onDamaged, mode = 0o644 }: StateFileOptions<T>): Adapter<Held<T>> {
  const previous = `${path}.previous`;

  async function readOne(file: string): Promise<T | undefined> {
    const size = await stat(file).then((found) => found.size, whenMissing);
    if (size === undefined) return undefined;
    const problem = (why: string): Promise<undefined> => putAside(file, why, onDamaged);
    if (size > maxBytes) return problem(`it has ${size} bytes`);
    const text = await readFile(file, 'utf8');
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch {
      return problem('it is not JSON');
    }
    if (typeof content !== 'object' || content === null || Array.isArray(content)) return problem('it is no JSON object');
    const head = content as { format?: unknown; crc32?: unknown };
    if (typeof head.format === 'number' && head.format > format) {
      throw new DaybookError('too_new', `${basename(file)} has format ${head.format}; this version of Daybook reads up to ${format}. Update Daybook.`);
    }
    if (head.crc32 !== checksum(text.slice(text.indexOf('\n') + 1))) return problem('its checksum does not match');
    const parsed = schema.safeParse(content);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return problem(`${issue?.path.join('.') || 'its content'}: ${issue?.message ?? 'not as expected'}`);
  }

  return {
    read: async () => ({ content: (await readOne(path)) ?? (await readOne(previous)) }),

    async write({ content }) {
      const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
      const rest = bodyOf(content as object);
      try {
        const file = await open(temporary, 'wx', mode);
        try {
          await file.writeFile(`{"crc32":"${checksum(rest)}",\n${rest}`);
          await file.datasync();
        } finally {
          await file.close();
        }
        await rename(path, previous).catch(whenMissing);
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      await syncFolder(dirname(path));
    },
  };
}

/** Fsyncs a folder, so that names made in it survive a power loss. Systems that cannot do that do it by themselves. */
export async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function putAside(file: string, why: string, onDamaged?: (message: string) => void): Promise<undefined> {
  const aside = `${file}.corrupt-${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(2).toString('hex')}`;
  await rename(file, aside);
  onDamaged?.(`${basename(file)} is damaged (${why}); it was renamed to ${basename(aside)}.`);
  return undefined;
}

function whenMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return undefined;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

/** All of a JSON object but its opening brace, down to the third level one entry a line. */
function bodyOf(data: object): string {
  return `${lines(data, 3)}\n`.slice(2);
}

function lines(value: unknown, depth: number): string {
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return '{}';
  return `{\n${entries.map(([key, item]) => `${JSON.stringify(key)}: ${lines(item, depth - 1)}`).join(',\n')}\n}`;
}
