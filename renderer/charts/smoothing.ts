/**
 * Exponential moving average without the two usual faults: it does not start at zero (debiased), and it does not
 * change when the host has left points out or the window is narrower, because the past fades with distance in x
 * and not with the count of points drawn.
 */

/**
 * `y` smoothed; same length, gaps (NaN, ±Infinity) stay gaps and do not disturb what follows.
 *
 * @param weight of the past per `unit` of x, 0 … <1.
 * @param unit distance of neighbouring points as logged; with points exactly that far apart this is the textbook
 *   debiased average.
 */
export function smooth(x: ArrayLike<number>, y: ArrayLike<number>, weight: number, unit: number): Float64Array {
  const smoothed = new Float64Array(y.length);
  let sum = 0;
  let mass = 0;
  let last = Number.NaN;
  for (let i = 0; i < y.length; i++) {
    const value = y[i]!;
    if (!Number.isFinite(value)) {
      smoothed[i] = Number.NaN;
      continue;
    }
    const distance = Number.isNaN(last) || unit <= 0 ? 1 : Math.max(0, (x[i]! - last) / unit);
    const keep = weight ** distance;
    sum = sum * keep + value;
    mass = mass * keep + 1;
    last = x[i]!;
    smoothed[i] = sum / mass;
  }
  return smoothed;
}

/**
 * The unit over which the past of a line fades: the distance of its points as logged, but at least a thousandth of all that
 * is drawn, so that one setting smooths a run of 300 points and one of a million to the same degree.
 *
 * @param whole length of x over all lines and windows.
 */
export function smoothingUnit(x: ArrayLike<number>, points: number, whole: number): number {
  return Math.max(spacing(x, points), whole / 1000);
}

/** Mean distance between the points of a line as logged: `points` is their count before any were left out. */
export function spacing(x: ArrayLike<number>, points: number): number {
  if (x.length < 2) return 1;
  return (x[x.length - 1]! - x[0]!) / Math.max(1, points - 1) || 1;
}
