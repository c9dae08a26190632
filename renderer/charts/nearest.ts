/** What lies under the pointer of a chart: each line's point at that x, nearest line first. */
import type { DrawnLine, Figure } from './figure.ts';

export interface Hit {
  line: DrawnLine;
  /** Index of the point in the line. */
  index: number;
  x: number;
  /** As drawn, which is smoothed where smoothing is on. */
  y: number;
  raw: number;
  /** Vertical distance to the pointer in pixels; Infinity when the pointer's height is unknown. */
  distance: number;
}

/**
 * The points of all lines at the data value `x`. Lines that neither reach nor surround it are left out: a run that ended at
 * step 100 has nothing to say at step 5,000.
 *
 * @param pixelY height of the pointer within the plot; left out when the crosshair comes from another chart.
 */
export function hitsAt(drawn: Figure, x: number, pixelY?: number): Hit[] {
  const hits: Hit[] = [];
  const at = drawn.pixelOfX(x);
  for (const line of drawn.lines) {
    const index = nearestFinite(line, x);
    if (index < 0) continue;
    const pointX = line.x[index]!;
    const beyond = x > line.x[line.x.length - 1]! || x < line.x[0]!;
    if (beyond && Math.abs(drawn.pixelOfX(pointX) - at) > 12) continue;
    const y = line.y[index]!;
    const distance = pixelY === undefined ? Infinity : Math.abs(drawn.pixelOfY(y) - pixelY);
    hits.push({ line, index, x: pointX, y, raw: line.raw[index]!, distance });
  }
  return hits.sort((a, b) => a.distance - b.distance || b.y - a.y);
}

/** Index of the drawn point nearest to x, gaps skipped; −1 when the line has none. */
function nearestFinite({ x: xs, y: ys }: DrawnLine, x: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle]! < x) low = middle + 1;
    else high = middle;
  }
  let left = low - 1;
  let right = low;
  while (left >= 0 && !Number.isFinite(ys[left]!)) left--;
  while (right < xs.length && !Number.isFinite(ys[right]!)) right++;
  if (left < 0) return right < xs.length ? right : -1;
  if (right >= xs.length) return left;
  return x - xs[left]! <= xs[right]! - x ? left : right;
}
