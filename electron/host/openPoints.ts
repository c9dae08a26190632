/**
 * The points of one run that are in the log and not yet in a chunk. Each metric is one growing array of rows
 * (sequence number, step, time, value) and its summary, so that adding a point costs the same however many there are.
 */
import type { MetricSummary } from '#model';
import { addPoint, summaryOf, type Columns } from '#compute';

export interface OpenPoints {
  readonly points: number;
  /** When the oldest of them came, ms since the epoch. */
  readonly since: number;
  add(key: string, seq: number, step: number, time: number, value: number): void;
  /** Points of a metric in order of arrival, those of records up to `upTo` (default: all); undefined when there are none. */
  columns(key: string, upTo?: number): Columns | undefined;
  keys(): IterableIterator<string>;
  /** Summaries of the points of records up to `upTo` (default: all), by metric. */
  summary(upTo?: number): Record<string, MetricSummary>;
  /** Number of the oldest record that has points here; Infinity when there are none. */
  firstSeq(): number;
  /** The greatest sequence number such that there are at most `max` points up to it; that of the first record if it alone has more. */
  sealableUpTo(max: number): number;
  /** Forgets the points of records `from` (default: the first) up to and including `upTo`. */
  forget(upTo: number, from?: number): void;
}

export function createOpenPoints(now: () => number): OpenPoints {
  const metrics = new Map<string, Metric>();
  let points = 0;
  let since = 0;
  let lastSeq = 0;

  return {
    get points() {
      return points;
    },
    get since() {
      return since;
    },
    add(key, seq, step, time, value) {
      if (points === 0) since = now();
      points += 1;
      lastSeq = seq;
      const metric = metrics.get(key);
      if (metric) {
        addPoint(metric.summary, step, time, value);
        push(metric, seq, step, time, value);
        return;
      }
      // 64 bytes, which V8 keeps with the array itself: a workspace may have a hundred thousand metrics of one point.
      const created = { rows: new Float64Array(2 * rowSize), length: 0, summary: summaryOf(step, time, value) };
      push(created, seq, step, time, value);
      metrics.set(key, created);
    },
    columns(key, upTo = Infinity) {
      const metric = metrics.get(key);
      const rows = metric ? rowsUpTo(metric, upTo) : 0;
      return metric && rows > 0 ? columnsOf(metric, rows) : undefined;
    },
    keys: () => metrics.keys(),
    summary(upTo = lastSeq) {
      const summaries = Object.create(null) as Record<string, MetricSummary>;
      for (const [key, metric] of metrics) {
        const rows = upTo >= lastSeq ? metric.length : rowsUpTo(metric, upTo);
        if (rows > 0) summaries[key] = rows === metric.length ? { ...metric.summary } : summaryOfRows(metric.rows.subarray(0, rows * rowSize));
      }
      return summaries;
    },
    firstSeq() {
      let first = Infinity;
      for (const { rows } of metrics.values()) first = Math.min(first, rows[0]!);
      return first;
    },
    sealableUpTo(max) {
      if (points <= max) return lastSeq;
      const seqs = new Float64Array(points);
      let at = 0;
      for (const { rows, length } of metrics.values()) for (let row = 0; row < length; row += 1) seqs[at++] = rows[row * rowSize]!;
      seqs.sort();
      // Records are taken whole: the last one that ends before point number `max`.
      return seqs.findLast((seq) => seq < seqs[max]!) ?? seqs[0]!;
    },
    forget(upTo, from = 0) {
      for (const [key, metric] of metrics) {
        const start = rowsUpTo(metric, from - 1);
        const end = rowsUpTo(metric, upTo);
        if (start === end) continue;
        points -= end - start;
        if (end - start === metric.length) metrics.delete(key);
        else metrics.set(key, withoutRows(metric, start, end));
      }
      // What is left after sealing came while the chunk was written.
      if (from === 0) since = now();
    },
  };
}

interface Metric {
  rows: Float64Array;
  length: number;
  summary: MetricSummary;
}

const rowSize = 4;

function push(metric: Metric, seq: number, step: number, time: number, value: number): void {
  const at = metric.length * rowSize;
  if (at === metric.rows.length) {
    const larger = new Float64Array(2 * at);
    larger.set(metric.rows);
    metric.rows = larger;
  }
  metric.rows[at] = seq;
  metric.rows[at + 1] = step;
  metric.rows[at + 2] = time;
  metric.rows[at + 3] = value;
  metric.length += 1;
}

/** How many rows are of records up to a sequence number; they come first, since numbers only grow. */
function rowsUpTo({ rows, length }: Metric, upTo: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle * rowSize]! <= upTo) low = middle + 1;
    else high = middle;
  }
  return low;
}

function columnsOf({ rows }: Metric, length: number): Columns {
  const columns = { step: new Float64Array(length), time: new Float64Array(length), value: new Float64Array(length) };
  for (let i = 0, at = 0; i < length; i += 1, at += rowSize) {
    columns.step[i] = rows[at + 1]!;
    columns.time[i] = rows[at + 2]!;
    columns.value[i] = rows[at + 3]!;
  }
  return columns;
}

function withoutRows({ rows, length }: Metric, start: number, end: number): Metric {
  const kept = new Float64Array((length - (end - start)) * rowSize);
  kept.set(rows.subarray(0, start * rowSize));
  kept.set(rows.subarray(end * rowSize, length * rowSize), start * rowSize);
  return { rows: kept, length: kept.length / rowSize, summary: summaryOfRows(kept) };
}

/** Of one row at least. */
function summaryOfRows(rows: Float64Array): MetricSummary {
  const summary = summaryOf(rows[1]!, rows[2]!, rows[3]!);
  for (let at = rowSize; at < rows.length; at += rowSize) addPoint(summary, rows[at + 1]!, rows[at + 2]!, rows[at + 3]!);
  return summary;
}
