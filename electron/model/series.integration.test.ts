import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createRandom, mergeColumns, type Random } from '#compute';
import { encodeSeries, openSeries, SeriesError, seriesLimits, type PointColumns } from './series.ts';

const compress = (bytes: Uint8Array): Uint8Array => deflateRawSync(bytes);
const decompress = (bytes: Uint8Array, length: number): Uint8Array => inflateRawSync(bytes, { maxOutputLength: Math.max(1, length) });

async function roundTrip(series: Map<string, PointColumns>): Promise<Map<string, PointColumns>> {
  const bytes = await encodeSeries('run', series, compress);
  return (await openSeries(bytes, decompress)).readAll();
}

/** A metric with one point per step and second. */
function metric(values: readonly number[]): PointColumns {
  return { step: Float64Array.from(values, (_, i) => i), time: Float64Array.from(values, (_, i) => 1_700_000_000_000 + 1000 * i), value: Float64Array.from(values) };
}

describe('a series chunk', () => {
  test('gives back each metric of its run', async () => {
    const bytes = await encodeSeries('run', new Map([['loss', metric([3, 2.5, 2.25])], ['größe µ', metric([1e300])]]), compress);
    const chunk = await openSeries(bytes, decompress);
    expect(chunk.runId).toBe('run');
    expect([...chunk.keys]).toEqual([
      ['größe µ', { points: 1, minStep: 0, maxStep: 0 }],
      ['loss', { points: 3, minStep: 0, maxStep: 2 }],
    ]);
    expect(await chunk.read('loss')).toEqual(metric([3, 2.5, 2.25]));
    expect(await chunk.read('größe µ')).toEqual(metric([1e300]));
    expect((await chunk.read('accuracy')).step).toHaveLength(0);
  });

  test.each([
    ['special values', [NaN, Infinity, -Infinity, -0, 0, Number.MIN_VALUE, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]],
    ['only NaN', [NaN, NaN]],
    ['-0 among integers', [0, -0, 1]],
    ['integers', [5, -7, 1e15, -1e15, 0, 2 ** 50, -(2 ** 50)]],
    ['integers beyond exact differences', [2 ** 50 + 1, -(2 ** 53), 2 ** 53]],
    ['rounded', [0.1, 0.25, 12.345678, -0.000001, 1e9]],
    ['rounded, one too large for so many decimals', [2 ** 50, 0.5]],
    ['float32', [0.1, 1 / 3, 1e-40, 3e38].map(Math.fround)],
    ['float64', [Math.PI, 1 / 3, 1e-310]],
    ['one', [0.5]],
    ['none', []],
  ])('keeps every value: %s', async (_, values) => {
    const read = await roundTrip(new Map([['key', metric(values)]]));
    expect([...(read.get('key')?.value ?? [])]).toEqual(values);
  });

  test.each([1, 2, 3, 4, 5, 6])('keeps random points of random metrics (seed %i)', async (seed) => {
    const random = createRandom(seed);
    for (let round = 0; round < 40; round += 1) {
      const series = new Map(Array.from({ length: random.below(8) }, (_, i) => [`key ${i}`, randomMetric(random)]));
      for (const [key, { step }] of series) if (step.length === 0) series.delete(key);
      expect(await roundTrip(series)).toEqual(series);
    }
  });

  test('is small: six bytes a point for float32 noise, nine for float64 noise, with steps and uneven times', async () => {
    const random = createRandom(7);
    const points = 100_000;
    const float64 = metric(Array.from({ length: points }, () => random.normal()));
    float64.time.forEach((_, i) => (float64.time[i]! += random.below(400)));
    const float32 = { ...float64, value: float64.value.map(Math.fround) };
    expect((await encodeSeries('run', new Map([['float64', float64]]), compress)).length / points).toBeLessThan(9);
    expect((await encodeSeries('run', new Map([['float32', float32]]), compress)).length / points).toBeLessThan(6);
  });

  test('is small for a thousand short metrics too', async () => {
    const random = createRandom(8);
    const series = new Map(Array.from({ length: 1500 }, (_, i) => [`layer.${i}/grad_norm`, metric(Array.from({ length: 20 }, () => Math.fround(random.normal())))]));
    expect((await encodeSeries('run', series, compress)).length / 30_000).toBeLessThan(6);
    expect(await roundTrip(series)).toEqual(series);
  });

  test('of a million points comes back whole', async () => {
    const random = createRandom(9);
    const value = Float64Array.from({ length: 1_000_000 }, () => random.next());
    const series = new Map([['loss', { step: value.map((_, i) => i), time: value.map((_, i) => 1.7e12 + 20 * i), value }]]);
    const read = await roundTrip(series);
    expect(Buffer.compare(Buffer.from(read.get('loss')!.value.buffer), Buffer.from(value.buffer))).toBe(0);
    expect(read.get('loss')!.step.at(-1)).toBe(999_999);
  });

  test('has the same bytes for the same content, in whatever order the metrics come', async () => {
    const a = metric([1, 2]);
    const b = metric([3]);
    const one = await encodeSeries('run', new Map([['a', a], ['b', b]]), compress);
    expect(await encodeSeries('run', new Map([['b', b], ['a', a]]), compress)).toEqual(one);
  });

  test('is refused when it would be larger than readers accept', async () => {
    const huge = new Float64Array(seriesLimits.points + 1);
    await expect(encodeSeries('run', new Map([['loss', { step: huge, time: huge, value: huge }]]), compress)).rejects.toThrow(RangeError);
  });
});

