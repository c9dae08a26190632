/**
 * Metric points of a host: logged as `points` records, visible at once, sealed into chunks later, read back as the
 * union of all chunks of a run (every host's) and the points that are still open here. Points are a set on
 * (step, time, value), so a point that is in a chunk and still open, or in two chunks, is there once.
 *
 *   const seq = series.log(runId, points); await log.durable(seq);      // acknowledged from here on
 *   const { step, time, value } = await series.read(runId, 'loss');
 *
 * Sealing is in three steps, so that a crash between any two loses and doubles nothing:
 *
 *   const sealed = await series.writeChunk(runId);                      // bytes before pointer
 *   …the caller puts sealed.pointer into the run's document, durable, and a `sealed` record into the log…
 *   series.sealed(runId, sealed.upTo);
 *
 * What `read` returns may be shared with a cache: treat it as read-only.
 */
import type { AppendLog, Chunks, LogRecord } from '#store';
import { StoreError, recordType } from '#store';
import { emptyColumns, extendColumns, mergeColumns, type Columns } from '#compute';
import { encodeSeries, openSeries, SeriesError, seriesLimits, type MetricSummary, type Point, type PointColumns, type SeriesChunk } from '#model';
import { compress, decompress } from './deflate.ts';
import { createLru } from './lru.ts';
import { createOpenPoints, type OpenPoints } from './openPoints.ts';
import { decodePoints, decodeSealed, encodePoints } from './pointsRecord.ts';
import type { SeriesColumns, SeriesReader } from './ports.ts';

/** Element of the field `series.<host>` of a run. */
export interface SeriesPointer {
  /** Hash of a series chunk. */
  chunk: string;
  /** Points in it. */
  points: number;
  /** When it was written, ms since the epoch. */
  at: number;
}

export interface SeriesOptions {
  log: AppendLog;
  chunks: Chunks;
  /** All chunks of a run, of every host, as its document has them now. */
  pointers(runId: string): SeriesPointer[];
  /** Bytes of decoded columns to keep; 256 MB. */
  cacheBytes?: number;
  now?: () => number;
}

export interface SeriesRead extends SeriesColumns {
  /** Chunks that are not on this disk yet: their points are still at a teammate's. */
  missing: string[];
  /** Chunks that are here and cannot be read, and why. Their points are left out. */
  unreadable: { chunk: string; message: string }[];
}

export interface Series extends SeriesReader {
  read(runId: string, key: string): Promise<SeriesRead>;
  /** Takes a `points` or `sealed` record of the own log at start; false when it is of another type. StoreError `damaged` or `too_new`. */
  replay(record: LogRecord): boolean;
  /**
   * Appends one `points` record and returns its sequence number; the points are visible at once and acknowledged when
   * `log.durable(seq)` resolves. DaybookError `invalid_argument` (nothing appended) for a step or time that is not finite.
   */
  log(runId: string, points: readonly Point[]): number;
  /** `log.durable` of that record failed: it is not stored, and its points are shown no longer. */
  revoke(runId: string, seq: number): void;
  /** Summaries of the open points of this host, by metric; a point sealed but not forgotten yet still counts. */
  openSummary(runId: string): Record<string, MetricSummary>;
  /** Runs with open points; `since` is when the oldest came, ms since the epoch. */
  openRuns(): { runId: string; points: number; since: number }[];
  /** Number of the oldest record with open points, of one run or of all: the log is needed from there on. Infinity when none is open. */
  neededFrom(runId?: string): number;
  /**
   * Writes the open points of a run as one chunk (of the oldest million when there are more) and returns its pointer,
   * the number of the last record in it and a summary of its points; undefined when nothing is open. The points stay open until `sealed`.
   */
  writeChunk(runId: string): Promise<{ pointer: SeriesPointer; upTo: number; summary: Record<string, MetricSummary> } | undefined>;
  /** The pointer is durable in the document: open points of records up to that number are forgotten. */
  sealed(runId: string, upTo: number): void;
  /**
   * Merges chunks of similar size into one when there are eight of them; returns the pointers that stand for the same
   * points, or undefined when there is nothing to do. Chunks that are missing or unreadable keep their pointers.
   */
  compact(pointers: readonly SeriesPointer[]): Promise<SeriesPointer[] | undefined>;
}

