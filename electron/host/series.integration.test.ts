import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom, mergeColumns, summaryOf, addPoint, type Columns } from '#compute';
import type { Point } from '#model';
import { openAppendLog, openChunks, recordType, type AppendLog, type Chunks } from '#store';
import { encodeSealed } from './pointsRecord.ts';
import { createSeries, type Series, type SeriesPointer } from './series.ts';

let dir: string;
let log: AppendLog;
let chunks: Chunks;
/** What the run's documents hold. */
let pointers: Record<string, SeriesPointer[]>;
let series: Series;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-series-'));
  pointers = {};
  await start();
});

afterEach(async () => {
  await log.close();
  await rm(dir, { recursive: true });
});

/** Opens the folder as a host does at start: reads its own log once. */
async function start(): Promise<void> {
  log = await openAppendLog({ dir: join(dir, 'log'), writerId: 'host-a' });
  chunks = await openChunks({ dir: join(dir, 'chunks') });
  series = createSeries({ log, chunks, pointers: (runId) => pointers[runId] ?? [], now: () => 1000 });
  for await (const record of log.read()) series.replay(record);
}

async function restart(): Promise<void> {
  await log.close();
  await start();
}

async function logged(runId: string, points: Point[]): Promise<void> {
  await log.durable(series.log(runId, points));
}

/** The whole of sealing, as the host does it. */
async function seal(runId: string): Promise<void> {
  const sealed = await series.writeChunk(runId);
  if (!sealed) return;
  (pointers[runId] ??= []).push(sealed.pointer);
  await log.durable(log.append(recordType.sealed, encodeSealed({ runId, upTo: sealed.upTo })));
  series.sealed(runId, sealed.upTo);
}

function loss(from: number, to: number): Point[] {
  return Array.from({ length: to - from }, (_, i) => ({ key: 'loss', step: from + i, time: 1e12 + from + i, value: 1 / (1 + from + i) }));
}

async function steps(runId: string, key = 'loss'): Promise<number[]> {
  return [...(await series.read(runId, key)).step];
}

function range(to: number): number[] {
  return Array.from({ length: to }, (_, i) => i);
}

describe('logging', () => {
  test('shows points at once, ordered by step, time and value, each once', async () => {
    series.log('run', [...loss(2, 4), ...loss(0, 3), { key: 'acc', step: 0, time: 5, value: NaN }]);
    const { step, time, value } = await series.read('run', 'loss');
    expect([...step]).toEqual([0, 1, 2, 3]);
    expect([...time]).toEqual([1e12, 1e12 + 1, 1e12 + 2, 1e12 + 3]);
    expect([...value]).toEqual([1, 1 / 2, 1 / 3, 1 / 4]);
    expect([...(await series.read('run', 'acc')).value]).toEqual([NaN]);
    expect(await steps('run', 'other')).toEqual([]);
    expect(await steps('other run')).toEqual([]);
  });

  test('sums up the open points of each metric', () => {
    series.log('run', [...loss(0, 4), ...loss(0, 1)]);
    expect(series.openSummary('run')).toEqual({ loss: { step: 3, time: 1e12 + 3, value: 1 / 4, min: 1 / 4, max: 1, count: 5 } });
    expect(series.openSummary('other run')).toEqual({});
    expect(series.openRuns()).toEqual([{ runId: 'run', points: 5, since: 1000 }]);
  });

  test('takes any metric name', async () => {
    await logged('run', [{ key: '__proto__', step: 0, time: 0, value: 1 }]);
    expect(Object.keys(series.openSummary('run'))).toEqual(['__proto__']);
    await seal('run');
    expect(await steps('run', '__proto__')).toEqual([0]);
  });

  test('refuses a step that is no number and appends nothing', async () => {
    expect(() => series.log('run', [...loss(0, 3), { key: 'loss', step: NaN, time: 0, value: 0 }])).toThrow('step must be a finite number');
    expect(log.lastSeq).toBe(0);
    expect(await steps('run')).toEqual([]);
  });

  test('takes back what could not be stored', async () => {
    series.log('run', loss(0, 3));
    const failed = series.log('run', [...loss(3, 6), { key: 'acc', step: 0, time: 0, value: 1 }]);
    series.log('run', loss(6, 8));
    series.revoke('run', failed);
    expect(await steps('run')).toEqual([0, 1, 2, 6, 7]);
    expect(await steps('run', 'acc')).toEqual([]);
    expect(series.openSummary('run')).toEqual({ loss: { step: 7, time: 1e12 + 7, value: 1 / 8, min: 1 / 8, max: 1, count: 5 } });
  });

  test('of no points appends nothing', () => {
    expect(series.log('run', [])).toBe(0);
    expect(series.openRuns()).toEqual([]);
  });
});