describe('bytes from elsewhere', () => {
  test('of another kind, cut short, or with something after the end are named as damaged', async () => {
    const bytes = await encodeSeries('run', new Map([['loss', metric([1, 2, 3])]]), compress);
    await expect(openSeries(Buffer.from('PNG, perhaps'), decompress)).rejects.toThrow('does not begin with "DBSR"');
    await expect(openSeries(Uint8Array.of(), decompress)).rejects.toThrow(SeriesError);
    for (let length = 4; length < bytes.length; length += 1) await expect(openSeries(bytes.subarray(0, length), decompress)).rejects.toThrow(SeriesError);
    await expect(openSeries(Buffer.concat([bytes, Buffer.of(0)]), decompress)).rejects.toThrow('bytes left over');
  });

  test('of a later format are too new, which is no damage', async () => {
    const bytes = await encodeSeries('run', new Map(), compress);
    bytes[4] = 2;
    await expect(openSeries(bytes, decompress)).rejects.toMatchObject({ code: 'too_new' });
  });

  test('that declare more than the limits are refused before they are unpacked', async () => {
    const unpackable = (): Uint8Array => expect.fail('must not be asked to unpack');
    const directoryOf4GB = Uint8Array.of(0x44, 0x42, 0x53, 0x52, 1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0);
    await expect(openSeries(directoryOf4GB, unpackable)).rejects.toThrow('its directory declares 4294967295 bytes');
  });

  test('that unpack to more than declared do so no further', async () => {
    const bomb = deflateRawSync(new Uint8Array(50 * 2 ** 20));
    const declared = Uint8Array.of(0x44, 0x42, 0x53, 0x52, 1, 0xff, 0xff, 0x03, 100);
    const padding = new Uint8Array(0xffff - bomb.length);
    await expect(openSeries(Buffer.concat([declared, bomb, padding]), decompress)).rejects.toThrow(SeriesError);
  });

  // Without compression in between, a changed byte reaches the lengths and counts behind it.
  test.each([
    ['as stored', 31, compress, decompress],
    ['inside the compression', 32, (bytes: Uint8Array) => bytes, (bytes: Uint8Array) => bytes],
  ])('mutated 5,000 times %s, are read or refused, never more (seed %i)', async (_, seed, pack, unpack) => {
    const random = createRandom(seed);
    const whole = await encodeSeries('run', new Map(Array.from({ length: 6 }, (_, i) => [`key ${i}`, randomMetric(random)])), pack);
    for (let round = 0; round < 5000; round += 1) {
      const bytes = mutate(whole, random);
      try {
        const chunk = await openSeries(bytes, unpack);
        for (const [key, { points }] of chunk.keys) {
          expect(points).toBeLessThanOrEqual(seriesLimits.points);
          expect((await chunk.read(key)).value).toHaveLength(points);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(SeriesError);
      }
    }
  });
});

/** 0 to 300 points of a random kind, ordered and without repeats as a chunk wants them. */
function randomMetric(random: Random): PointColumns {
  const length = random.below(random.pick([3, 50, 300]));
  const step = random.pick<() => number>([() => random.below(50) - 25, () => Math.floor((random.next() - 0.5) * 2 ** 54), counter(), () => 0]);
  const time = random.pick<() => number>([() => 1.7e12 + random.below(1e6), () => random.next() * 1e12, () => 0, () => 2 ** 53]);
  const value = random.pick<() => number>([
    () => random.normal(),
    () => Math.fround(random.normal()),
    () => random.pick([NaN, Infinity, -Infinity, -0, 0, 1]),
    () => random.below(1000) / 1000,
    () => Math.round(random.normal() * 2 ** random.below(60)),
  ]);
  const columns = { step: new Float64Array(length), time: new Float64Array(length), value: new Float64Array(length) };
  for (let i = 0; i < length; i += 1) {
    columns.step[i] = step();
    columns.time[i] = time();
    columns.value[i] = value();
  }
  return mergeColumns([columns]);
}

function counter(): () => number {
  let next = 0;
  return () => next++;
}

/** Changes, inserts, repeats or removes a few bytes. */
function mutate(whole: Uint8Array, random: Random): Uint8Array {
  const bytes = [...whole];
  for (let changes = 1 + random.below(3); changes > 0; changes -= 1) {
    const at = random.below(bytes.length);
    const kind = random.below(5);
    if (kind <= 1) bytes[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    else if (kind === 2) bytes[at]! ^= 1 << random.below(8);
    else if (kind === 3) bytes.splice(at, random.below(6));
    else bytes.splice(at, 0, ...bytes.slice(at, at + random.below(6)));
    if (bytes.length === 0) break;
  }
  return Uint8Array.from(bytes);
}
