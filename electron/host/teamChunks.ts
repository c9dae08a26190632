/**
 * Chunks to and from the team's relay: offers those this host names (the relay says which it lacks), fetches those that
 * teammates named. Checked against their names on both ends; a transfer that breaks goes on where it stopped.
 *
 * A teammate's chunk that the relay does not have yet is asked for again, ever less often. What the relay confirmed is
 * asked again after each reconnection, so a relay that lost its data gets everything back.
 */
import { Readable } from 'node:stream';
import type { Chunks } from '#store';
import type { TeamLink } from './teamLink.ts';

/** Which chunks the documents of this host name. */
export interface ChunkPointers {
  /** Of this host's own runs and models: to be offered. */
  own(): Iterable<string> | AsyncIterable<string>;
  /** All that any document names, own ones included or not: to be held. */
  wanted(): Iterable<string> | AsyncIterable<string>;
  /** Either changed. Returns its undo. */
  onChanged(listener: () => void): () => void;
}

export interface ChunkExchange {
  /** Own chunks that the relay has not confirmed. */
  readonly unshared: number;
  /** Chunks named by documents and not held here. */
  readonly missing: number;
  /** Hashes that the relay confirmed. */
  confirmed(): string[];
  /** Grows with each change of `confirmed`. */
  readonly revision: number;
  /** Compares and transfers; runs once at a time, again when asked meanwhile. `anew`: asks also what was confirmed earlier. */
  run(anew?: boolean): void;
  /** The relay is another one, or lost its data: nothing counts as confirmed any more. */
  forget(): void;
  /** Resolves once the relay has these, or at once when it cannot be asked now. */
  share(hashes: readonly string[]): Promise<void>;
  close(): void;
}

export interface ChunkExchangeOptions {
  chunks: Chunks;
  pointers: ChunkPointers;
  link: TeamLink;
  readOnly: boolean;
  /** Confirmed before this host was started. */
  confirmed: Iterable<string>;
  onChange: () => void;
  log: (event: string, details: Record<string, unknown>) => void;
}

const batchSize = 5000;
const transfersAtOnce = 3;
const firstRetryMs = 1000;
const lastRetryMs = 60_000;
const resumes = 5;

