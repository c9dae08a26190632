/** Combining what several hosts know of one metric, and adding points to it one by one. */
import type { MetricSummary } from './run.ts';

/** The summary of two sets of points together; counts are added. */
export function mergeMetricSummaries(a: MetricSummary, b: MetricSummary): MetricSummary {
  const { value, step, time } = isLater(b, a) ? b : a;
  return { value, step, time, min: least(a.min, b.min), max: -least(-a.max, -b.max), count: a.count + b.count };
}

/** Adds one point, in place; a metric that had none begins. */
export function addToMetrics(metrics: Record<string, MetricSummary>, key: string, step: number, time: number, value: number): void {
  const known = metrics[key];
  if (!known) {
    metrics[key] = { value, step, time, min: value, max: value, count: 1 };
    return;
  }
  if (isLater({ step, time, value }, known)) {
    known.step = step;
    known.time = time;
    known.value = value;
  }
  known.min = least(known.min, value);
  known.max = -least(-known.max, -value);
  known.count += 1;
}

/** Order of points: step, then time, then value; NaN before every number. */
function isLater(a: Pick<MetricSummary, 'step' | 'time' | 'value'>, b: Pick<MetricSummary, 'step' | 'time' | 'value'>): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.time !== b.time) return a.time > b.time;
  return a.value > b.value || (Number.isNaN(b.value) && !Number.isNaN(a.value));
}

/** The lesser of two; of a number and NaN the number. */
function least(a: number, b: number): number {
  return Number.isNaN(a) ? b : b < a ? b : a;
}