describe('sealing', () => {
  test('moves open points into a chunk', async () => {
    await logged('run', loss(0, 50));
    await seal('run');
    expect(series.openRuns()).toEqual([]);
    expect(pointers.run).toEqual([{ chunk: expect.stringMatching(/^[0-9a-f]{64}$/), points: 50, at: 1000 }]);
    expect(await steps('run')).toEqual(range(50));
    expect(await series.writeChunk('run')).toBeUndefined();
  });

  test('writes each point once, however often it was logged', async () => {
    await logged('run', [...loss(0, 5), ...loss(0, 5)]);
    await logged('run', loss(0, 5));
    await seal('run');
    expect(pointers.run).toMatchObject([{ points: 5 }]);
  });

  test('keeps open what is logged meanwhile', async () => {
    await logged('run', loss(0, 10));
    const writing = series.writeChunk('run');
    series.log('run', loss(10, 12));
    const { pointer, upTo } = (await writing)!;
    pointers.run = [pointer];
    series.sealed('run', upTo);
    expect(series.openRuns()).toMatchObject([{ points: 2 }]);
    expect(series.openSummary('run').loss).toEqual({ step: 11, time: 1e12 + 11, value: 1 / 12, min: 1 / 12, max: 1 / 11, count: 2 });
    expect(await steps('run')).toEqual(range(12));
  });

  test('never shows fewer points to a reader who is under way', async () => {
    await logged('run', loss(0, 10));
    const { pointer, upTo } = (await series.writeChunk('run'))!;
    const reading = series.read('run', 'loss');
    pointers.run = [pointer];
    series.sealed('run', upTo);
    expect((await reading).step).toHaveLength(10);
    expect(await steps('run')).toEqual(range(10));
  });
});

describe('after a crash', () => {
  test('the same points, sealed or not', async () => {
    await logged('run', loss(0, 10));
    await seal('run');
    await logged('run', loss(10, 15));
    await logged('other', loss(0, 2));
    const before = { run: await series.read('run', 'loss'), other: await series.read('other', 'loss'), open: series.openRuns(), summary: series.openSummary('run') };
    await restart();
    expect({ run: await series.read('run', 'loss'), other: await series.read('other', 'loss'), open: series.openRuns(), summary: series.openSummary('run') }).toEqual(before);
  });

  test('between the pointer and the sealed record, points are in both places and shown once', async () => {
    await logged('run', loss(0, 10));
    pointers.run = [(await series.writeChunk('run'))!.pointer];
    await restart();
    expect(series.openRuns()).toMatchObject([{ points: 10 }]);
    expect(await steps('run')).toEqual(range(10));
    await seal('run');
    expect(new Set(pointers.run.map(({ chunk }) => chunk)).size).toBe(1);
    expect(await steps('run')).toEqual(range(10));
  });

  test('other records of the log are left to others', () => {
    expect(series.replay({ seq: 1, type: recordType.params, payload: Uint8Array.of() })).toBe(false);
  });
});

describe('chunks of teammates', () => {
  /** A chunk made on another laptop: its hash, and its bytes for the day they arrive. */
  async function elsewhere(runId: string, points: Point[]): Promise<{ pointer: SeriesPointer; bytes: Uint8Array }> {
    const theirs = await openChunks({ dir: join(dir, 'theirs') });
    const theirLog = await openAppendLog({ dir: join(dir, 'their log'), writerId: 'host-b' });
    const other = createSeries({ log: theirLog, chunks: theirs, pointers: () => [] });
    other.log(runId, points);
    const { pointer } = (await other.writeChunk(runId))!;
    await theirLog.close();
    return { pointer, bytes: await theirs.get(pointer.chunk) };
  }

  test('join the own points', async () => {
    await logged('run', loss(0, 5));
    await seal('run');
    const { pointer, bytes } = await elsewhere('run', loss(3, 8));
    await chunks.put(bytes);
    pointers.run!.push(pointer);
    await logged('run', loss(7, 10));
    expect(await steps('run')).toEqual(range(10));
  });

  test('are reported missing until their bytes arrive', async () => {
    await logged('run', loss(0, 5));
    const { pointer, bytes } = await elsewhere('run', loss(5, 8));
    pointers.run = [pointer];
    expect(await series.read('run', 'loss')).toMatchObject({ missing: [pointer.chunk], unreadable: [], step: Float64Array.from(range(5)) });
    await chunks.put(bytes);
    expect(await series.read('run', 'loss')).toMatchObject({ missing: [], unreadable: [], step: Float64Array.from(range(8)) });
  });

  test('that are damaged, of another run, or no series at all are named, and the others are read', async () => {
    await logged('run', loss(0, 5));
    await seal('run');
    const good = pointers.run![0]!;
    const { pointer: ofOther, bytes: otherBytes } = await elsewhere('other run', loss(5, 8));
    await chunks.put(otherBytes);
    const text = await chunks.put(Buffer.from('a text file'));
    const bad = [
      { ...good, chunk: ofOther.chunk },
      { ...good, chunk: text.hash },
      { ...good, chunk: '../../etc/passwd' },
    ];
    pointers.run = [...bad, good];
    const { step, missing, unreadable } = await series.read('run', 'loss');
    expect([...step]).toEqual(range(5));
    expect(missing).toEqual([]);
    expect(unreadable).toEqual([
      { chunk: ofOther.chunk, message: 'This series chunk belongs to run other run, not run.' },
      { chunk: text.hash, message: 'This series chunk is damaged: it does not begin with "DBSR".' },
      { chunk: '../../etc/passwd', message: 'The pointer to this series chunk is not a SHA-256 hash.' },
    ]);
  });

  test('whose bytes rot on this disk are found out', async () => {
    const { pointer, bytes } = await elsewhere('run', loss(0, 100));
    await chunks.put(bytes);
    const rotten = Uint8Array.from(bytes);
    rotten[rotten.length >> 1]! ^= 1;
    await writeFile(chunkFile(pointer.chunk), rotten);
    pointers.run = [pointer];
    expect(await series.read('run', 'loss')).toMatchObject({ missing: [], unreadable: [{ chunk: pointer.chunk }], step: new Float64Array(0) });
  });

  /** Where the chunk store keeps it. */
  function chunkFile(hash: string): string {
    return join(dir, 'chunks', hash.slice(0, 2), hash.slice(2));
  }
});

