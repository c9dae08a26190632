import { expect, test } from 'vitest';
import { chartOf } from './chartSpec.ts';
import { figure } from './figure.ts';
import { hitsAt } from './nearest.ts';
import { chartTheme } from './theme.ts';

const runs = ['long', 'short', 'gappy'].map((id) => ({ id, name: id, label: id, color: '#000', dash: 'solid' }));
const lines = [
  { runId: 'long', x: Float64Array.of(0, 50, 100), y: Float64Array.of(0, 5, 10), points: 3 },
  { runId: 'short', x: Float64Array.of(0, 10), y: Float64Array.of(9, 8), points: 2 },
  { runId: 'gappy', x: Float64Array.of(0, 50, 100), y: Float64Array.of(1, NaN, 2), points: 3 },
];
const drawn = figure(chartOf('loss'), runs, lines, chartTheme(() => ''), { width: 600, height: 300 });

test('the line nearest to the pointer comes first', () => {
  const hits = hitsAt(drawn, 2, drawn.pixelOfY(8.9));
  expect(hits.map((hit) => [hit.line.run.id, hit.x, hit.y])).toEqual([
    ['short', 0, 9],
    ['gappy', 0, 1],
    ['long', 0, 0],
  ]);
});

test('a run that ended long before is left out, gaps are skipped', () => {
  expect(hitsAt(drawn, 60, 0).map((hit) => [hit.line.run.id, hit.x])).toEqual([
    ['long', 50],
    ['gappy', 100],
  ]);
});

test('without a pointer the greatest value comes first', () => {
  expect(hitsAt(drawn, 0).map((hit) => hit.line.run.id)).toEqual(['short', 'gappy', 'long']);
});
