import { expect, test } from 'vitest';
import { smooth, smoothingUnit, spacing } from './smoothing.ts';

test('is the textbook debiased average on evenly spaced points', () => {
  const y = [4, 8, 2, 6];
  const smoothed = smooth([0, 1, 2, 3], y, 0.9, 1);
  let biased = 0;
  y.forEach((value, i) => {
    biased = 0.9 * biased + 0.1 * value;
    expect(smoothed[i]).toBeCloseTo(biased / (1 - 0.9 ** (i + 1)), 12);
  });
});

test('starts at the first point and leaves a constant alone', () => {
  expect([...smooth([5, 6, 7], [3, 3, 3], 0.99, 1)].map((v) => v.toFixed(9))).toEqual(['3.000000000', '3.000000000', '3.000000000']);
});

test('with weight 0 it changes nothing', () => {
  expect([...smooth([0, 1, 2], [1, -5, 9], 0, 1)]).toEqual([1, -5, 9]);
});

test('gaps stay gaps and do not spoil the rest', () => {
  const smoothed = smooth([0, 1, 2, 3], [1, NaN, Infinity, 1], 0.5, 1);
  expect([...smoothed]).toEqual([1, NaN, NaN, 1]);
});

test('leaving points out hardly changes the line, since the past fades with distance', () => {
  const x = Array.from({ length: 2001 }, (_, i) => i);
  const y = x.map((i) => Math.sin(i / 300));
  const all = smooth(x, y, 0.95, 1);
  const few = x.filter((i) => i % 10 === 0);
  const reduced = smooth(
    few,
    few.map((i) => y[i]!),
    0.95,
    spacing(few, x.length),
  );
  expect(spacing(few, x.length)).toBe(1);
  const apart = few.map((i, at) => Math.abs(all[i]! - reduced[at]!));
  expect(Math.max(...apart)).toBeLessThan(0.02);
});

test('a setting smooths short and long runs alike', () => {
  const wobble = (count: number): number => {
    const x = Array.from({ length: count }, (_, i) => i);
    const smoothed = smooth(x, x.map((i) => (i % 2 ? 1 : -1)), 0.99, smoothingUnit(x, count, count - 1));
    return Math.max(...smoothed.slice(-count / 2).map(Math.abs));
  };
  expect(smoothingUnit([0, 1, 2], 3, 2)).toBe(1);
  expect(wobble(500)).toBeLessThan(0.05);
  expect(wobble(50_000)).toBeLessThan(0.05);
});

test('points logged at one x twice do not divide by zero', () => {
  expect(spacing([3, 3], 2)).toBe(1);
  expect([...smooth([3, 3], [1, 2], 0.5, 0)].every(Number.isFinite)).toBe(true);
});