export function createSeries({ log, chunks, pointers, cacheBytes = 256 * 2 ** 20, now = Date.now }: SeriesOptions): Series {
  const open = new Map<string, OpenPoints>();
  const opened = createLru<SeriesChunk>(cacheBytes / 4);
  const opening = new Map<string, Promise<SeriesChunk>>();
  const sealedColumns = createLru<SealedColumns>(cacheBytes);

  function openPointsOf(runId: string): OpenPoints {
    const known = open.get(runId);
    if (known) return known;
    const created = createOpenPoints(now);
    open.set(runId, created);
    return created;
  }

  function forget(runId: string, upTo: number, from?: number): void {
    const points = open.get(runId);
    points?.forget(upTo, from);
    if (points?.points === 0) open.delete(runId);
  }

  /** Opens a chunk once, however many ask for it at the same time. */
  function openChunk(hash: string): Promise<SeriesChunk> {
    const known = opened.get(hash);
    if (known) return Promise.resolve(known);
    const pending = opening.get(hash);
    if (pending) return pending;
    const started = loadChunk(chunks, hash)
      .then(({ chunk, bytes }) => {
        opened.set(hash, chunk, bytes);
        return chunk;
      })
      .finally(() => opening.delete(hash));
    opening.set(hash, started);
    return started;
  }

  /** The points of a metric in the given chunks, from the cache as far as it goes. */
  async function readSealed(runId: string, key: string, hashes: readonly string[]): Promise<SealedColumns & ReadProblems> {
    const id = `${runId}\n${key}`;
    const problems: ReadProblems = { missing: [], unreadable: [] };
    const cached = sealedColumns.get(id);
    const usable = cached?.chunks.every((hash) => hashes.includes(hash)) ? cached : undefined;
    const added = hashes.filter((hash) => !usable?.chunks.includes(hash));
    if (usable && added.length === 0) return { ...usable, ...problems };
    const parts: Columns[] = [];
    const read = usable ? [...usable.chunks] : [];
    for (const hash of added) {
      try {
        const chunk = await openChunk(hash);
        checkRun(chunk, runId);
        parts.push(await chunk.read(key));
        read.push(hash);
      } catch (error) {
        note(error, hash, problems);
      }
    }
    const result = { chunks: read, columns: extendColumns(usable?.columns ?? emptyColumns(), mergeColumns(parts)) };
    sealedColumns.set(id, result, result.columns.step.length * bytesPerPoint + 100 * read.length + 1000);
    return { ...result, ...problems };
  }

  return {
    replay({ type, seq, payload }) {
      if (type === recordType.points) {
        const { runId, keys, forEach } = decodePoints(payload);
        const points = openPointsOf(runId);
        forEach((key, step, time, value) => points.add(keys[key]!, seq, step, time, value));
        return true;
      }
      if (type !== recordType.sealed) return false;
      const { runId, upTo } = decodeSealed(payload);
      forget(runId, upTo);
      return true;
    },

    log(runId, points) {
      if (points.length === 0) return log.lastSeq;
      const seq = log.append(recordType.points, encodePoints(runId, points));
      const to = openPointsOf(runId);
      for (const { key, step, time, value } of points) to.add(key, seq, step + 0, time + 0, value);
      return seq;
    },

    async read(runId, key) {
      // Both in the same moment: sealing moves points from the one to the other, never leaving them in neither.
      const hashes = [...new Set(pointers(runId).map(({ chunk }) => chunk))];
      const openColumns = open.get(runId)?.columns(key);
      const { columns, missing, unreadable } = await readSealed(runId, key, hashes);
      return { ...(openColumns ? extendColumns(columns, mergeColumns([openColumns])) : columns), missing, unreadable };
    },

    revoke: (runId, seq) => forget(runId, seq, seq),

    openSummary: (runId) => open.get(runId)?.summary() ?? {},

    openRuns: () => [...open].map(([runId, { points, since }]) => ({ runId, points, since })),

    neededFrom(runId) {
      if (runId !== undefined) return open.get(runId)?.firstSeq() ?? Infinity;
      let first = Infinity;
      for (const points of open.values()) first = Math.min(first, points.firstSeq());
      return first;
    },

    async writeChunk(runId) {
      const points = open.get(runId);
      if (!points) return undefined;
      const upTo = points.sealableUpTo(maxChunkPoints);
      const series = new Map<string, PointColumns>();
      for (const key of points.keys()) {
        const columns = points.columns(key, upTo);
        if (columns) series.set(key, mergeColumns([columns]));
      }
      const summary = points.summary(upTo);
      return { pointer: await putChunk(chunks, runId, series, now()), upTo, summary };
    },

    sealed: (runId, upTo) => forget(runId, upTo),

    async compact(all) {
      const tier = fullTier(all);
      if (!tier) return undefined;
      const merged: SeriesPointer[] = [];
      const parts = new Map<string, PointColumns[]>();
      let runId: string | undefined;
      let points = 0;
      for (const pointer of tier) {
        try {
          const chunk = await openChunk(pointer.chunk);
          checkRun(chunk, (runId ??= chunk.runId));
          const series = await chunk.readAll();
          const added = sum([...series.values()].map(({ step }) => step.length));
          if (points + added > maxMergedPoints || parts.size + series.size > maxMergedKeys) break;
          points += added;
          for (const [key, columns] of series) parts.set(key, [...(parts.get(key) ?? []), columns]);
          merged.push(pointer);
        } catch (error) {
          // It keeps its pointer: what cannot be read now may be fetched or repaired later.
          note(error, pointer.chunk, { missing: [], unreadable: [] });
        }
      }
      if (runId === undefined || merged.length < 2) return undefined;
      const series = new Map([...parts].map(([key, columns]) => [key, mergeColumns(columns)]));
      const pointer = await putChunk(chunks, runId, series, Math.max(...merged.map(({ at }) => at)));
      return [...all.filter((kept) => !merged.includes(kept) && kept.chunk !== pointer.chunk), pointer];
    },
  };
}