export function createChunkExchange(options: ChunkExchangeOptions): ChunkExchange {
  const { chunks, pointers, link, readOnly, onChange, log } = options;
  const confirmed = new Set(options.confirmed);
  let revision = 0;
  const held = new Set<string>();
  /** When a chunk that could not be had may be asked for again, and after how long the time after. */
  const rests = new Map<string, { until: number; ms: number }>();
  let unshared = 0;
  let missing = 0;
  let running = false;
  let again = false;
  /** Earlier confirmations are to be asked again. */
  let doubt = true;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const online = (): boolean => !closed && link.current.state === 'online';

  const offer = async (hashes: readonly string[], trust: boolean): Promise<void> => {
    for (let at = 0; at < hashes.length && online(); at += batchSize) {
      const batch = hashes.slice(at, at + batchSize).filter((hash) => !trust || !confirmed.has(hash));
      if (batch.length === 0) continue;
      const lacking = new Set(await askMissing(link, batch));
      revision += 1;
      for (const hash of batch) {
        if (lacking.has(hash)) confirmed.delete(hash);
        else confirmed.add(hash);
      }
      await inParallel([...lacking], async (hash) => {
        // One that is not here either (deleted, damaged) stays unshared and is said to be.
        if (!online() || !(await chunks.has(hash))) return;
        await upload(chunks, link, hash);
        confirmed.add(hash);
        revision += 1;
        onChange();
      });
    }
  };

  const fetchMissing = async (hashes: readonly string[]): Promise<void> => {
    const due = hashes.filter((hash) => (rests.get(hash)?.until ?? 0) <= Date.now());
    await inParallel(due, async (hash) => {
      if (!online()) return;
      try {
        await chunks.put(Readable.from(download(link, hash, online), { objectMode: false }), { hash });
        rests.delete(hash);
        held.add(hash);
        missing -= 1;
        onChange();
      } catch (error) {
        const ms = Math.min(lastRetryMs, (rests.get(hash)?.ms ?? firstRetryMs / 2) * 2);
        rests.set(hash, { until: Date.now() + ms, ms });
        if (!(error instanceof NotThereError)) log('chunkFailed', { hash, error: String(error) });
      }
    });
  };

  const compare = async (): Promise<void> => {
    const own: string[] = [];
    if (!readOnly) for await (const hash of pointers.own()) own.push(hash);
    unshared = own.filter((hash) => !confirmed.has(hash)).length;
    const lacking: string[] = [];
    for await (const hash of pointers.wanted()) {
      if (held.has(hash)) continue;
      if (await chunks.has(hash)) held.add(hash);
      else lacking.push(hash);
    }
    missing = lacking.length;
    onChange();
    if (!online()) return;
    await offer(own, !doubt);
    doubt = false;
    unshared = own.filter((hash) => !confirmed.has(hash)).length;
    await fetchMissing(lacking);
    onChange();
  };

  const schedule = (): void => {
    clearTimeout(timer);
    const next = Math.min(...[...rests.values()].map(({ until }) => until), unshared > 0 ? Date.now() + firstRetryMs : Infinity);
    if (closed || !Number.isFinite(next) || !online()) return;
    timer = setTimeout(() => run(), Math.max(50, next - Date.now())).unref();
  };

  const loop = async (): Promise<void> => {
    running = true;
    try {
      do {
        again = false;
        await compare();
      } while (again && !closed);
    } catch (error) {
      log('chunksFailed', { error: String(error) });
    } finally {
      running = false;
      schedule();
    }
  };

  const run = (anew = false): void => {
    if (closed) return;
    doubt ||= anew;
    if (running) again = true;
    else void loop();
  };

  const undo = pointers.onChanged(() => run());

  return {
    get unshared() {
      return unshared;
    },
    get missing() {
      return missing;
    },
    confirmed: () => [...confirmed],
    get revision() {
      return revision;
    },
    run,
    forget() {
      confirmed.clear();
      revision += 1;
    },
    async share(hashes) {
      if (!online() || readOnly) return;
      // Not being able to is no reason to hold back a pointer: it is offered again until it succeeds.
      await offer(hashes, true).catch((error: unknown) => log('chunksFailed', { error: String(error) }));
    },
    close() {
      closed = true;
      clearTimeout(timer);
      undo();
    },
  };
}

async function askMissing(link: TeamLink, hashes: string[]): Promise<string[]> {
  const response = await link.request('chunks/missing', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ hashes }),
    signal: AbortSignal.timeout(60_000),
  });
  if (!response.ok) throw new Error(`The relay answered ${response.status} when asked for missing chunks.`);
  const { missing } = (await response.json()) as { missing?: unknown };
  const asked = new Set(hashes);
  return Array.isArray(missing) ? missing.filter((hash): hash is string => typeof hash === 'string' && asked.has(hash)) : [];
}

async function upload(chunks: Chunks, link: TeamLink, hash: string): Promise<void> {
  const body = Readable.toWeb(await chunks.stream(hash)) as ReadableStream<Uint8Array>;
  const response = await link.request(`chunks/${hash}`, { method: 'PUT', body, duplex: 'half' });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The relay answered ${response.status} to an upload.`);
}

class NotThereError extends Error {}

/** The bytes of a chunk, asked for again from where a broken answer ended. */
async function* download(link: TeamLink, hash: string, online: () => boolean): AsyncGenerator<Uint8Array> {
  let at = 0;
  let total = Infinity;
  for (let attempt = 0; at < total; attempt++) {
    const response = await link.request(`chunks/${hash}`, at > 0 ? { headers: { range: `bytes=${at}-` } } : {});
    if (response.status === 404) throw new NotThereError('The relay does not have it yet.');
    if (response.status !== (at > 0 ? 206 : 200) || !response.body) throw new Error(`The relay answered ${response.status}.`);
    if (total === Infinity) total = Number(response.headers.get('content-length') ?? NaN);
    if (!Number.isSafeInteger(total)) throw new Error('The relay did not say how long the chunk is.');
    try {
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
        at += piece.length;
        yield piece;
      }
    } catch (error) {
      if (attempt >= resumes || !online()) throw error;
    }
  }
}

/** Does `work` for each, a few at a time; rejects with the first failure after all have ended. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const item of { [Symbol.iterator]: () => queue }) await work(item).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: transfersAtOnce }, lane));
  if (failures.length > 0) throw failures[0];
}
