/**
 * Points of one metric as columns: their order, and the union of several sets of them.
 * The order is (step, time, value); of values, NaN is the greatest and -0 comes before 0, so that it is total
 * and every reader agrees on which point is the latest.
 */
export interface Columns {
  step: Float64Array;
  /** Milliseconds since the epoch. */
  time: Float64Array;
  value: Float64Array;
}

export function emptyColumns(length = 0): Columns {
  return { step: new Float64Array(length), time: new Float64Array(length), value: new Float64Array(length) };
}

/** Negative, 0 or positive, as for `Array.sort`; 0 only for the same value (any NaN is the same NaN). */
export function compareValues(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a !== 0 || Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : 1;
  return a !== a ? (b !== b ? 0 : 1) : -1;
}

/** Compares point `i` of one with point `j` of another. */
export function comparePoints(a: Columns, i: number, b: Columns, j: number): number {
  return a.step[i]! - b.step[j]! || a.time[i]! - b.time[j]! || compareValues(a.value[i]!, b.value[j]!);
}

/**
 * The union of several sets of points, in order and without repeats. Parts may be unordered, overlap and repeat
 * themselves; steps and times must be finite. Quick when parts are ordered and follow one another, and a lone such
 * part is returned as it is, so treat the result as read-only.
 */
export function mergeColumns(parts: readonly Columns[]): Columns {
  const filled = parts.filter((part) => part.step.length > 0).sort((a, b) => comparePoints(a, 0, b, 0));
  const joined = filled.length === 1 ? filled[0]! : concatColumns(filled);
  const { starts, repeats } = ascendingRuns(joined);
  if (starts.length <= 1 && !repeats) return joined;
  const order = starts.length <= 1 ? undefined : mergeRuns(joined, starts);
  return gather(joined, order);
}

/**
 * The union of two sets that are each in order and without repeats, as `mergeColumns` returns them. When the second
 * follows the first, as the open points of a run follow its sealed ones, nothing is compared but where they meet.
 */
export function extendColumns(before: Columns, after: Columns): Columns {
  if (after.step.length === 0) return before;
  if (before.step.length === 0) return after;
  if (comparePoints(before, before.step.length - 1, after, 0) < 0) return concatColumns([before, after]);
  return mergeColumns([before, after]);
}

function concatColumns(parts: readonly Columns[]): Columns {
  const out = emptyColumns(parts.reduce((sum, part) => sum + part.step.length, 0));
  let at = 0;
  for (const part of parts) {
    out.step.set(part.step, at);
    out.time.set(part.time, at);
    out.value.set(part.value, at);
    at += part.step.length;
  }
  return out;
}

/** Where each ascending run begins; real logs have few, so that merging runs costs little. */
function ascendingRuns(columns: Columns): { starts: number[]; repeats: boolean } {
  const { length } = columns.step;
  const starts = length > 0 ? [0] : [];
  let repeats = false;
  for (let i = 1; i < length; i += 1) {
    if (columns.step[i]! > columns.step[i - 1]!) continue;
    const order = comparePoints(columns, i, columns, i - 1);
    if (order < 0) starts.push(i);
    else if (order === 0) repeats = true;
  }
  return { starts, repeats };
}

/** Bottom-up merge sort of indices, beginning with the runs that are there. */
function mergeRuns(columns: Columns, firstStarts: number[]): Uint32Array {
  const { length } = columns.step;
  let from = new Uint32Array(length);
  for (let i = 0; i < length; i += 1) from[i] = i;
  let to = new Uint32Array(length);
  let starts = firstStarts;
  while (starts.length > 1) {
    const next: number[] = [];
    for (let r = 0; r < starts.length; r += 2) {
      const start = starts[r]!;
      const middle = starts[r + 1] ?? length;
      const end = starts[r + 2] ?? length;
      next.push(start);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at += 1) {
        const takeLeft = right >= end || (left < middle && comparePoints(columns, from[left]!, columns, from[right]!) <= 0);
        to[at] = takeLeft ? from[left++]! : from[right++]!;
      }
    }
    [from, to] = [to, from];
    starts = next;
  }
  return from;
}

/** Columns in the given order (default: as they are), without repeats of the point before. */
function gather(columns: Columns, order: Uint32Array | undefined): Columns {
  const { length } = columns.step;
  const out = emptyColumns(length);
  let at = 0;
  for (let i = 0; i < length; i += 1) {
    const index = order ? order[i]! : i;
    if (at > 0 && comparePoints(columns, index, out, at - 1) === 0) continue;
    out.step[at] = columns.step[index]!;
    out.time[at] = columns.time[index]!;
    out.value[at] = columns.value[index]!;
    at += 1;
  }
  if (at === length) return out;
  return { step: out.step.slice(0, at), time: out.time.slice(0, at), value: out.value.slice(0, at) };
}
