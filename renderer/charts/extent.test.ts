import { expect, test } from 'vitest';
import { haveNoSteps, outliersOf, xExtent, yExtent } from './extent.ts';

function line(x: number[], y: number[]) {
  return { runId: 'a', x: Float64Array.from(x), y: Float64Array.from(y), points: x.length };
}

test('x spans all lines, only its positive part on a log axis', () => {
  const lines = [line([0, 5, 10], [1, 1, 1]), line([3, 20], [1, 1])];
  expect(xExtent(lines, false)).toEqual([0, 20]);
  expect(xExtent(lines, true)).toEqual([3, 20]);
  expect(xExtent([], false)).toBeUndefined();
});

test('y leaves air, skips gaps and what lies outside the window', () => {
  expect(yExtent([line([0, 1, 2], [-10, NaN, 10])], undefined, false)).toEqual([-11, 11]);
  expect(yExtent([line([0, 1, 2], [900, 1, 2])], [1, 2], false)?.[1]).toBeCloseTo(2.05, 9);
  expect(yExtent([line([0], [Infinity])], undefined, false)).toBeUndefined();
});

test('a constant stands in the middle', () => {
  expect(yExtent([line([0, 1], [5, 5])], undefined, false)).toEqual([4.5, 5.5]);
  expect(yExtent([line([0, 1], [0, 0])], undefined, false)).toEqual([-1, 1]);
});

test('several points at one step were logged without steps', () => {
  expect(haveNoSteps([line([0, 0, 0], [3, 2, 1]), line([0], [1])])).toBe(true);
  expect(haveNoSteps([line([0, 1], [3, 2])])).toBe(false);
  expect(haveNoSteps([line([7], [3])])).toBe(false);
  expect(haveNoSteps([])).toBe(false);
});

test('one spike that flattens all others is an outlier, and is counted', () => {
  const course = Array.from({ length: 99 }, (_, i) => 3 + Math.sin(i));
  const found = outliersOf([line([...course.keys(), 99], [...course, 268_000])], undefined);
  expect(found?.share).toBeCloseTo(0.01, 9);
  expect(found?.extent[0]).toBeGreaterThan(1.5);
  expect(found?.extent[1]).toBeLessThan(5);
  // Zoomed to where there is no spike, nothing is left out.
  expect(outliersOf([line([...course.keys(), 99], [...course, 268_000])], [0, 98])).toBeUndefined();
});

test('a usual course has no outliers, nor has one of a few points or a constant', () => {
  expect(outliersOf([line([...Array(200).keys()], Array.from({ length: 200 }, (_, i) => 5 / (1 + i / 10)))], undefined)).toBeUndefined();
  expect(outliersOf([line([0, 1, 2], [1, 2, 9000])], undefined)).toBeUndefined();
  expect(outliersOf([line([...Array(100).keys()], Array.from({ length: 100 }, () => 7))], undefined)).toBeUndefined();
});
