import { expect, test } from 'vitest';
import type { SeriesLine } from '#contract';
import { chartOf } from './chartSpec.ts';
import { figure, type ChartRun } from './figure.ts';
import { chartTheme } from './theme.ts';

const theme = chartTheme((name) => (name === '--muted' ? ' #5d626f ' : ''));
const size = { width: 480, height: 260 };
const fox: ChartRun = { id: 'fox', name: 'brave-fox', label: 'brave-fox', color: '#0072b2', dash: 'solid' };
const owl: ChartRun = { id: 'owl', name: 'wise-owl', label: 'wise-owl', color: '#d55e00', dash: 'dash' };

function line(runId: string, y: number[], x = y.map((_, i) => i), points = y.length): SeriesLine {
  return { runId, x: Float64Array.from(x), y: Float64Array.from(y), points };
}

test('one line a run, in the colour and dash of the run, in the order of the runs', () => {
  const { traces } = figure(chartOf('loss'), [owl, fox], [line('fox', [3, 2, 1]), line('owl', [4, 4, 4])], theme, size);
  expect(traces.map(({ uid, line: { color, dash, width }, type }) => [uid, color, dash, width, type])).toEqual([
    ['owl', '#d55e00', 'dash', 1.5, 'scatter'],
    ['fox', '#0072b2', 'solid', 1.5, 'scatter'],
  ]);
});

test('smoothing puts the line as logged, at a quarter, under the smoothed one', () => {
  const { traces, lines } = figure(chartOf('loss', { smoothing: 0.9 }), [fox], [line('fox', [0, 10, 0, 10])], theme, size);
  expect(traces.map(({ uid, opacity }) => [uid, opacity])).toEqual([
    ['fox-raw', 0.25],
    ['fox', 1],
  ]);
  expect([...traces[0]!.y as Float64Array]).toEqual([0, 10, 0, 10]);
  expect(lines[0]!.y[0]).toBe(0);
  expect(lines[0]!.y[1]).toBeCloseTo(10 / 1.9, 9);
});

test('fits all points with a little air, and leaves quantities that are never negative at zero', () => {
  const { layout } = figure(chartOf('loss'), [fox], [line('fox', [0, 50, 100], [0, 10, 20])], theme, size);
  expect(layout.xaxis.range).toEqual([0, 20]);
  expect(layout.yaxis.range).toEqual([0, 105]);
});

test('a window of x fits y to what lies within it', () => {
  const { layout } = figure(chartOf('loss', { window: [1, 2] }), [fox], [line('fox', [1000, 2, 1, 500])], theme, size);
  expect(layout.xaxis.range).toEqual([1, 2]);
  expect(layout.yaxis.range[1]).toBeLessThan(3);
});

test('log axes take their ranges in powers of ten and skip what has no logarithm', () => {
  const { layout } = figure(chartOf('lr', { logX: true, logY: true }), [fox], [line('fox', [-1, 0, 0.01, 1], [0, 1, 10, 1000])], theme, size);
  expect(layout.xaxis).toMatchObject({ type: 'log', range: [0, 3] });
  expect(layout.yaxis.type).toBe('log');
  expect(layout.yaxis.range[0]).toBeCloseTo(-2.1, 9);
});

test('relative time is said in the unit that fits, and windows come back in seconds', () => {
  const drawn = figure(chartOf('loss', { x: 'relative' }), [fox], [line('fox', [1, 2], [0, 7200])], theme, size);
  expect(drawn.layout.xaxis.title.text).toContain('min');
  expect(drawn.layout.xaxis.range).toEqual([0, 120]);
  expect(drawn.windowOf('x', [30, 60])).toEqual([1800, 3600]);
});

