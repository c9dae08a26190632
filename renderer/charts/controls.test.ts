import { expect, test } from 'vitest';
import { parseChartSpec } from './chartSpec.ts';
import { defaultControls, readControls, writeControls } from './controls.ts';

/** A browser's storage, in memory. */
function storage(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
    clear: () => values.clear(),
    key: (index) => [...values.keys()][index] ?? null,
    get length() {
      return values.size;
    },
  };
}

test('controls are remembered as they were', () => {
  const kept = storage();
  const controls = { ...defaultControls, x: 'time' as const, smoothing: 0.6, folded: ['system'] };
  writeControls(kept, 'board', controls);
  expect(readControls(kept, 'board')).toEqual(controls);
});

test('what is missing, damaged or out of range is the default', () => {
  const kept = storage();
  expect(readControls(undefined, 'board')).toEqual(defaultControls);
  kept.setItem('board', '{"smoothing": 7, "columns": "many", "folded": [1, "val"]}');
  expect(readControls(kept, 'board')).toEqual({ ...defaultControls, folded: ['val'] });
});

test('a spec is read from anywhere or not at all', () => {
  expect(parseChartSpec({ metric: 'loss' })).toMatchObject({ kind: 'line', x: 'step', smoothing: 0 });
  expect(parseChartSpec({ metric: 'loss', window: [5, 2] })).toBeUndefined();
  expect(parseChartSpec({ metric: '' })).toBeUndefined();
  expect(parseChartSpec('loss')).toBeUndefined();
});
