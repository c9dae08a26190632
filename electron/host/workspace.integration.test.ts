import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTable, documentName } from '#model';
import { z } from 'zod';
import { createStateFile } from './state.ts';
import { openWorkspace, runningHost } from './workspace.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-workspace-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

test('what was logged is there after closing and opening again', async () => {
  const first = await openWorkspace({ dir });
  const experiment = await first.tracking.createExperiment({ name: 'mnist', tags: { team: 'vision' } });
  const run = await first.tracking.createRun({ experimentId: experiment.id, name: 'first', user: 'ada', startedAt: 1000, tags: { a: 'b' } });
  await first.tracking.logBatch(run.id, {
    points: [
      { key: 'loss', step: 0, time: 1000, value: 2 },
      { key: 'loss', step: 1, time: 1001, value: NaN },
      { key: 'acc', step: 0, time: 1000, value: Infinity },
    ],
    params: [{ key: 'lr', value: '0.1' }],
    tags: [{ key: 'mlflow.runName', value: 'renamed' }],
  });
  await first.tracking.putArtifact({ kind: 'run', id: run.id }, 'out/model.txt', new TextEncoder().encode('weights'));
  await first.tracking.updateRun(run.id, { status: 'FINISHED', endedAt: 2000 });
  const before = structuredClone(first.catalog.run(run.id));
  await first.close();

  const second = await openWorkspace({ dir });
  expect(second.hostId).toBe(first.hostId);
  expect(second.catalog.run(run.id)).toEqual(before);
  expect(before).toMatchObject({ name: 'renamed', status: 'FINISHED', params: { lr: '0.1' }, tags: { a: 'b', 'mlflow.runName': 'renamed' }, user: 'ada' });
  expect(before!.metrics.loss).toEqual({ value: NaN, step: 1, time: 1001, min: 2, max: 2, count: 2 });
  expect([...(await second.series.read(run.id, 'loss')).value]).toEqual([2, NaN]);
  expect(second.catalog.artifacts({ kind: 'run', id: run.id })).toMatchObject([{ path: 'out/model.txt', size: 7 }]);
  expect(second.catalog.experimentByName('mnist')?.tags).toEqual({ team: 'vision' });
  await second.close();
});

test('a folder says what it is, keeps local things private, and one host has it at a time', async () => {
  const workspace = await openWorkspace({ dir });
  await workspace.tellAddress('http://127.0.0.1:5001');
  expect((await readdir(dir)).sort()).toEqual(['README.txt', 'chunks', 'local', 'log', 'state', 'workspace.json']);
  expect((await stat(join(dir, 'local'))).mode & 0o777).toBe(0o700);
  await expect(openWorkspace({ dir })).rejects.toMatchObject({ code: 'wrong_state', message: expect.stringContaining(`${process.pid} at http://127.0.0.1:5001`) as string });
  expect(await runningHost(dir)).toEqual({ pid: process.pid, address: 'http://127.0.0.1:5001' });
  await workspace.close();
  expect(await runningHost(dir)).toBeUndefined();
});

test('a newer workspace is refused and left as it is', async () => {
  await (await openWorkspace({ dir })).close();
  await writeFile(join(dir, 'workspace.json'), '{"format": 2, "createdAt": 1}');
  await expect(openWorkspace({ dir })).rejects.toMatchObject({ code: 'too_new' });
  expect(await readFile(join(dir, 'workspace.json'), 'utf8')).toBe('{"format": 2, "createdAt": 1}');
});

test('a copy made while the host ran has everything, and a host id of its own', async () => {
  const copy = join(dir, 'copy');
  const original = await openWorkspace({ dir: join(dir, 'original') });
  const run = await original.tracking.createRun({ experimentId: '0' });
  await original.tracking.logBatch(run.id, { points: [{ key: 'loss', step: 1, time: 1, value: 2 }], params: [{ key: 'lr', value: '1' }] });
  await original.tracking.putArtifact({ kind: 'run', id: run.id }, 'a.txt', new Uint8Array(3));
  await cp(original.dir, copy, { recursive: true });

  for (let opening = 0; opening < 2; opening += 1) {
    const copied = await openWorkspace({ dir: copy });
    expect(copied.hostId).not.toBe(original.hostId);
    expect(copied.catalog.run(run.id)).toMatchObject({ params: { lr: '1' }, metrics: { loss: { value: 2, count: 1 } } });
    expect([...(await copied.series.read(run.id, 'loss')).value]).toEqual([2]);
    expect(copied.catalog.artifacts({ kind: 'run', id: run.id })).toMatchObject([{ path: 'a.txt', size: 3 }]);
    await copied.close();
  }
  expect(await readdir(join(copy, 'log'))).toHaveLength(2);
  await original.close();
});

