/**
 * What is known of a metric without reading its points: the latest point, least and greatest value, count.
 * Kept up point by point, and combined from what several hosts and chunks know.
 */
import { compareValues } from './columns.ts';

/** The same shape as the model's MetricSummary. */
export interface Summary {
  /** The latest point: greatest (step, time, value). */
  value: number;
  step: number;
  time: number;
  /** Over all values but NaN; NaN when there is none. */
  min: number;
  max: number;
  count: number;
}

/** The summary of a single point. */
export function summaryOf(step: number, time: number, value: number): Summary {
  return { value, step, time, min: value, max: value, count: 1 };
}

/** Adds a point to a summary in place. */
export function addPoint(to: Summary, step: number, time: number, value: number): void {
  if (isLater(step, time, value, to)) {
    to.step = step;
    to.time = time;
    to.value = value;
  }
  // Written so that a NaN in `to` gives way to a number, and a NaN value changes nothing.
  if (!(to.min <= value) && value === value) to.min = value;
  if (!(to.max >= value) && value === value) to.max = value;
  to.count += 1;
}

/** The summary of two sets of points together; counts are added, so repeats across the two count twice. */
export function mergeSummaries(a: Summary, b: Summary): Summary {
  const latest = isLater(b.step, b.time, b.value, a) ? b : a;
  return {
    value: latest.value,
    step: latest.step,
    time: latest.time,
    min: a.min !== a.min ? b.min : b.min < a.min ? b.min : a.min,
    max: a.max !== a.max ? b.max : b.max > a.max ? b.max : a.max,
    count: a.count + b.count,
  };
}

function isLater(step: number, time: number, value: number, than: Summary): boolean {
  return (step - than.step || time - than.time || compareValues(value, than.value)) > 0;
}
