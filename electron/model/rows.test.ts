import { expect, test } from 'vitest';
import {
  combineArtifacts,
  combineMetrics,
  combineParams,
  createExperimentRow,
  createRunRow,
  experimentIdOf,
  hostFields,
  randomRunName,
  setExperimentField,
  setRunField,
  type MetricSummary,
  type RunRow,
} from './index.ts';

const summary = (value: number, step: number): MetricSummary => ({ value, step, time: 10 * step, min: value, max: value, count: 1 });

test('what a host says of a run survives the way through its fields, NaN and infinities too', () => {
  const row = createRunRow('0', 'r');
  const part = {
    params: { lr: '0.1', constructor: 'adam' },
    summary: { loss: summary(NaN, 3), acc: { ...summary(-Infinity, 1), max: Infinity } },
    series: [{ chunk: 'a'.repeat(64), points: 3, at: 5 }],
    sealed: 17,
    artifacts: { 'a/b.txt': { path: 'a/b.txt', hash: 'b'.repeat(64), size: 4, at: 9 } },
  };
  for (const [field, value] of Object.entries(hostFields('h1', part))) setRunField(row, field, JSON.parse(JSON.stringify(value)));
  expect({ ...row.hosts.get('h1') }).toEqual(part);
});

test('params of two hosts are a union, and where they differ the creating host counts, in whatever order they came', () => {
  const fill = (row: RunRow, hosts: string[]): RunRow => {
    for (const host of hosts) setRunField(row, `params.${host}`, { lr: host, [host]: '1' });
    return row;
  };
  const expected = { lr: 'b', a: '1', b: '1', c: '1' };
  expect({ ...combineParams(fill(createRunRow('0', 'r'), ['a', 'b', 'c']).hosts, 'b') }).toEqual(expected);
  expect({ ...combineParams(fill(createRunRow('0', 'r'), ['c', 'b', 'a']).hosts, 'b') }).toEqual(expected);
});

test('the last value of a metric is that of the greatest step over all hosts and open points', () => {
  const hosts = new Map([
    ['a', { summary: { loss: summary(3, 1) } }],
    ['b', { summary: { loss: summary(1, 7), only: summary(2, 2) } }],
  ]);
  const combined = combineMetrics(hosts, { loss: summary(9, 5) });
  expect(combined.loss).toEqual({ value: 1, step: 7, time: 70, min: 1, max: 9, count: 3 });
  expect(combined.only).toEqual(summary(2, 2));
});

test('of two entries for one artifact the newer counts, and it may say deleted', () => {
  const entry = (hash: string, at: number) => ({ path: 'x', hash: hash && hash.repeat(64), size: 1, at });
  const of = (...entries: ReturnType<typeof entry>[]) => combineArtifacts(new Map(entries.map((each, i) => [String(i), { artifacts: { x: each } }])));
  expect(of(entry('a', 1), entry('b', 2))).toEqual([entry('b', 2)]);
  expect(of(entry('', 3), entry('b', 2))).toEqual([]);
});

test('malformed fields leave a run as it was, and unsafe artifact paths are left out', () => {
  const row = createRunRow('0', 'r');
  const bad: [string, unknown][] = [
    ['startedAt', 'yesterday'], ['startedAt', -1], ['endedAt', {}], ['status', 'EXPLODED'], ['name', 7], ['params.h', 'x'], ['params.h', { lr: 1 }],
    ['summary.h', { loss: [1, 2] }], ['summary.h', { loss: ['x', 0, 0, 0, 0, 0] }], ['series.h', { chunk: 'x' }], ['series.h', [{ chunk: '../x', points: 1, at: 1 }]],
    ['sealed.h', -4], ['artifacts.h', { '../../etc/passwd': ['a'.repeat(64), 1, 1], '/abs': ['a'.repeat(64), 1, 1], 'C:x': ['a'.repeat(64), 1, 1], '...': ['a'.repeat(64), 1, 1], 'a/.. ': ['a'.repeat(64), 1, 1], 'a\nb': ['a'.repeat(64), 1, 1], [`x/${'y'.repeat(256)}`]: ['a'.repeat(64), 1, 1], ok: ['zz', 1, 1] }],
    ['inputs', [null, 4, { name: 1 }]], ['modelInputs', [null]], ['modelOutputs', 'x'], ['request', [1]], ['unknown', 1], ['tag.', 1], ['tag.__proto__', 'x'], ['deletedAt', 'x'],
  ];
  for (const [field, value] of bad) setRunField(row, field, value);
  expect(row.exists).toBe(false);
  expect(row.record).toEqual(createRunRow('0', 'r').record);
  expect(combineArtifacts(row.hosts)).toEqual([]);
  expect(Object.keys(combineMetrics(row.hosts, {}))).toEqual([]);
});

test('an experiment exists once it has a name; Default always does', () => {
  const row = createExperimentRow('123');
  setExperimentField(row, 'tag.x', 'y');
  expect(row.exists).toBe(false);
  setExperimentField(row, 'name', 'mnist');
  expect(row).toMatchObject({ exists: true, record: { name: 'mnist', artifactLocation: 'mlflow-artifacts:/123' } });
  expect(createExperimentRow('0')).toMatchObject({ exists: true, record: { name: 'Default' } });
});

test('the id of an experiment follows from its name, and gives way where it is taken', () => {
  const none = () => false;
  const id = experimentIdOf('mnist', none);
  expect(id).toBe('553146198762020743');
  expect(id).toMatch(/^[1-9]\d{17}$/);
  const other = experimentIdOf('mnist', (taken) => taken === id);
  expect(other).toMatch(/^[1-9]\d{17}$/);
  expect(other).not.toBe(id);
  expect(experimentIdOf('Default', none)).toBe('0');
});

test('run names are three short parts', () => {
  for (let i = 0; i < 1000; i += 1) expect(randomRunName()).toMatch(/^(?=.{1,20}$)[a-z]+-[a-z]+-\d{1,3}$/);
});