describe('compaction', () => {
  test('merges eight small chunks into one with the same points', async () => {
    for (let i = 0; i < 8; i += 1) {
      expect(await series.compact(pointers.run ?? [])).toBeUndefined();
      await logged('run', [...loss(10 * i, 10 * i + 12), { key: 'acc', step: i, time: i, value: i }]);
      await seal('run');
    }
    pointers.run = (await series.compact(pointers.run!))!;
    expect(pointers.run).toEqual([{ chunk: expect.stringMatching(/^[0-9a-f]{64}$/), points: 90, at: 1000 }]);
    expect(await steps('run')).toEqual(range(82));
    expect(await steps('run', 'acc')).toEqual(range(8));
  });

  test('leaves large chunks alone, and keeps the pointers of those it cannot read', async () => {
    for (let i = 0; i < 9; i += 1) {
      await logged('run', loss(10 * i, 10 * i + 10));
      await seal('run');
    }
    const missing = { chunk: createHash('sha256').update('never seen').digest('hex'), points: 10, at: 5 };
    const large = { chunk: createHash('sha256').update('large').digest('hex'), points: 3_000_000, at: 6 };
    const compacted = await series.compact([missing, large, ...pointers.run!]);
    expect(compacted).toHaveLength(3);
    expect(compacted).toEqual(expect.arrayContaining([missing, large, expect.objectContaining({ points: 90 })]));
  });
});

test.each([51, 52, 53])('any order of logging, sealing, compacting and crashing keeps every point once (seed %i)', async (seed) => {
  const random = createRandom(seed);
  const runs = ['a', 'b'];
  const keys = ['loss', 'acc', 'lr'];
  const expected = new Map<string, Columns[]>();
  for (let round = 0; round < 120; round += 1) {
    const runId = random.pick(runs);
    const action = random.below(20);
    if (action < 12) {
      const points = Array.from({ length: random.below(20) }, () => ({ key: random.pick(keys), step: random.below(30) - 5, time: random.below(4), value: random.pick([NaN, Infinity, -0, 0, 1, Math.PI]) }));
      for (const { key, step, time, value } of points) {
        const id = `${runId} ${key}`;
        expected.set(id, [...(expected.get(id) ?? []), { step: Float64Array.of(step), time: Float64Array.of(time), value: Float64Array.of(value) }]);
      }
      await logged(runId, points);
    } else if (action < 16) await seal(runId);
    else if (action < 18) pointers[runId] = (await series.compact(pointers[runId] ?? [])) ?? pointers[runId] ?? [];
    else await restart();
    for (const key of keys) {
      const { step, time, value } = await series.read(runId, key);
      expect({ step, time, value }).toEqual(mergeColumns(expected.get(`${runId} ${key}`) ?? []));
    }
  }
});

test('a million points of ten metrics, in and out', async () => {
  const random = createRandom(61);
  const summaries = Array.from({ length: 10 }, () => summaryOf(-1, 0, 0));
  for (let batch = 0; batch < 1000; batch += 1) {
    const points = Array.from({ length: 1000 }, (_, i) => ({ key: `metric ${i % 10}`, step: batch * 100 + Math.floor(i / 10), time: 1.7e12 + batch * 2000, value: Math.fround(random.normal()) }));
    points.forEach(({ step, time, value }, i) => addPoint(summaries[i % 10]!, step, time, value));
    series.log('run', points);
    if (batch % 200 === 199) await seal('run');
  }
  for (const [i, summary] of summaries.entries()) {
    const { step, value } = await series.read('run', `metric ${i}`);
    expect(step).toHaveLength(100_000);
    expect([step.at(-1), value.at(-1)]).toEqual([summary.step, summary.value]);
    expect(value.reduce((max, v) => Math.max(max, v))).toBe(summary.max);
  }
});