test('time of day is drawn as local time', () => {
  const at = new Date(2024, 0, 1, 12).getTime();
  const drawn = figure(chartOf('loss', { x: 'time' }), [fox], [line('fox', [1, 2], [at, at + 60_000])], theme, size);
  expect(drawn.layout.xaxis.type).toBe('date');
  expect(drawn.traces[0]!.x[0]).toBe(Date.UTC(2024, 0, 1, 12));
  expect(drawn.windowOf('x', drawn.layout.xaxis.range)).toEqual([at, at + 60_000]);
});

test('pixels and data agree in both directions', () => {
  const drawn = figure(chartOf('loss', { logX: true }), [fox], [line('fox', [1, 5, 2], [1, 50, 1000])], theme, size);
  expect(drawn.xAt(drawn.pixelOfX(37))).toBeCloseTo(37, 9);
  expect(drawn.pixelOfX(1)).toBeCloseTo(0, 9);
  expect(drawn.pixelOfX(1000)).toBeCloseTo(drawn.plot.width, 9);
  expect(drawn.pixelOfY(5)).toBeLessThan(drawn.pixelOfY(1));
});

test('few points are marked, one point alone stands in the middle', () => {
  const drawn = figure(chartOf('acc'), [fox], [line('fox', [0.9])], theme, size);
  expect(drawn.traces[0]).toMatchObject({ mode: 'lines+markers' });
  expect(drawn.pixelOfX(0)).toBeCloseTo(drawn.plot.width / 2, 6);
  expect(figure(chartOf('acc'), [fox], [line('fox', Array(100).fill(1))], theme, size).traces[0]?.mode).toBe('lines');
});

test('NaN and the infinities are marked at the edges', () => {
  const drawn = figure(chartOf('loss'), [fox], [line('fox', [1, NaN, Infinity, -Infinity, 2])], theme, size);
  const [low, high] = drawn.layout.yaxis.range;
  expect(drawn.traces).toHaveLength(2);
  expect(drawn.traces[1]).toMatchObject({
    mode: 'markers',
    showlegend: false,
    x: [1, 2, 3],
    y: [low, high, low],
    marker: { symbol: ['x-thin-open', 'triangle-up', 'triangle-down'] },
  });
});

test('nothing to draw is an empty pair of axes, not an error', () => {
  const drawn = figure(chartOf('loss', { logY: true }), [fox], [], theme, size);
  expect(drawn.traces).toEqual([]);
  expect(drawn.layout.yaxis.range.every(Number.isFinite)).toBe(true);
  const infinite = figure(chartOf('loss'), [fox], [line('fox', [NaN, Infinity])], theme, size);
  expect(infinite.layout.yaxis.range).toEqual([0, 1]);
});

test('a figure for a file has a title, a legend of the runs and a background; names cannot smuggle markup', () => {
  const drawn = figure(chartOf('loss'), [{ ...fox, name: '<a href="x">&' }], [line('fox', [1, 2])], theme, size, { title: 'val/loss' });
  expect(drawn.layout).toMatchObject({ showlegend: true, paper_bgcolor: theme.surface, title: { text: 'val/loss' } });
  expect(drawn.traces[0]?.name).toBe('&lt;a href="x">&amp;');
});

test('outliers leave the axis only when asked, and never the line', () => {
  const y = [...Array.from({ length: 60 }, (_, i) => 3 + (i % 5)), 268_000];
  const top = (clip: boolean): number => figure(chartOf('loss', { clip }), [fox], [line('fox', y)], theme, size).layout.yaxis.range[1];
  expect(top(false)).toBeGreaterThan(268_000);
  expect(top(true)).toBeLessThan(10);
  const { traces, outliers } = figure(chartOf('loss', { clip: true }), [fox], [line('fox', y)], theme, size);
  expect(Math.max(...(traces[0]!.y as Float64Array))).toBe(268_000);
  expect(outliers?.share).toBeCloseTo(1 / 61, 9);
  expect(figure(chartOf('loss', { logY: true }), [fox], [line('fox', y)], theme, size).outliers).toBeUndefined();
});
