import { expect, test } from 'vitest';
import { mergeColumns } from './columns.ts';
import { createRandom } from './random.ts';
import { addPoint, mergeSummaries, summaryOf, type Summary } from './summary.ts';

test('the latest point is the one with the greatest step, then time, then value', () => {
  const summary = summaryOf(5, 100, 1);
  addPoint(summary, 4, 900, 9);
  addPoint(summary, 5, 100, 2);
  addPoint(summary, 5, 99, 7);
  expect(summary).toEqual({ step: 5, time: 100, value: 2, min: 1, max: 9, count: 4 });
});

test('NaN may be the latest value but never the least or greatest', () => {
  const summary = summaryOf(0, 0, NaN);
  expect(summary).toMatchObject({ min: NaN, max: NaN });
  addPoint(summary, 1, 0, 3);
  addPoint(summary, 2, 0, NaN);
  expect(summary).toEqual({ step: 2, time: 0, value: NaN, min: 3, max: 3, count: 3 });
});

test.each([11, 12, 13])('kept up point by point, or merged from parts, it agrees with the columns (seed %i)', (seed) => {
  const random = createRandom(seed);
  for (let round = 0; round < 200; round += 1) {
    const points = Array.from({ length: 1 + random.below(40) }, () => ({
      step: random.below(5) - 2,
      time: random.below(3),
      value: random.pick([NaN, Infinity, -Infinity, -0, 0, random.normal()]),
    }));
    const cut = random.below(points.length);
    const whole = summarise(points)!;
    const left = summarise(points.slice(0, cut));
    const right = summarise(points.slice(cut))!;
    expect(left ? mergeSummaries(left, right) : right).toEqual(whole);
    const columns = mergeColumns([{ step: Float64Array.from(points, (p) => p.step), time: Float64Array.from(points, (p) => p.time), value: Float64Array.from(points, (p) => p.value) }]);
    const last = columns.step.length - 1;
    expect([whole.step, whole.time, whole.value]).toEqual([columns.step[last], columns.time[last], columns.value[last]]);
    const numbers = points.map(({ value }) => value).filter((value) => !Number.isNaN(value));
    // + 0: of -0 and 0 either may be the least.
    expect(whole.min + 0).toBe(numbers.length > 0 ? Math.min(...numbers) + 0 : NaN);
    expect(whole.max + 0).toBe(numbers.length > 0 ? Math.max(...numbers) + 0 : NaN);
  }
});

function summarise(points: { step: number; time: number; value: number }[]): Summary | undefined {
  const [first, ...others] = points;
  if (!first) return undefined;
  const summary = summaryOf(first.step, first.time, first.value);
  for (const { step, time, value } of others) addPoint(summary, step, time, value);
  return summary;
}