/** Points of one metric in some chunks of its run. */
interface SealedColumns {
  chunks: string[];
  columns: Columns;
}

type ReadProblems = Pick<SeriesRead, 'missing' | 'unreadable'>;

const bytesPerPoint = 24;
/** Encoding is done between requests; more at once would be felt. */
const maxChunkPoints = 1_000_000;
/** Well below `seriesLimits`, and 48 MB while it is done. */
const maxMergedPoints = 2_000_000;
const maxMergedKeys = 200_000;

async function loadChunk(chunks: Chunks, hash: string): Promise<{ chunk: SeriesChunk; bytes: number }> {
  // A pointer comes out of a document that teammates write too: it may name anything.
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new SeriesError('damaged', 'The pointer to this series chunk is not a SHA-256 hash.');
  const size = (await chunks.info(hash))?.size ?? 0;
  if (size > seriesLimits.bytes) throw new SeriesError('damaged', `This chunk has ${size} bytes; a series chunk has at most ${seriesLimits.bytes}.`);
  const chunk = await openSeries(await chunks.get(hash), decompress);
  return { chunk, bytes: size + 200 * chunk.keys.size + 1000 };
}

async function putChunk(chunks: Chunks, runId: string, series: ReadonlyMap<string, PointColumns>, at: number): Promise<SeriesPointer> {
  const { hash } = await chunks.put(await encodeSeries(runId, series, compress));
  return { chunk: hash, points: sum([...series.values()].map(({ step }) => step.length)), at };
}

/** A chunk says whose points it holds; one that is pointed to from another run is not believed. */
function checkRun(chunk: SeriesChunk, runId: string): void {
  if (chunk.runId !== runId) throw new SeriesError('damaged', `This series chunk belongs to run ${chunk.runId}, not ${runId}.`);
}

/** Notes what is wrong with one chunk so that the others can be read; a closed store is another matter. */
function note(error: unknown, chunk: string, { missing, unreadable }: ReadProblems): void {
  if (error instanceof StoreError && error.code === 'not_found') missing.push(chunk);
  else if (error instanceof SeriesError || (error instanceof StoreError && error.code !== 'closed')) unreadable.push({ chunk, message: error.message });
  else throw error;
}

/** Up to 32 of the smallest size class with at least eight chunks; classes are powers of eight, and what is large stays. */
function fullTier(pointers: readonly SeriesPointer[]): SeriesPointer[] | undefined {
  const tiers: SeriesPointer[][] = [];
  for (const pointer of pointers) {
    const tier = Math.max(0, Math.floor(Math.log2(Math.max(1, pointer.points)) / 3));
    if (tier <= largestTier) (tiers[tier] ??= []).push(pointer);
  }
  return tiers.find((tier) => tier !== undefined && tier.length >= 8)?.slice(0, 32);
}

/** 8^6 = 262,144 points: eight of the class below it give about a million. */
const largestTier = 5;

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

