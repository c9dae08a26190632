import { expect, test } from 'vitest';
import { groupMetrics } from './groups.ts';

test('keys without a prefix come first, then one section per prefix', () => {
  expect(groupMetrics(['val/loss', 'loss', 'train/loss', 'accuracy', 'val/accuracy'])).toEqual([
    { name: '', metrics: ['accuracy', 'loss'] },
    { name: 'train', metrics: ['train/loss'] },
    { name: 'val', metrics: ['val/accuracy', 'val/loss'] },
  ]);
});

test('numbers in keys count as numbers', () => {
  expect(groupMetrics(['layer/10', 'layer/2', 'layer/1'])[0]?.metrics).toEqual(['layer/1', 'layer/2', 'layer/10']);
});

test('the deepest prefix names the section', () => {
  expect(groupMetrics(['system/gpu/0', 'system/cpu']).map((group) => group.name)).toEqual(['system', 'system/gpu']);
});

test('a leading slash is no prefix', () => {
  expect(groupMetrics(['/odd'])).toEqual([{ name: '', metrics: ['/odd'] }]);
});

test('search wants every word, in any case', () => {
  const keys = ['val/Loss', 'val/accuracy', 'train/loss'];
  expect(groupMetrics(keys, 'LOSS val').flatMap((group) => group.metrics)).toEqual(['val/Loss']);
  expect(groupMetrics(keys, 'nothing')).toEqual([]);
});
