import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMetricLine, pointTime, readMetricFile, type MetricBatch } from './metricFile.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'daybook-metric-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(content: string, of: 'run' | 'model' = 'run'): Promise<MetricBatch> {
  const file = path.join(folder, 'metric');
  await writeFile(file, content);
  const all: MetricBatch = { points: [], problems: [] };
  for await (const { points, problems } of readMetricFile(file, of)) {
    all.points.push(...points);
    all.problems.push(...problems);
  }
  return all;
}

describe('a metric file', () => {
  it('has lines of two, three or five fields', async () => {
    const { points, problems } = await read('1500000000000 0.5\n1500000000001 0.25 7\n1500000000002 0.125 8 train abc123\n');
    expect(problems).toEqual([]);
    expect(points).toEqual([
      { time: 1500000000000, value: 0.5, step: 0 },
      { time: 1500000000001, value: 0.25, step: 7 },
      { time: 1500000000002, value: 0.125, step: 8, dataset: { name: 'train', digest: 'abc123' } },
    ]);
  });

  it('of a logged model names the run', async () => {
    const { points } = await read('1 2 3 aaaa\n1 2 3 aaaa train d1\n', 'model');
    expect(points[0]).toEqual({ time: 1, value: 2, step: 3, runId: 'aaaa' });
    expect(points[1]?.dataset).toEqual({ name: 'train', digest: 'd1' });
  });

  it('holds Python floats', async () => {
    const { points } = await read('1 nan 0\n1 inf 0\n1 -inf 0\n1 1e-05 0\n1 1e400 0\n1 1_000.5 0\n1 -0.0 0\n1 .5 0\n');
    expect(points.map(({ value }) => value)).toEqual([NaN, Infinity, -Infinity, 1e-5, Infinity, 1000.5, -0, 0.5]);
  });

  it('keeps negative steps and the largest whole ones', async () => {
    const { points } = await read(`1 2 -5\n1 2 ${Number.MAX_SAFE_INTEGER}\n`);
    expect(points.map(({ step }) => step)).toEqual([-5, Number.MAX_SAFE_INTEGER]);
  });

  it('reports lines that are no points and reads on', async () => {
    const { points, problems } = await read('1 2 3\n\nx 1 0\n1 0x10 0\n1 2 1.5\n1 2 99999999999999999999\n-1 2 0\n99999999999999999 2 0\n1 2 3 4 5 6 7\r\n4 5 6\r\n');
    expect(points).toHaveLength(2);
    expect(problems.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(problems[1]?.why).toContain('0x10');
  });

  it('does not take half a last line for a point', async () => {
    const { points, problems } = await read('1 0.5 0\n2 0.4');
    expect(points).toHaveLength(1);
    expect(problems).toEqual([{ line: 2, why: 'the line is cut short' }]);
  });

  it('is read in pieces when it is long', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `${1_500_000_000_000 + i} ${i / 7} ${i}`);
    const { points } = await read(lines.join('\n'));
    expect(points).toHaveLength(50_000);
    expect(points[49_999]).toEqual({ time: 1_500_000_049_999, value: 49_999 / 7, step: 49_999 });
  });

  it('without line breaks is given up, not read into memory', async () => {
    const { points, problems } = await read(`1 2 3\n${'9'.repeat(1_000_000)}`);
    expect(points.length).toBeLessThanOrEqual(1);
    expect(problems[0]?.why).toContain('longer than');
  });
});

describe('the time of a point', () => {
  it('is in seconds only beside a run that started much later', () => {
    expect(pointTime(1_530_000_000, 1_530_000_000_000)).toBe(1_530_000_000_000);
    expect(pointTime(1_530_000_000_123, 1_530_000_000_000)).toBe(1_530_000_000_123);
    expect(pointTime(0, 1_530_000_000_000)).toBe(0);
    expect(pointTime(1_530_000_000, 0)).toBe(1_530_000_000);
  });
});

describe('a line', () => {
  it('says what is wrong with it', () => {
    expect(parseMetricLine(['1', 'two', '3'], 'run')).toBe('the value "two" is no number');
    expect(parseMetricLine(['1', '2', '3', '4'], 'run')).toContain('4 fields');
  });
});
