/**
 * Which steps of several runs to show when there are too many, so that all runs show the same ones: as MLflow's
 * get-history-bulk-interval wants it.
 */
import { lowerBound, upperBound } from './downsample.ts';

export interface Interval {
  /** Bounds of the step, both inside; everything when left out. */
  start?: number;
  end?: number;
  /** How many steps to take evenly; the last one, and each run's first and last inside, are added. */
  maxResults: number;
}

/**
 * The steps to show, ascending: all steps that any run has inside the interval while there are at most `maxResults`;
 * otherwise so many of them evenly by rank, the last one, and each run's first and last step where they lie inside.
 * Each run's steps must be ascending; repeats are fine.
 */
export function sampleSteps(stepsByRun: readonly Float64Array[], { start = -Infinity, end = Infinity, maxResults }: Interval): Float64Array {
  const steps = union(stepsByRun.map((steps) => steps.subarray(lowerBound(steps, start, 0), upperBound(steps, end, 0))));
  if (steps.length <= maxResults) return steps;
  const chosen = new Set<number>();
  for (let i = 0; i < maxResults; i += 1) chosen.add(steps[Math.floor((i * steps.length) / maxResults)]!);
  chosen.add(steps[steps.length - 1]!);
  for (const run of stepsByRun) {
    for (const edge of [run[0], run[run.length - 1]]) if (edge !== undefined && edge >= start && edge <= end) chosen.add(edge);
  }
  return Float64Array.from(chosen).sort();
}

/** Distinct values of several ascending columns, ascending. */
function union(columns: readonly Float64Array[]): Float64Array {
  const [only] = columns;
  if (only && columns.length === 1 && isDistinct(only)) return only;
  const all = new Float64Array(columns.reduce((sum, column) => sum + column.length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  // Runs of one project mostly share their steps; one run alone is in order already.
  if (columns.length > 1) all.sort();
  let kept = 0;
  for (let i = 0; i < all.length; i += 1) if (i === 0 || all[i] !== all[i - 1]) all[kept++] = all[i]!;
  return all.slice(0, kept);
}

function isDistinct(ascending: Float64Array): boolean {
  for (let i = 1; i < ascending.length; i += 1) if (ascending[i] === ascending[i - 1]) return false;
  return true;
}