test.each(['missing', '', 'null', '[]', '{"format":1}', '\0\0\0', '{"crc32":"00000000",\n"format":1}'])('state files that are %j are made anew from the log', async (content) => {
  const first = await openWorkspace({ dir });
  const experiment = await first.tracking.createExperiment({ name: 'mnist' });
  const { id } = await first.tracking.createRun({ experimentId: experiment.id });
  await first.tracking.logBatch(id, { points: [{ key: 'loss', step: 1, time: 1, value: 2 }], params: [{ key: 'lr', value: '1' }] });
  const before = structuredClone(first.catalog.run(id));
  await first.close();

  const files = await readdir(join(dir, 'state'));
  for (const file of files) await (content === 'missing' ? rm(join(dir, 'state', file)) : writeFile(join(dir, 'state', file), content));
  const problems: string[] = [];
  const second = await openWorkspace({ dir, onProblem: (message) => problems.push(message) });
  expect(second.catalog.run(id)).toEqual(before);
  expect(second.catalog.experimentByName('mnist')?.id).toBe(experiment.id);
  await second.close();

  const aside = (await readdir(join(dir, 'state'))).filter((file) => file.includes('.corrupt-'));
  expect(aside).toHaveLength(content === 'missing' ? 0 : files.filter((file) => !file.endsWith('.previous')).length);
  expect(problems).toHaveLength(aside.length);
  const third = await openWorkspace({ dir });
  expect(third.catalog.run(id)).toEqual(before);
  await third.close();
});

test('what a hostile teammate writes into documents neither stops the host nor reaches readers', async () => {
  const workspace = await openWorkspace({ dir });
  const { id } = await workspace.tracking.createRun({ experimentId: '0', name: 'mine' });
  const document = await workspace.documents.open(documentName.experiment('0'));
  const runs = document.doc.getMap('runs');
  const nonsense: unknown[] = [null, true, -1, 1e308, '', 'x'.repeat(1_000_000), [], [[]], {}, { a: { b: [1] } }, new Uint8Array(10)];
  const fields = ['name', 'status', 'startedAt', 'endedAt', 'user', 'host', 'tag.x', 'deletedAt', 'inputs', 'modelInputs', 'modelOutputs', 'request'];
  const parts = ['params', 'summary', 'series', 'sealed', 'artifacts', 'unknown'].flatMap((name) => [`${name}.evil`, `${name}.${workspace.hostId}`, `${name}.`]);
  for (const [index, value] of nonsense.entries()) {
    for (const field of [...fields, ...parts]) runs.set(`evil${index}/${field}`, value);
    document.doc.getMap('loggedModels').set(`evil${index}/name`, value);
  }
  for (const key of ['/', '//', '__proto__/name', `${id}/__proto__`, 'evil', `${'y'.repeat(100_000)}/name`]) runs.set(key, { poison: 1 });
  runs.set('evil/startedAt', 5);
  runs.set('evil/artifacts.evil', { '../../x': ['a'.repeat(64), 1, 1], ok: ['a'.repeat(64), 1, 1] });
  await document.durable();

  const check = (catalog: typeof workspace.catalog): void => {
    expect(catalog.run(id)).toMatchObject({ name: 'mine', params: {}, metrics: {} });
    expect(catalog.artifacts({ kind: 'run', id: 'evil' }).map(({ path }) => path)).toEqual(['ok']);
    for (const run of catalog.runs('0')) {
      expect(typeof run.name).toBe('string');
      expect(Number.isSafeInteger(run.startedAt)).toBe(true);
      expect(Object.values(run.params).every((value) => typeof value === 'string')).toBe(true);
    }
  };
  check(workspace.catalog);
  await workspace.tracking.logBatch(id, { tags: [{ key: 'still', value: 'works' }] });
  document.close();
  await workspace.close();
  const again = await openWorkspace({ dir });
  check(again.catalog);
  expect(({} as Record<string, unknown>).poison).toBeUndefined();
  await again.close();
});

