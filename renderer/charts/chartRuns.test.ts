import { expect, test } from 'vitest';
import { chartRunsOf, distinctLabels } from './chartRuns.ts';

test('lines are solid until two on one chart share a colour', () => {
  const runs = ['a', 'b', 'c', 'd'].map((id) => ({ id, name: id }));
  const drawn = chartRunsOf(runs, { a: 1, b: 1, c: 2, d: 1 }, 'light');
  expect(drawn.map(({ dash }) => dash)).toEqual(['solid', '6px,3px', 'solid', '2px,2px']);
  expect(drawn[0]?.color).toBe(drawn[1]?.color);
  expect(drawn[0]?.color).not.toBe(drawn[2]?.color);
});

test('dark paper gets the other variant of the same hue', () => {
  const [light] = chartRunsOf([{ id: 'a', name: 'a' }], {}, 'light');
  const [dark] = chartRunsOf([{ id: 'a', name: 'a' }], {}, 'dark');
  expect(light?.color).not.toBe(dark?.color);
});

test('a long beginning that all names share is left out of their labels', () => {
  expect(distinctLabels(['sweep-2024-07-lr-0.1', 'sweep-2024-07-lr-0.25'])).toEqual(['…0.1', '…0.25']);
  expect(distinctLabels(['no-name-9141920f-1', 'no-name-9141920f-17'])).toEqual(['…1', '…17']);
});

test('short beginnings, single names and equal names stay whole', () => {
  expect(distinctLabels(['run-1', 'run-2'])).toEqual(['run-1', 'run-2']);
  expect(distinctLabels(['a-very-long-name-of-one-run'])).toEqual(['a-very-long-name-of-one-run']);
  expect(distinctLabels(['the same long name', 'the same long name'])).toEqual(['…name', '…name']);
  expect(distinctLabels([])).toEqual([]);
});
