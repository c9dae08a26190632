/**
 * When open metric points become chunks: at 200,000 of a run, when a run ends, when the host closes, else after a
 * minute; while teammates watch, after 1 % of the run's age (2 s at least), because they see what is sealed.
 *
 * The order is what makes `kill -9` harmless: chunk, then one transaction that names the chunk, the summary and the
 * sequence number up to which the log is in it, durable; then a `sealed` record. Whoever comes back in between finds
 * the number in the document and forgets those points of the log.
 */
import { documentName, hostFields, mergeMetricSummaries, type MetricSummary, type RunRow } from '#model';
import { recordType, type AppendLog } from '#store';
import type { LiveCatalog } from './catalog.ts';
import type { Facts } from './facts.ts';
import { encodeSealed } from './pointsRecord.ts';
import type { Replicas } from './replicas.ts';
import type { Series } from './series.ts';

export interface Sealing {
  /** At start, after the catalog is filled: forgets points that documents say are sealed. */
  recover(): void;
  /** Points were logged; large amounts are sealed soon. */
  pointsLogged(count: number): void;
  /** A run is over: it is sealed in a moment. */
  ended(runId: string): void;
  /** Seals a run now. */
  seal(runId: string): Promise<void>;
  /** Seals every run, until all are or the time (ms) is up; what is left stays in the log. Resolves to whether all are. */
  sealAll(withinMs?: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface SealingOptions {
  log: AppendLog;
  series: Series;
  catalog: LiveCatalog;
  replicas: Replicas;
  facts: Facts;
  hostId: string;
  /** Whether teammates are connected. */
  isWatched(): boolean;
  /** Brings a chunk to the team before a document names it; resolves soon, also when that cannot be done now. */
  share(chunk: string): Promise<void>;
  onProblem(message: string): void;
  now: () => number;
  /** How often open points are looked at, ms. */
  everyMs?: number;
}

const maxOpenPoints = 200_000;
const maxOpenMs = 60_000;
const minWatchedMs = 2000;
/** So many chunks of a run are merged even while it goes on. */
const manyChunks = 24;
/** Runs sealed at the same time: enough to share their way to the disk, few enough to let requests in between. */
const sealedAtOnce = 16;

export function createSealing(options: SealingOptions): Sealing {
  const { log, series, catalog, replicas, facts, hostId, isWatched, share, onProblem, now, everyMs = 1000 } = options;
  const running = new Map<string, Promise<void>>();
  /** Chunks named in a document that could not be made durable yet, by run: up to which number. */
  const unfinished = new Map<string, number>();
  /** Runs that wait for their turn. */
  const due = new Set<string>();
  let workers = 0;
  let sinceLook = 0;
  const timer = setInterval(look, everyMs).unref();

  /** Seals what is due. */
  function look(): void {
    sinceLook = 0;
    const watched = isWatched();
    for (const { runId, points, since } of series.openRuns()) {
      const row = catalog.runRow(runId);
      if (!row || running.has(runId)) continue;
      const age = now() - row.record.startedAt;
      const limit = watched ? Math.min(Math.max(age / 100, minWatchedMs), maxOpenMs) : maxOpenMs;
      if (points >= maxOpenPoints || now() - since >= limit) sealSoon(runId);
    }
  }

  function sealSoon(runId: string): void {
    due.add(runId);
    if (workers < sealedAtOnce) void work();
  }

  async function work(): Promise<void> {
    workers += 1;
    for (const runId of due) {
      due.delete(runId);
      await seal(runId).catch((error: Error) => onProblem(`Metric points stay in the log for now: ${error.message}`));
    }
    workers -= 1;
  }

  /** One sealing of a run at a time. */
  function seal(runId: string): Promise<void> {
    const before = running.get(runId) ?? Promise.resolve();
    const next = before
      .catch(() => undefined)
      .then(() => sealOnce(runId))
      .finally(() => {
        if (running.get(runId) === next) running.delete(runId);
      });
    running.set(runId, next);
    return next;
  }

  async function sealOnce(runId: string): Promise<void> {
    const row = catalog.runRow(runId);
    if (!row) return;
    const name = documentName.experiment(row.record.experimentId);
    const pending = unfinished.get(runId);
    if (pending !== undefined) {
      await replicas.durable(name);
      finish(runId, pending);
    }
    const written = await series.writeChunk(runId);
    const part = catalog.ownPart({ kind: 'run', id: runId });
    if (!written || !part) return facts.fold({ kind: 'run', id: runId });
    await share(written.pointer.chunk);
    let folded = (): void => undefined;
    await replicas.edit(name, (table) => {
      const sealed = {
        series: [...(part.series ?? []).filter(({ chunk }) => chunk !== written.pointer.chunk), written.pointer],
        summary: mergeAll(part.summary, written.summary),
        sealed: written.upTo,
      };
      table('runs').patch(runId, hostFields(hostId, { ...part, ...sealed }));
      // Only now: were the document to refuse, these points would otherwise be forgotten as sealed.
      Object.assign(part, sealed);
      unfinished.set(runId, written.upTo);
      folded = facts.folding({ kind: 'run', id: runId });
    });
    finish(runId, written.upTo);
    folded();
    await compact(row, name);
  }

  function finish(runId: string, upTo: number): void {
    unfinished.delete(runId);
    log.append(recordType.sealed, encodeSealed({ runId, upTo }));
    series.sealed(runId, upTo);
    catalog.changed({ kind: 'run', id: runId }, 'metrics');
  }

  /** Merges small chunks of a run when it is over or has many. */
  async function compact({ record }: RunRow, name: string): Promise<void> {
    const part = catalog.ownPart({ kind: 'run', id: record.id });
    if (!part?.series || (record.endedAt === undefined && part.series.length < manyChunks)) return;
    const before = part.series;
    const merged = await series.compact(before);
    if (!merged || part.series !== before) return;
    await replicas.edit(name, (table) => {
      table('runs').patch(record.id, hostFields(hostId, { series: merged }));
      part.series = merged;
    });
  }

  return {
    recover() {
      for (const { runId } of series.openRuns()) {
        const sealed = catalog.ownPart({ kind: 'run', id: runId })?.sealed;
        // A greater number is of another life of this log, which a backup was put back in place of: its records are not ours.
        if (sealed !== undefined && sealed <= log.lastSeq) series.sealed(runId, sealed);
        catalog.changed({ kind: 'run', id: runId }, 'metrics');
      }
    },
    pointsLogged(count) {
      sinceLook += count;
      if (sinceLook >= maxOpenPoints) look();
    },
    ended: sealSoon,
    seal,
    async sealAll(withinMs = Infinity) {
      const waiting = series.openRuns().values();
      const upTo = log.lastSeq;
      const until = performance.now() + withinMs;
      let all = true;
      const work = async (): Promise<void> => {
        for (const { runId } of waiting) {
          // One chunk takes a million points at most; stop when nothing moves, as with a run that no document knows.
          for (let next = series.neededFrom(runId), before = -1; next <= upTo && next !== before; next = series.neededFrom(runId)) {
            if (performance.now() > until) {
              all = false;
              break;
            }
            before = next;
            await seal(runId);
          }
        }
      };
      // Many at once share their way to the disk.
      await Promise.all(Array.from({ length: 64 }, work));
      return all;
    },
    async close() {
      clearInterval(timer);
      due.clear();
      await Promise.allSettled(running.values());
    },
  };
}

function mergeAll(a: Readonly<Record<string, MetricSummary>> | undefined, b: Readonly<Record<string, MetricSummary>>): Record<string, MetricSummary> {
  const merged = Object.assign(Object.create(null) as Record<string, MetricSummary>, a);
  for (const key in b) merged[key] = merged[key] ? mergeMetricSummaries(merged[key], b[key]!) : b[key]!;
  return merged;
}
