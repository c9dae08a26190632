import { expect, test } from 'vitest';
import { chartRunsOf } from './chartRuns.ts';

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
