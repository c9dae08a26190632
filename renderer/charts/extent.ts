/** Which part of the plane a chart shows when nobody has said: all of x, and the y of what lies within it. */
import type { SeriesLine } from '#contract';

export type Range = [number, number];

/** From the least to the greatest x of all lines, positive ones only on a log axis; undefined without points. */
export function xExtent(lines: readonly SeriesLine[], log: boolean): Range | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const { x } of lines) {
    for (const value of [x[log ? firstPositive(x) : 0], x[x.length - 1]]) {
      if (value === undefined || (log && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? widened([low, high], log, 0.5) : undefined;
}

/** The finite y of all points whose x lies in the window, with 5 % of air; undefined without points. */
export function yExtent(lines: readonly SeriesLine[], window: Range | undefined, log: boolean): Range | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const { x, y } of lines) {
    for (let i = 0; i < y.length; i++) {
      const value = y[i]!;
      if (!Number.isFinite(value) || (log && value <= 0)) continue;
      if (window && (x[i]! < window[0] || x[i]! > window[1])) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return undefined;
  if (low === high) return widened([low, high], log, Math.abs(low) * 0.1 || 1);
  if (log) {
    const air = (high / low) ** 0.05;
    return [low / air, high * air];
  }
  const air = (high - low) * 0.05;
  // A quantity that is never negative does not get a negative axis.
  return [low >= 0 ? Math.max(low - air, Math.min(0, low)) : low - air, high + air];
}

/** Whether lines of several points stand at one step each, as they do when a script named none. */
export function haveNoSteps(lines: readonly SeriesLine[]): boolean {
  return lines.some(({ points }) => points > 1) && lines.every(({ x }) => x[0] === x[x.length - 1]);
}

/** A range of no width gets some, so that one point stands in the middle. */
function widened([low, high]: Range, log: boolean, by: number): Range {
  if (low < high) return [low, high];
  return log ? [low / 2, high * 2] : [low - by, high + by];
}

function firstPositive(x: Float64Array): number {
  return x.findIndex((value) => value > 0);
}
