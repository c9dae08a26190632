/**
 * Keeps one readable JSON file per document of tables (`state/workspace.json`, `state/experiment-<id>.json`) beside the
 * log: what people can read without this program, and what the catalog is filled from at start without opening
 * documents. The log is the truth: a file that does not reflect the newest record of its document is not used, only
 * replaced, and it is never read back into a document.
 *
 * Written when the document rested for two seconds, and never so often that writing takes more than a fiftieth of the time.
 */
import { z } from 'zod';
import { join } from 'node:path';
import type { Fields } from '#model';
import { createStateFile, type StateFile } from './state.ts';

export type MirroredRows = Record<string, Record<string, Fields>>;

export interface MirrorSource {
  /** All rows, by table and id. */
  rows(): MirroredRows;
  /** Resolves when what `rows` gave is durable in the log. */
  durable(): Promise<void>;
}

export interface Mirror {
  /** The rows of a document, when its file is whole and up to date. */
  read(name: string): Promise<MirroredRows | undefined>;
  /** From now on the document is open and can be written. */
  attach(name: string, source: MirrorSource): void;
  detach(name: string): void;
  /** The document changed. */
  touch(name: string): void;
  /** The document says the same as at position `from`, but its newest record is another one: a snapshot was written. */
  moved(name: string, from: number): Promise<void>;
  /** Writes a document's file (default: all) if it is behind. */
  flush(name?: string): Promise<void>;
  close(): Promise<void>;
}

export interface MirrorOptions {
  dir: string;
  /** Of whose log `position` speaks, and a mark of all other logs that were read: a file of other origin is not used. */
  origin: string;
  position(name: string): number;
  onProblem(message: string): void;
  minDelayMs?: number;
}

const stateFormat = 1;
const schema = z.object({
  format: z.literal(stateFormat),
  document: z.string(),
  origin: z.string(),
  position: z.number().int().min(0),
  tables: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))),
});
type StateData = z.output<typeof schema>;

interface Entry {
  file: StateFile<StateData>;
  source?: MirrorSource;
  dirty: boolean;
  timer?: NodeJS.Timeout;
  writing: Promise<void>;
  /** How long the last writing took, ms. */
  took: number;
  writtenAt: number;
}

export function createMirror({ dir, origin, position, onProblem, minDelayMs = 2000 }: MirrorOptions): Mirror {
  const entries = new Map<string, Entry>();
  let closed = false;

  function entryOf(name: string): Entry {
    let entry = entries.get(name);
    if (!entry) {
      const file = createStateFile({ path: join(dir, `${name.replace('/', '-')}.json`), format: stateFormat, schema, onDamaged: onProblem });
      entries.set(name, (entry = { file, dirty: false, writing: Promise.resolve(), took: 0, writtenAt: 0 }));
    }
    return entry;
  }

  async function write(name: string, entry: Entry): Promise<void> {
    if (!entry.dirty || !entry.source) return;
    entry.dirty = false;
    clearTimeout(entry.timer);
    delete entry.timer;
    const started = performance.now();
    const data: StateData = { format: stateFormat, document: name, origin, position: position(name), tables: entry.source.rows() };
    try {
      // A position that never reached the disk may be given to another record after a crash.
      await entry.source.durable();
      await entry.file.write(data);
    } catch (error) {
      entry.dirty = true;
      onProblem(`The state file of ${name} could not be written: ${(error as Error).message}`);
      throw error;
    } finally {
      entry.took = performance.now() - started;
      entry.writtenAt = performance.now();
    }
  }

  function flushOne(name: string, entry: Entry): Promise<void> {
    const next = entry.writing.catch(() => undefined).then(() => write(name, entry));
    entry.writing = next;
    return next;
  }

  function schedule(name: string, entry: Entry): void {
    if (entry.timer || closed) return;
    const rest = Math.max(minDelayMs, entry.writtenAt + 50 * entry.took - performance.now());
    // A failure has been told; the next change tries again.
    entry.timer = setTimeout(() => void flushOne(name, entry).catch(() => undefined), rest).unref();
  }

  return {
    async read(name) {
      const data = await entryOf(name).file.read();
      const current = data?.document === name && data.origin === origin && data.position === position(name);
      return current ? data.tables : undefined;
    },
    attach(name, source) {
      const entry = entryOf(name);
      entry.source = source;
      if (entry.dirty) schedule(name, entry);
    },
    detach(name) {
      const entry = entryOf(name);
      clearTimeout(entry.timer);
      delete entry.timer;
      delete entry.source;
    },
    touch(name) {
      const entry = entryOf(name);
      entry.dirty = true;
      schedule(name, entry);
    },
    async moved(name, from) {
      const entry = entryOf(name);
      const rewrite = async (): Promise<void> => {
        const data = entry.source ? undefined : await entry.file.read();
        if (entry.source) {
          entry.dirty = true;
          schedule(name, entry);
        } else if (data?.origin === origin && data.position === from) await entry.file.write({ ...data, position: position(name) });
      };
      await (entry.writing = entry.writing.catch(() => undefined).then(rewrite));
    },
    async flush(name) {
      const which = name === undefined ? [...entries] : [[name, entryOf(name)] as const];
      for (const [each, entry] of which) await flushOne(each, entry);
    },
    async close() {
      closed = true;
      for (const entry of entries.values()) clearTimeout(entry.timer);
      await Promise.allSettled([...entries.values()].map(({ writing }) => writing));
    },
  };
}
