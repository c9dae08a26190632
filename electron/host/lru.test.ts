import { expect, test } from 'vitest';
import { createLru } from './lru.ts';

test('drops what was used longest ago when bytes run out', () => {
  const lru = createLru<string>(10);
  lru.set('a', 'A', 4);
  lru.set('b', 'B', 4);
  expect(lru.get('a')).toBe('A');
  lru.set('c', 'C', 4);
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual(['A', undefined, 'C']);
  expect(lru.bytes).toBe(8);
});

test('counts a value set again once, and keeps none that is too large', () => {
  const lru = createLru<string>(10);
  lru.set('a', 'A', 4);
  lru.set('a', 'AA', 6);
  expect(lru.bytes).toBe(6);
  lru.set('a', 'AAA', 11);
  expect([lru.get('a'), lru.bytes]).toEqual([undefined, 0]);
  lru.set('b', 'B', 1);
  lru.delete('b');
  lru.delete('b');
  expect([lru.get('b'), lru.bytes]).toEqual([undefined, 0]);
});
