/** From loaded rows to what the table shows: lines, which eyes are open, and what stands out in each metric. Pure. */
import type { Run } from '#model';
import { hasBetterEnd, lowerIsBetter } from './columns.ts';
import { parentTag, treeLines, type Line } from '../state/tree.ts';

/** A line whose run is not loaded yet is undefined. */
export type TableLine = Line | undefined;

/** All lines; nested when every run is loaded, flat otherwise. */
export function linesOf(rows: readonly (Run | undefined)[], complete: boolean, folded: ReadonlySet<string>): TableLine[] {
  if (complete) return treeLines(rows as readonly Run[], folded);
  return Array.from(rows, (run) => run && { run, depth: 0, children: 0, open: false });
}

/** Whether any run is nested below another one of the list. */
export function hasNesting(lines: readonly TableLine[]): boolean {
  return lines.some((line) => line && line.children > 0);
}

/** Whether a run says that it is nested, wherever its parent is. */
export function isNested(run: Run): boolean {
  return run.tags[parentTag] !== undefined;
}

/** A best value that more runs than this share is no news. */
const mostBest = 3;

export interface Extent {
  min: number;
  max: number;
  /** The better end, judged by the metric's name; undefined when it singles nobody out. */
  best: number | undefined;
}

/** Smallest, largest and best last value of each metric over the runs. NaN and infinities are left out. */
export function extentsOf(runs: readonly (Run | undefined)[], keys: readonly string[]): ReadonlyMap<string, Extent> {
  const extents = new Map<string, Extent>();
  for (const key of keys) {
    let min = Infinity;
    let max = -Infinity;
    for (const run of runs) {
      const value = run?.metrics[key]?.value;
      if (value === undefined || !Number.isFinite(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (min > max) continue;
    const best = lowerIsBetter(key) ? min : max;
    const holders = runs.reduce((count, run) => count + Number(run?.metrics[key]?.value === best), 0);
    extents.set(key, { min, max, best: !hasBetterEnd(key) || min === max || holders > mostBest ? undefined : best });
  }
  return extents;
}