test('ten thousand runs come from the state file, without their document', async () => {
  const first = await openWorkspace({ dir });
  const document = await first.documents.open(documentName.experiment('0'));
  const params = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`param_${i}`, String(i / 7)]));
  document.doc.transact(() => {
    const runs = createTable(document.doc, 'runs');
    for (let i = 0; i < 10_000; i += 1) runs.patch(`run${i}`, { name: `run ${i}`, startedAt: i, 'params.other': params });
  });
  await document.durable();
  document.close();
  await first.close();

  const second = await openWorkspace({ dir });
  const all = [...second.catalog.runs('0')];
  expect(all).toHaveLength(10_000);
  expect(all[77]).toMatchObject({ name: 'run 77', params });
  await second.close();

  // Said otherwise than the document does, so that it shows where rows come from.
  const rows = z.record(z.string(), z.looseObject({}));
  const schema = z.object({ format: z.number(), document: z.string(), origin: z.string(), position: z.number(), tables: z.looseObject({ runs: rows }) });
  const file = createStateFile({ path: join(dir, 'state', 'experiment-0.json'), format: 1, schema });
  const state = (await file.read())!;
  state.tables.runs.run77!.name = 'from the file';
  await file.write(state);
  const third = await openWorkspace({ dir });
  expect(third.catalog.run('run77')?.name).toBe('from the file');
  await third.close();
});

test('a checkpoint lets go of the old log and loses nothing', async () => {
  const first = await openWorkspace({ dir });
  const run = await first.tracking.createRun({ experimentId: '0' });
  for (let step = 0; step < 50; step += 1) {
    await first.tracking.logBatch(run.id, { points: [{ key: 'loss', step, time: step, value: step }], params: [{ key: `p${step}`, value: 'x' }] });
  }
  await first.checkpoint();
  await first.tracking.logBatch(run.id, { points: [{ key: 'loss', step: 50, time: 50, value: 50 }] });
  const before = structuredClone(first.catalog.run(run.id));
  await first.close();
  const second = await openWorkspace({ dir });
  await second.checkpoint();
  await second.close();
  const third = await openWorkspace({ dir });
  expect(third.catalog.run(run.id)).toEqual(before);
  expect((await third.series.read(run.id, 'loss')).step).toHaveLength(51);
  await third.close();
});

test('a param, metric or file named like a JavaScript member is a name like any other, sealed and reopened', async () => {
  const first = await openWorkspace({ dir });
  const run = await first.tracking.createRun({ experimentId: '0', startedAt: 1 });
  const names = ['constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf'];
  const points = names.flatMap((key) => Array.from({ length: 500 }, (_, step) => ({ key, step, time: step, value: step / 2 })));
  await first.tracking.logBatch(run.id, {
    points: points.slice(0, 1000),
    params: names.map((key) => ({ key, value: `the ${key}` })),
    tags: names.map((key) => ({ key, value: key })),
  });
  await first.tracking.logBatch(run.id, { points: points.slice(1000) });
  for (const name of names) await first.tracking.putArtifact({ kind: 'run', id: run.id }, name, new TextEncoder().encode(name));
  await first.tracking.updateRun(run.id, { status: 'FINISHED', endedAt: 2 });
  await first.close();

  for (let opening = 0; opening < 2; opening++) {
    const again = await openWorkspace({ dir });
    const reopened = again.catalog.run(run.id)!;
    expect(Object.entries(reopened.params).sort()).toEqual(names.map((key) => [key, `the ${key}`]).sort());
    expect(names.map((key) => reopened.tags[key])).toEqual(names);
    expect(again.catalog.artifacts({ kind: 'run', id: run.id }).map(({ path }) => path).sort()).toEqual([...names].sort());
    for (const key of names) {
      expect((await again.series.read(run.id, key)).value.length).toBe(500);
      expect(reopened.metrics[key]).toMatchObject({ step: 499, value: 249.5, count: 500 });
    }
    await again.close();
  }
});
