import { expect, test } from 'vitest';
import { linearTicks, logTicks, timeUnit } from './ticks.ts';

test('round ticks with equally many decimals', () => {
  expect(linearTicks([0.02, 0.98], 5).labels).toEqual(['0.2', '0.4', '0.6', '0.8']);
  expect(linearTicks([0, 1], 4).labels).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
  expect(linearTicks([-1, 1], 4).labels).toEqual(['−1.0', '−0.5', '0.0', '0.5', '1.0']);
});

test('large steps are short', () => {
  expect(linearTicks([0, 100_000], 4).labels).toEqual(['0', '20k', '40k', '60k', '80k', '100k']);
  expect(linearTicks([0, 2_400_000], 5).labels).toEqual(['0', '0.5M', '1.0M', '1.5M', '2.0M']);
});

test('tiny values share one power of ten', () => {
  expect(linearTicks([0, 3e-5], 3).labels).toEqual(['0', '1e−5', '2e−5', '3e−5']);
  expect(linearTicks([1e-5, 1.4e-5], 4).labels).toEqual(['1.0e−5', '1.1e−5', '1.2e−5', '1.3e−5', '1.4e−5']);
});

test('log axes show decades, and 2 and 5 when there is room', () => {
  expect(logTicks([1e-5, 1], 5).labels).toEqual(['1e−5', '1e−4', '1e−3', '1e−2', '1e−1', '1']);
  expect(logTicks([0.1, 10], 5).labels).toEqual(['0.1', '0.2', '0.5', '1', '2', '5', '10']);
  expect(logTicks([2, 4], 4).labels).toEqual(['2.0', '2.5', '3.0', '3.5', '4.0']);
});

test('a range that is none has no ticks', () => {
  expect(linearTicks([NaN, NaN], 4).values).toEqual([]);
  expect(linearTicks([1, 1], 4).values).toEqual([]);
  expect(logTicks([0, 1], 4).values).toEqual([]);
});

test('time is said in the unit that fits', () => {
  expect([30, 10 * 60, 5 * 3600, 10 * 86_400].map((seconds) => timeUnit(seconds).name)).toEqual(['s', 'min', 'h', 'd']);
});
