import { describe, expect, test } from 'vitest';
import { compareValues, emptyColumns, extendColumns, mergeColumns, type Columns } from './columns.ts';
import { createRandom, type Random } from './random.ts';

/** Columns from rows [step, time, value]. */
function columns(...rows: [number, number, number][]): Columns {
  return {
    step: Float64Array.from(rows, ([step]) => step),
    time: Float64Array.from(rows, ([, time]) => time),
    value: Float64Array.from(rows, ([, , value]) => value),
  };
}

function rows({ step, time, value }: Columns): [number, number, number][] {
  return Array.from(step, (at, i) => [at, time[i]!, value[i]!]);
}

describe('merging columns', () => {
  test('joins parts that follow one another, in whatever order they come', () => {
    expect(rows(mergeColumns([columns([3, 0, 3]), columns([1, 0, 1], [2, 0, 2])]))).toEqual([
      [1, 0, 1],
      [2, 0, 2],
      [3, 0, 3],
    ]);
  });

  test('interleaves two laptops and keeps a point they share once', () => {
    const mine = columns([0, 10, 1], [2, 30, 1], [4, 50, 1]);
    const theirs = columns([1, 20, 1], [2, 30, 1], [3, 40, 1]);
    expect(rows(mergeColumns([mine, theirs])).map(([step]) => step)).toEqual([0, 1, 2, 3, 4]);
  });

  test('keeps two values at one step and time, NaN last, -0 apart from 0', () => {
    const merged = mergeColumns([columns([0, 0, NaN], [0, 0, 0], [0, 0, Infinity], [0, 0, -0], [0, 0, NaN], [0, 0, -Infinity])]);
    expect([...merged.value]).toEqual([-Infinity, -0, 0, Infinity, NaN]);
  });

  test('returns a lone part that is in order as it is', () => {
    const part = columns([0, 0, 1], [1, 0, 1]);
    expect(mergeColumns([emptyColumns(), part])).toBe(part);
  });

  test('of nothing is nothing', () => {
    expect(rows(mergeColumns([]))).toEqual([]);
  });

  test.each([1, 2, 3, 4, 5])('agrees with sorting and dropping repeats (seed %i)', (seed) => {
    const random = createRandom(seed);
    for (let round = 0; round < 200; round += 1) {
      const parts = Array.from({ length: random.below(5) }, () => randomColumns(random));
      const expected = parts
        .flatMap(rows)
        .sort((a, b) => a[0] - b[0] || a[1] - b[1] || compareValues(a[2], b[2]))
        .filter((row, i, all) => i === 0 || row.some((x, column) => compareValues(x, all[i - 1]![column]!) !== 0));
      expect(rows(mergeColumns(parts))).toEqual(expected);
    }
  });
});

test.each([6, 7])('extending a set by another is merging them (seed %i)', (seed) => {
  const random = createRandom(seed);
  for (let round = 0; round < 500; round += 1) {
    const before = mergeColumns([randomColumns(random)]);
    const after = mergeColumns([randomColumns(random)]);
    if (random.below(2) === 0) after.step.forEach((step, i) => (after.step[i] = step + 6));
    expect(extendColumns(before, after)).toEqual(mergeColumns([before, after]));
  }
});

function randomColumns(random: Random): Columns {
  return columns(...Array.from({ length: random.below(30) }, (): [number, number, number] => [random.below(6), random.below(3), random.pick([NaN, Infinity, -0, 0, 1, 2])]));
}
