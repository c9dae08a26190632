/**
 * Answers `series.read`: one metric of many runs as lines for a chart, cut to the window and reduced to what its
 * pixels can show. Runs without such points are left out.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ParsedArgs, SeriesLine, SeriesResult } from '#contract';
import { downsample, mergeColumns, type Columns, type Line } from '#compute';
import type { Catalog, SeriesReader } from './ports.ts';

export interface ChartSources {
  catalog: Pick<Catalog, 'run'>;
  series: SeriesReader;
}

/** Lines in the order of `runIds`; `x` in steps, in seconds since the run's start (`relative`) or in ms since the epoch (`time`). */
export async function readChart({ catalog, series }: ChartSources, { runIds, key, x, from, to, buckets }: ParsedArgs<'series.read'>): Promise<SeriesResult> {
  const ids = [...new Set(runIds)];
  const found = new Map<string, SeriesLine>();
  const waiting = ids.values();
  let sinceYield = 0;

  async function work(): Promise<void> {
    for (const runId of waiting) {
      const columns = await series.read(runId, key);
      if (columns.step.length === 0) continue;
      const line = downsample(lineOf(columns, x, catalog.run(runId)?.startedAt ?? 0), { from, to, buckets });
      // A window onto a large cached column must not be sent, or kept, as the whole column.
      found.set(runId, { runId, x: line.x.slice(), y: line.y.slice(), points: line.points });
      sinceYield += columns.step.length;
      if (sinceYield < pointsPerTurn) continue;
      sinceYield = 0;
      await nextTurn();
    }
  }
  await Promise.all(Array.from({ length: readers }, work));

  return { lines: ids.flatMap((runId) => found.get(runId) ?? []) };
}

/** Runs read at the same time; reading waits for the disk and for decompression in the thread pool. */
const readers = 8;
/** About 5 ms of work, after which others get their turn. */
const pointsPerTurn = 200_000;

function lineOf(columns: Columns, x: ParsedArgs<'series.read'>['x'], startedAt: number): Line {
  if (x === 'step') return { x: columns.step, y: columns.value };
  // Points stand in the order of their steps; by time they may stand differently.
  const byTime = mergeColumns([{ step: columns.time, time: columns.step, value: columns.value }]);
  if (x === 'time') return { x: byTime.step, y: byTime.value };
  const origin = startedAt || byTime.step[0]!;
  return { x: byTime.step.map((time) => (time - origin) / 1000), y: byTime.value };
}
