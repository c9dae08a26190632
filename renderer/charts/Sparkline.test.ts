import { expect, test } from 'vitest';
import { sparkPoints } from './Sparkline.tsx';

test('spans the box, high values on top, gaps left out', () => {
  expect(sparkPoints(Float64Array.of(0, 5, 10), Float64Array.of(1, NaN, 3), 104, 24)).toEqual([
    [2, 22],
    [102, 2],
  ]);
});

test('a constant runs through the middle, one point stands at the end', () => {
  expect(sparkPoints(Float64Array.of(0, 10), Float64Array.of(7, 7), 104, 24).map(([, y]) => y)).toEqual([12, 12]);
  expect(sparkPoints(Float64Array.of(3), Float64Array.of(7), 104, 24)).toEqual([[102, 12]]);
  expect(sparkPoints(new Float64Array(), new Float64Array(), 104, 24)).toEqual([]);
});
