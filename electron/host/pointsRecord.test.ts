import { describe, expect, test } from 'vitest';
import { createRandom } from '#compute';
import type { Point } from '#model';
import { decodePoints, decodeSealed, encodePoints, encodeSealed } from './pointsRecord.ts';

function decoded(payload: Uint8Array): { runId: string; points: Point[] } {
  const { runId, keys, forEach } = decodePoints(payload);
  const points: Point[] = [];
  forEach((key, step, time, value) => points.push({ key: keys[key]!, step, time, value }));
  return { runId, points };
}

function point(key: string, step: number, value: number, time = 1_700_000_000_000): Point {
  return { key, value, step, time };
}

describe('a points record', () => {
  test.each<[string, Point[]]>([
    ['one point', [point('loss', 3, 0.5)]],
    ['one metric over many steps', [point('loss', 0, 1), point('loss', 1, NaN), point('loss', 2, -Infinity)]],
    ['many metrics at one step', [point('a', 7, 1), point('b', 7, 2), point('c', 7, -0)]],
    ['metrics in turn', [point('a', 0, 1), point('b', 0, 2), point('a', 1, 3, 5), point('b', 1, 4, 6)]],
    ['names beyond ASCII', [point('größe µ/训练', 0, 1), point('', 0, 2), point('__proto__', 0, 3)]],
    ['steps at the edge of integers', [point('a', Number.MAX_SAFE_INTEGER, 1), point('a', -Number.MAX_SAFE_INTEGER, 1)]],
    ['no points', []],
  ])('gives back %s', (_, points) => {
    expect(decoded(encodePoints('run-1', points))).toEqual({ runId: 'run-1', points });
  });

  test.each([1, 200, 300, 70_000])('tells %i metrics apart', (metrics) => {
    const points = Array.from({ length: metrics + 1 }, (_, i) => point(`metric ${i % metrics}`, i, i / 7));
    expect(decoded(encodePoints('run', points)).points).toEqual(points);
  });

  test('takes a few bytes more than the numbers it holds', () => {
    const batch = Array.from({ length: 1000 }, (_, i) => point('loss', i, i / 3));
    expect(encodePoints('0123456789abcdef0123456789abcdef', batch).length).toBeLessThan(1000 * 16 + 100);
    const logMetrics = Array.from({ length: 1000 }, (_, i) => point(`m${i}`, 4, i / 3));
    expect(encodePoints('0123456789abcdef0123456789abcdef', logMetrics).length).toBeLessThan(1000 * 8 + 6000);
  });

  test.each([
    [point('loss', NaN, 1), 'step must be a finite number, not NaN.', 'points[1].step'],
    [point('loss', 0, 1, Infinity), 'time must be a finite number, not Infinity.', 'points[1].time'],
  ])('refuses what cannot be put in order, and says where', (bad, message, field) => {
    expect(() => encodePoints('run', [point('loss', 0, 1), bad])).toThrow(expect.objectContaining({ code: 'invalid_argument', message, field }));
  });

  test('writes -0 as step 0, so that it is the same step', () => {
    expect(Object.is(decoded(encodePoints('run', [point('loss', -0, 1)])).points[0]!.step, 0)).toBe(true);
  });

  test('of another length than it says is damaged; of a later format, too new', () => {
    const payload = encodePoints('run', [point('a', 0, 1), point('b', 1, 2), point('a', 2, 3)]);
    for (let length = 0; length < payload.length; length += 1) expect(() => decoded(payload.subarray(0, length))).toThrow(expect.objectContaining({ code: 'damaged' }));
    expect(() => decoded(Buffer.concat([payload, Buffer.of(0)]))).toThrow(expect.objectContaining({ code: 'damaged' }));
    expect(() => decoded(Uint8Array.of(2, ...payload.subarray(1)))).toThrow(expect.objectContaining({ code: 'too_new' }));
  });

  test('with changed bytes is read or refused (seed 41)', () => {
    const random = createRandom(41);
    const payload = encodePoints('run', [point('a', 0, 1), point('b', 1, 2), point('a', 2, 3)]);
    for (let round = 0; round < 5000; round += 1) {
      const bytes = Uint8Array.from(payload);
      bytes[random.below(bytes.length)] = random.pick([0, 1, 0x80, 0xff, random.below(256)]);
      try {
        decoded(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/damaged|too_new/) });
      }
    }
  });
});

test('a sealed record says which facts of a run are sealed', () => {
  expect(decodeSealed(encodeSealed({ runId: 'run', upTo: 2 ** 40 }))).toEqual({ runId: 'run', upTo: 2 ** 40 });
});
