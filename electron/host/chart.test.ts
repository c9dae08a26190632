import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { calls, type CallArgs, type SeriesResult } from '#contract';
import type { Point, Run } from '#model';
import { openAppendLog, openChunks, type AppendLog } from '#store';
import { readChart } from './chart.ts';
import { createSeries, type Series } from './series.ts';

let dir: string;
let log: AppendLog;
let series: Series;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-chart-'));
  log = await openAppendLog({ dir: join(dir, 'log'), writerId: 'host-a' });
  series = createSeries({ log, chunks: await openChunks({ dir: join(dir, 'chunks') }), pointers: () => [] });
});

afterEach(async () => {
  await log.close();
  await rm(dir, { recursive: true });
});

const startedAt = 1_700_000_000_000;
const catalog = { run: (id: string): Run | undefined => (id === 'unstarted' ? undefined : ({ id, startedAt } as Run)) };

function read(args: Partial<CallArgs<'series.read'>>): Promise<SeriesResult> {
  return readChart({ catalog, series }, calls['series.read'].parse({ runIds: ['run'], key: 'loss', x: 'step', ...args }));
}

/** A point ten seconds of training per step after the start. */
function loss(step: number, value: number, time = startedAt + 10_000 * step): Point {
  return { key: 'loss', step, time, value };
}

test('draws one line for each run that has the metric, in the order asked for', async () => {
  series.log('b', [loss(0, 1), loss(1, 2)]);
  series.log('a', [loss(0, 3)]);
  series.log('other', [{ ...loss(0, 1), key: 'acc' }]);
  expect(await read({ runIds: ['a', 'other', 'b', 'a'] })).toEqual({
    lines: [
      { runId: 'a', x: Float64Array.of(0), y: Float64Array.of(3), points: 1 },
      { runId: 'b', x: Float64Array.of(0, 1), y: Float64Array.of(1, 2), points: 2 },
    ],
  });
});

test('over time, and over seconds since the start of the run', async () => {
  series.log('run', [loss(1, 1), loss(2, 2)]);
  expect((await read({ x: 'time' })).lines[0]!.x).toEqual(Float64Array.of(startedAt + 10_000, startedAt + 20_000));
  expect((await read({ x: 'relative' })).lines[0]!.x).toEqual(Float64Array.of(10, 20));
});

test('a run without a start counts from its first point', async () => {
  series.log('unstarted', [loss(1, 1), loss(2, 2)]);
  expect((await read({ runIds: ['unstarted'], x: 'relative' })).lines[0]!.x).toEqual(Float64Array.of(0, 10));
});

test('over time, points whose steps went back stand where they were measured', async () => {
  series.log('run', [loss(5, 1, startedAt + 1000), loss(6, 2, startedAt + 2000), loss(5, 3, startedAt + 3000)]);
  const [line] = (await read({ x: 'relative' })).lines;
  expect(line).toMatchObject({ x: Float64Array.of(1, 2, 3), y: Float64Array.of(1, 2, 3) });
  expect((await read({ x: 'step' })).lines[0]!.y).toEqual(Float64Array.of(1, 3, 2));
});

test('reduces to what the chart can show, and less when zoomed in leaves nothing out', async () => {
  series.log(
    'run',
    Array.from({ length: 50_000 }, (_, i) => loss(i, i === 31_415 ? 99 : Math.sin(i))),
  );
  const [whole] = (await read({ buckets: 100 })).lines;
  expect(whole!.points).toBe(50_000);
  expect(whole!.x.length).toBeLessThanOrEqual(400);
  expect(whole!.x[whole!.y.indexOf(99)]).toBe(31_415);
  const [zoomed] = (await read({ buckets: 100, from: 31_400, to: 31_430 })).lines;
  expect(zoomed).toMatchObject({ points: 31, x: Float64Array.from({ length: 33 }, (_, i) => 31_399 + i) });
});

test('a thousand runs at once', async () => {
  const runIds = Array.from({ length: 1000 }, (_, i) => `run-${i}`);
  for (const runId of runIds) series.log(runId, [loss(0, 1), loss(1, 2)]);
  const { lines } = await read({ runIds });
  expect(lines.map(({ runId }) => runId)).toEqual(runIds);
});
