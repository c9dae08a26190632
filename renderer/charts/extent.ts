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

/** What lies between these shares of the points is the course; the rest may be outliers. */
const course: Range = [0.02, 0.98];
/** Outliers matter from where they squeeze the course into so small a part of the axis. */
const flattened = 1 / 8;

export interface Outliers {
  /** Of the finite points in the window, the part that `extent` leaves out; above 0. */
  share: number;
  /** The y of the others, with air. */
  extent: Range;
}

/**
 * The few points that flatten all others on a linear axis, as one spike of 268,000 does to a loss around 3; undefined when there
 * are none. Nothing is removed anywhere: this is about the axis alone.
 */
export function outliersOf(lines: readonly SeriesLine[], window: Range | undefined): Outliers | undefined {
  const values = new Float64Array(lines.reduce((sum, { y }) => sum + y.length, 0));
  let count = 0;
  for (const { x, y } of lines) {
    for (let i = 0; i < y.length; i++) {
      if (!Number.isFinite(y[i]) || (window && (x[i]! < window[0] || x[i]! > window[1]))) continue;
      values[count++] = y[i]!;
    }
  }
  if (count < 20) return undefined;
  const sorted = values.subarray(0, count).sort();
  const [low, high] = course.map((part) => sorted[Math.round(part * (count - 1))]!) as Range;
  const all = sorted[count - 1]! - sorted[0]!;
  if (low === high || high - low > all * flattened) return undefined;
  const air = (high - low) * 0.05;
  // An end that is no outlier stays whole.
  const near = (high - low) / 2;
  const from = low - sorted[0]! <= near ? sorted[0]! : low;
  const to = sorted[count - 1]! - high <= near ? sorted[count - 1]! : high;
  const extent: Range = [from >= 0 ? Math.max(0, from - air) : from - air, to + air];
  const beyond = sorted.reduce((sum, value) => sum + Number(value < extent[0] || value > extent[1]), 0);
  return { share: beyond / count, extent };
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
