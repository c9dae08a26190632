/**
 * Fewer points that draw the same line: of each bucket (think: a pixel column) the first, the least, the greatest
 * and the last point are kept, so no spike is lost at any zoom. What a line cannot pass through stays visible too:
 * the first NaN, Infinity and -Infinity of each bucket are kept, where a chart draws a gap.
 */
export interface Line {
  /** Ascending, finite. */
  x: Float64Array;
  y: Float64Array;
}

export interface Window {
  /** Bounds of x, both inside; everything when left out. */
  from?: number;
  to?: number;
  /** Into how many parts of equal width the window is cut; each yields 4 points at most, 7 with NaN and infinities. */
  buckets: number;
}

export interface Downsampled extends Line {
  /** Points inside the window before reduction. */
  points: number;
}

/**
 * The line inside the window, reduced, and with one point more on each side of it where there is one, so that the
 * line reaches the edges. All points are kept while there are no more than 4 per bucket. May share memory with `line`.
 */
export function downsample(line: Line, { from = -Infinity, to = Infinity, buckets }: Window): Downsampled {
  const { x, y } = line;
  const start = lowerBound(x, from, 0);
  const end = Math.max(start, upperBound(x, to, start));
  const points = end - start;
  const outerStart = Math.max(0, start - 1);
  const outerEnd = Math.min(x.length, end + 1);
  if (points <= buckets * 4) return { x: x.subarray(outerStart, outerEnd), y: y.subarray(outerStart, outerEnd), points };

  const kept: number[] = [];
  if (outerStart < start) kept.push(outerStart);
  const width = (x[end - 1]! - x[start]!) / buckets;
  for (let bucket = 1, at = start; at < end; bucket += 1) {
    const bucketEnd = bucket >= buckets || width === 0 ? end : upperBound(x, x[start]! + bucket * width, at);
    keepOfBucket(y, at, bucketEnd, kept);
    at = bucketEnd;
  }
  if (end < outerEnd) kept.push(end);
  return { x: Float64Array.from(kept, (i) => x[i]!), y: Float64Array.from(kept, (i) => y[i]!), points };
}

/** Pushes the indices worth keeping of y[from…to), ascending. */
function keepOfBucket(y: Float64Array, from: number, to: number, kept: number[]): void {
  if (from >= to) return;
  let least = -1;
  let greatest = -1;
  let nan = -1;
  let infinite = -1;
  let negativeInfinite = -1;
  for (let i = from; i < to; i += 1) {
    const value = y[i]!;
    if (value - value === 0) {
      if (least < 0 || value < y[least]!) least = i;
      if (greatest < 0 || value > y[greatest]!) greatest = i;
    } else if (value !== value) {
      if (nan < 0) nan = i;
    } else if (value > 0) {
      if (infinite < 0) infinite = i;
    } else if (negativeInfinite < 0) negativeInfinite = i;
  }
  let last = -1;
  for (const index of [from, least, greatest, nan, infinite, negativeInfinite, to - 1].sort((a, b) => a - b)) {
    if (index > last) kept.push(index);
    last = index;
  }
}

/** First index from `start` on whose x is not below the bound. */
export function lowerBound(x: Float64Array, bound: number, start: number): number {
  let low = start;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (x[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First index from `start` on whose x is above the bound. */
export function upperBound(x: Float64Array, bound: number, start: number): number {
  let low = start;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (x[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
