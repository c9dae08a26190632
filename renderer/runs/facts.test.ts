import { expect, test } from 'vitest';
import { commitOf, durationOf, matching, sourceOf, tagsOf } from './facts.ts';

test('a running run has been going since its start, a finished one took its time', () => {
  expect(durationOf({ startedAt: 1000, status: 'RUNNING' }, 5000)).toBe(4000);
  expect(durationOf({ startedAt: 1000, endedAt: 3000, status: 'FINISHED' }, 5000)).toBe(2000);
  expect(durationOf({ startedAt: 1000, status: 'KILLED' }, 5000)).toBeUndefined();
  expect(durationOf({ startedAt: 0, endedAt: 3000, status: 'FINISHED' }, 5000)).toBeUndefined();
});

test('the source is named by the last part of its path, on any system', () => {
  expect(sourceOf({ 'mlflow.source.name': '/home/ada/train.py' })).toEqual({ name: 'train.py', full: '/home/ada/train.py' });
  expect(sourceOf({ 'mlflow.source.name': 'C:\\work\\train.ipynb' })?.name).toBe('train.ipynb');
  expect(sourceOf({ 'mlflow.source.name': 'https://github.com/ada/engine/' })?.name).toBe('engine');
  expect(sourceOf({})).toBeUndefined();
});

test('the commit comes from the tag that the client set', () => {
  expect(commitOf({ 'mlflow.source.git.commit': 'abc' })).toBe('abc');
  expect(commitOf({ 'mlflow.source.git.commit': '' })).toBeUndefined();
});

test('people\'s tags are kept apart from the system\'s', () => {
  const { own, system } = tagsOf({ team: 'vision', 'mlflow.user': 'ada', baseline: 'yes' });
  expect(own.map(({ key }) => key)).toEqual(['baseline', 'team']);
  expect(system.map(({ key }) => key)).toEqual(['mlflow.user']);
});

test('search looks at keys and values, for every word', () => {
  const rows = [
    { key: 'optimizer', value: 'AdamW' },
    { key: 'lr', value: '0.001' },
  ];
  expect(matching(rows, 'adam OPT')).toEqual([rows[0]]);
  expect(matching(rows, '0.001')).toEqual([rows[1]]);
  expect(matching(rows, '')).toEqual(rows);
});
