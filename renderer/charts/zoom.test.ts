import { expect, test } from 'vitest';
import { chartOf } from './chartSpec.ts';
import { figure } from './figure.ts';
import { chartTheme } from './theme.ts';
import { readZoom } from './zoom.ts';

function drawn(changes: Parameters<typeof chartOf>[1], x: number[]) {
  const line = { runId: 'a', x: Float64Array.from(x), y: Float64Array.from(x, (_, i) => i + 1), points: x.length };
  const run = { id: 'a', name: 'a', label: 'a', color: '#000', dash: 'solid' };
  return figure(chartOf('loss', changes), [run], [line], chartTheme(() => ''), { width: 400, height: 200 });
}

test('a box gives both windows', () => {
  const change = { 'xaxis.range[0]': 10, 'xaxis.range[1]': 20, 'yaxis.range[0]': 0.5, 'yaxis.range[1]': 1 };
  expect(readZoom(change, drawn({}, [0, 100]))).toEqual({ window: [10, 20], yWindow: [0.5, 1] });
});

test('a drag along x leaves y to fit', () => {
  expect(readZoom({ 'xaxis.range[0]': 10, 'xaxis.range[1]': 20 }, drawn({}, [0, 100]))).toEqual({ window: [10, 20] });
});

test('log axes are reported in powers of ten', () => {
  expect(readZoom({ 'yaxis.range': [-2, 0] }, drawn({ logY: true }, [0, 100]))).toEqual({ window: [0, 100], yWindow: [0.01, 1] });
});

test('times come back as milliseconds of the local clock', () => {
  const at = new Date(2024, 0, 31, 12).getTime();
  const zoom = readZoom({ 'xaxis.range[0]': '2024-01-31 12:00', 'xaxis.range[1]': '2024-01-31 12:00:30.2504' }, drawn({ x: 'time' }, [at, at + 60_000]));
  expect(zoom).toEqual({ window: [at, at + 30_250] });
});

test('other reports are nobody\'s zoom', () => {
  expect(readZoom({ autosize: true }, drawn({}, [0, 1]))).toBeUndefined();
});
