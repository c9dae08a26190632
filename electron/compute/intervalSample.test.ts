import { expect, test } from 'vitest';
import { sampleSteps } from './intervalSample.ts';

function steps(from: number, to: number, by = 1): Float64Array {
  return Float64Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);
}

test('all steps while they are few, each once', () => {
  expect([...sampleSteps([Float64Array.of(0, 1, 1, 2), Float64Array.of(1, 3)], { maxResults: 10 })]).toEqual([0, 1, 2, 3]);
});

test('evenly spread steps and the last one when there are many', () => {
  expect([...sampleSteps([steps(0, 99)], { maxResults: 4 })]).toEqual([0, 25, 50, 75, 99]);
});

test('n + 1 of twenty thousand', () => {
  expect(sampleSteps([steps(0, 19_999)], { maxResults: 320 })).toHaveLength(321);
});

test('each run keeps its own first and last step', () => {
  expect([...sampleSteps([steps(0, 99), steps(13, 61)], { maxResults: 2 })]).toEqual([0, 13, 50, 61, 99]);
});

test('only inside the interval, by the steps that are there', () => {
  expect([...sampleSteps([steps(-50, 1000, 10)], { start: 100, end: 199, maxResults: 3 })]).toEqual([100, 130, 160, 190]);
  expect([...sampleSteps([steps(0, 10)], { start: 20, end: 30, maxResults: 3 })]).toEqual([]);
});

test('no runs, no steps', () => {
  expect(sampleSteps([], { maxResults: 3 })).toHaveLength(0);
});
