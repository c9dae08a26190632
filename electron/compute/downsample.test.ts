import { describe, expect, test } from 'vitest';
import { downsample, type Line } from './downsample.ts';
import { createRandom } from './random.ts';

function line(y: number[], x = y.map((_, i) => i)): Line {
  return { x: Float64Array.from(x), y: Float64Array.from(y) };
}

describe('downsampling', () => {
  test('leaves a line alone that fits', () => {
    const short = line([5, 3, 8]);
    expect(downsample(short, { buckets: 1 })).toEqual({ ...short, points: 3 });
  });

  test('keeps a lone spike among a million points', () => {
    const y = new Float64Array(1_000_000).fill(1);
    y[777_777] = 50;
    const { x, y: kept, points } = downsample({ x: Float64Array.from(y, (_, i) => i), y }, { buckets: 500 });
    expect(points).toBe(1_000_000);
    expect(x.length).toBeLessThanOrEqual(2000);
    expect(x[kept.indexOf(50)]).toBe(777_777);
  });

  test('cuts to the window, with one point more on each side so that the line reaches the edges', () => {
    const { x, points } = downsample(line([0, 0, 0, 0, 0, 0, 0, 0]), { from: 2.5, to: 5, buckets: 10 });
    expect([...x]).toEqual([2, 3, 4, 5, 6]);
    expect(points).toBe(3);
  });

  test('a window between two points has both of them; one beyond the end has the last', () => {
    expect([...downsample(line([7, 8]), { from: 0.2, to: 0.4, buckets: 5 }).x]).toEqual([0, 1]);
    expect(downsample(line([7, 8]), { from: 5, to: 6, buckets: 5 })).toMatchObject({ points: 0, x: Float64Array.of(1) });
  });

  test('points at one x fall into one bucket', () => {
    const { y } = downsample(line([3, 1, 9, 4, 5, 6, 7, 2], Array<number>(8).fill(1)), { buckets: 1 });
    expect([...y]).toEqual([3, 1, 9, 2]);
  });

  test('keeps one NaN and each infinity of a bucket beside its finite extremes', () => {
    const y = [1, 1, NaN, 1, -4, Infinity, 1, NaN, 6, -Infinity, 1, 1];
    expect([...downsample(line(y), { buckets: 1 }).y]).toEqual([1, NaN, -4, Infinity, 6, -Infinity, 1]);
  });

  test('a window the wrong way round is empty', () => {
    expect(downsample(line([1, 2, 3]), { from: 2, to: 0, buckets: 5 }).points).toBe(0);
  });

  test.each([21, 22, 23, 24])('first, least, greatest and last of every bucket survive, and nothing is invented (seed %i)', (seed) => {
    const random = createRandom(seed);
    for (let round = 0; round < 50; round += 1) {
      const length = 200 + random.below(2000);
      let at = random.below(1000) - 500;
      const x = Float64Array.from({ length }, () => (at += random.below(4) * random.next()));
      const y = Float64Array.from({ length }, () => (random.below(20) === 0 ? random.pick([NaN, Infinity, -Infinity]) : random.normal()));
      const buckets = 1 + random.below(40);
      const reduced = downsample({ x, y }, { buckets });
      expect(reduced.x.length).toBeLessThanOrEqual(buckets * 7);
      expect(isSubsequence(reduced, { x, y })).toBe(true);

      const width = (x[length - 1]! - x[0]!) / buckets;
      for (let b = 0; b < buckets; b += 1) {
        const inBucket = (_: number, i: number, all: Float64Array): boolean => (b === 0 || all[i]! > x[0]! + b * width) && (b === buckets - 1 || all[i]! <= x[0]! + (b + 1) * width);
        const before = y.filter((_, i) => inBucket(0, i, x));
        const after = reduced.y.filter((_, i) => inBucket(0, i, reduced.x));
        if (before.length === 0) continue;
        expect([after[0], after.at(-1)]).toEqual([before[0], before.at(-1)]);
        expect(extremes(after)).toEqual(extremes(before));
        expect(new Set(after.filter((value) => !Number.isFinite(value)))).toEqual(new Set(before.filter((value) => !Number.isFinite(value))));
      }
    }
  });
});

function extremes(y: Float64Array): [number, number] {
  const finite = y.filter((value) => Number.isFinite(value));
  return [Math.min(...finite), Math.max(...finite)];
}

function isSubsequence(part: Line, whole: Line): boolean {
  let at = 0;
  for (let i = 0; i < whole.x.length && at < part.x.length; i += 1) if (Object.is(whole.x[i], part.x[at]) && Object.is(whole.y[i], part.y[at])) at += 1;
  return at === part.x.length;
}
