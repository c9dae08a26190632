import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Tracking } from './ports.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

let dir: string;
let time: number;
let workspace: Workspace;
let tracking: Tracking;
const open = async () => {
  workspace = await openWorkspace({ dir, now: () => time });
  tracking = workspace.tracking;
};
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-tracking-'));
  time = Date.parse('2026-03-01');
  await open();
});
afterEach(async () => {
  await workspace.close();
  await rm(dir, { recursive: true });
});
const point = (key: string, step: number, value: number) => ({ key, step, time: 1000 + step, value });
const rejection = (code: string, text: string) => ({ code, message: expect.stringContaining(text) as string });

describe('experiments', () => {
  test('Default is there from the start, and can be renamed', async () => {
    expect([...workspace.catalog.experiments()]).toMatchObject([{ id: '0', name: 'Default', artifactLocation: 'mlflow-artifacts:/0' }]);
    await tracking.renameExperiment('0', 'Scratch');
    expect(workspace.catalog.experiment('0')?.name).toBe('Scratch');
  });

  test('names are unique, also among deleted ones', async () => {
    const { id } = await tracking.createExperiment({ name: 'mnist' });
    await expect(tracking.createExperiment({ name: 'mnist' })).rejects.toMatchObject(rejection('already_exists', 'mnist'));
    await tracking.deleteExperiment(id);
    await expect(tracking.createExperiment({ name: 'mnist' })).rejects.toMatchObject(rejection('already_exists', 'trash'));
    const other = await tracking.createExperiment({ name: 'other' });
    await expect(tracking.renameExperiment(other.id, 'mnist')).rejects.toMatchObject({ code: 'already_exists' });
    const both = await Promise.allSettled([tracking.createExperiment({ name: 'race' }), tracking.createExperiment({ name: 'race' })]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a renamed experiment leaves its name to another', async () => {
    const first = await tracking.createExperiment({ name: 'mnist' });
    await tracking.renameExperiment(first.id, 'old mnist');
    const second = await tracking.createExperiment({ name: 'mnist' });
    expect(second.id).not.toBe(first.id);
    expect(workspace.catalog.experimentByName('mnist')?.id).toBe(second.id);
  });

  test('deleting one puts its runs in the trash, restoring it brings all of them back', async () => {
    const { id } = await tracking.createExperiment({ name: 'mnist' });
    const kept = await tracking.createRun({ experimentId: id });
    const deleted = await tracking.createRun({ experimentId: id });
    await tracking.deleteRun(deleted.id);
    await tracking.deleteExperiment(id);
    expect([...workspace.catalog.runs(id)].every(({ deletedAt }) => deletedAt === time)).toBe(true);
    await expect(tracking.createRun({ experimentId: id })).rejects.toMatchObject({ code: 'wrong_state' });
    await expect(tracking.deleteExperiment(id)).rejects.toMatchObject({ code: 'not_found' });
    await tracking.restoreExperiment(id);
    expect(workspace.catalog.run(kept.id)?.deletedAt).toBeUndefined();
    expect(workspace.catalog.run(deleted.id)?.deletedAt).toBeUndefined();
  });

  test('tags are set and deleted', async () => {
    await tracking.setExperimentTags('0', [{ key: 'a', value: '1' }]);
    await tracking.deleteExperimentTag('0', 'a');
    await expect(tracking.deleteExperimentTag('0', 'a')).rejects.toMatchObject({ code: 'not_found' });
    await expect(tracking.setExperimentTags('7', [])).rejects.toMatchObject({ code: 'not_found' });
    await expect(tracking.setExperimentTags('0', [{ key: '__proto__', value: 'x' }])).rejects.toMatchObject({ code: 'invalid_argument', field: 'tags[0].key' });
  });
});

describe('runs', () => {
  test('a name is made where none is given, and mirrored in its tag both ways', async () => {
    const run = await tracking.createRun({ experimentId: '0' });
    expect(run.name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    expect(run.id).toMatch(/^[\da-f]{32}$/);
    expect(run.tags['mlflow.runName']).toBe(run.name);
    await tracking.updateRun(run.id, { name: 'by update' });
    expect(run.tags['mlflow.runName']).toBe('by update');
    await tracking.logBatch(run.id, { tags: [{ key: 'mlflow.runName', value: 'by tag' }] });
    expect(run.name).toBe('by tag');
  });

  test('params are written once; a batch with a changed one stores nothing at all', async () => {
    const { id } = await tracking.createRun({ experimentId: '0' });
    await tracking.logBatch(id, { params: [{ key: 'lr', value: '1' }] });
    await tracking.logBatch(id, { params: [{ key: 'lr', value: '1' }] });
    const batch = { points: [point('loss', 0, 1)], params: [{ key: 'new', value: 'x' }, { key: 'lr', value: '2' }], tags: [{ key: 'a', value: 'b' }] };
    await expect(tracking.logBatch(id, batch)).rejects.toMatchObject({ ...rejection('invalid_argument', "key='lr' was already logged with value='1'"), field: 'params[1]' });
    await expect(tracking.logBatch(id, { params: [{ key: 'p', value: '1' }, { key: 'p', value: '2' }] })).rejects.toMatchObject({ field: 'params[1]' });
    expect(workspace.catalog.run(id)).toMatchObject({ params: { lr: '1' }, metrics: {} });
    expect(workspace.catalog.run(id)?.tags.a).toBeUndefined();
    expect((await workspace.series.read(id, 'loss')).step).toHaveLength(0);
  });

  test('keys that JavaScript treats specially are plain keys or refused', async () => {
    const { id } = await tracking.createRun({ experimentId: '0' });
    await tracking.logBatch(id, { params: [{ key: 'constructor', value: '1' }], points: [point('toString', 0, 1)] });
    expect(workspace.catalog.run(id)?.params.constructor).toBe('1');
    expect(workspace.catalog.run(id)?.metrics.toString).toMatchObject({ value: 1 });
    expect(workspace.catalog.run(id)?.params.hasOwnProperty).toBeUndefined();
    for (const batch of [{ params: [{ key: '__proto__', value: '1' }] }, { points: [point('__proto__', 0, 1)] }, { tags: [{ key: '__proto__', value: '1' }] }]) {
      await expect(tracking.logBatch(id, batch)).rejects.toMatchObject({ code: 'invalid_argument' });
    }
  });

  test('a deleted run takes no writes until it is restored', async () => {
    const { id } = await tracking.createRun({ experimentId: '0' });
    await tracking.deleteRun(id);
    await tracking.deleteRun(id);
    const attempts = [
      () => tracking.logBatch(id, { points: [point('loss', 0, 1)] }),
      () => tracking.logBatch(id, { tags: [{ key: 'a', value: 'b' }] }),
      () => tracking.updateRun(id, { status: 'FINISHED' }),
      () => tracking.deleteTag(id, 'mlflow.runName'),
      () => tracking.logInputs(id, [], ['m-1']),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject(rejection('wrong_state', "must be in the 'active' state"));
    await tracking.restoreRun(id);
    await tracking.logBatch(id, { points: [point('loss', 0, 1)] });
    await expect(tracking.logBatch('nope', {})).rejects.toMatchObject({ code: 'not_found' });
    await expect(tracking.deleteTag(id, 'nope')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('datasets, model inputs and outputs add up', async () => {
    const run = await tracking.createRun({ experimentId: '0' });
    const dataset = { name: 'iris', digest: 'd1', sourceType: 'local', source: '/data', tags: [{ key: 'ctx', value: 'train' }] };
    await tracking.logInputs(run.id, [dataset], ['m-1']);
    await tracking.logInputs(run.id, [{ ...dataset, tags: [{ key: 'ctx', value: 'eval' }] }], ['m-1', 'm-2']);
    await tracking.logOutputs(run.id, [{ modelId: 'm-3', step: 1 }]);
    await tracking.logOutputs(run.id, [{ modelId: 'm-3', step: 1 }, { modelId: 'm-3', step: 2 }]);
    expect(run.inputs).toEqual([{ ...dataset, tags: [{ key: 'ctx', value: 'eval' }] }]);
    expect(run.modelInputs).toEqual([{ modelId: 'm-1' }, { modelId: 'm-2' }]);
    expect(run.modelOutputs).toEqual([{ modelId: 'm-3', step: 1 }, { modelId: 'm-3', step: 2 }]);
  });
});

describe('a create-run request that comes twice', () => {
  const request = { experimentId: '0', requestHash: 'h1' };

  test('makes two runs when both replies arrived', async () => {
    expect((await tracking.createRun(request)).id).not.toBe((await tracking.createRun(request)).id);
  });

  test('finds the run whose reply was lost, once', async () => {
    const first = await tracking.createRun(request);
    tracking.replyLost(first.id);
    expect((await tracking.createRun(request)).id).toBe(first.id);
    expect((await tracking.createRun(request)).id).not.toBe(first.id);
  });

  test('finds the run that a host which died had just made', async () => {
    const first = await tracking.createRun(request);
    await workspace.close();
    await open();
    expect((await tracking.createRun({ ...request, requestHash: 'h2' })).id).not.toBe(first.id);
    expect((await tracking.createRun(request)).id).toBe(first.id);
    expect((await tracking.createRun(request)).id).not.toBe(first.id);
  });

  test.each([
    ['a metric was logged to it', (id: string) => tracking.logBatch(id, { points: [point('loss', 0, 1)] })],
    ['a param was logged to it', (id: string) => tracking.logBatch(id, { params: [{ key: 'a', value: 'b' }] })],
    ['a tag was set', (id: string) => tracking.logBatch(id, { tags: [{ key: 'a', value: 'b' }] })],
    ['it has an artifact', (id: string) => tracking.putArtifact({ kind: 'run', id }, 'a', new Uint8Array(1))],
    ['it ended', (id: string) => tracking.updateRun(id, { status: 'FINISHED' })],
    ['it was deleted', (id: string) => tracking.deleteRun(id)],
    ['ten minutes passed', () => Promise.resolve((time += 600_000))],
  ])('makes a new run after a restart when %s', async (_what, act) => {
    const first = await tracking.createRun(request);
    await act(first.id);
    await workspace.close();
    await open();
    expect((await tracking.createRun(request)).id).not.toBe(first.id);
  });
});

describe('artifacts and logged models', () => {
  const text = async (owner: { kind: 'run' | 'model'; id: string }, path: string) => {
    const { stream } = await workspace.artifacts.open(owner, path);
    return Buffer.concat(await (stream as AsyncIterable<Buffer> & { toArray(): Promise<Buffer[]> }).toArray()).toString();
  };

  test('an artifact is stored, replaced, deleted, and stored again', async () => {
    const { id } = await tracking.createRun({ experimentId: '0' });
    const owner = { kind: 'run', id } as const;
    await tracking.putArtifact(owner, 'a/b.txt', Buffer.from('one'));
    expect(await text(owner, 'a/b.txt')).toBe('one');
    await tracking.putArtifact(owner, 'a/b.txt', Buffer.from('two'));
    expect(await text(owner, 'a/b.txt')).toBe('two');
    expect(workspace.catalog.artifacts(owner)).toHaveLength(1);
    await tracking.deleteArtifact(owner, 'a/b.txt');
    await expect(workspace.artifacts.open(owner, 'a/b.txt')).rejects.toMatchObject({ code: 'not_found' });
    await expect(tracking.deleteArtifact(owner, 'a/b.txt')).rejects.toMatchObject({ code: 'not_found' });
    await tracking.putArtifact(owner, 'a/b.txt', Buffer.from('one'));
    await workspace.close();
    await open();
    expect(await text(owner, 'a/b.txt')).toBe('one');
  });

  test('a logged model has params, tags, a status and artifacts, and survives a restart', async () => {
    const model = await tracking.createLoggedModel({ experimentId: '0', name: 'clf', params: [{ key: 'C', value: '1' }], tags: [{ key: 'a', value: 'b' }] });
    expect(model).toMatchObject({ status: 'LOGGED_MODEL_PENDING', params: { C: '1' }, tags: { a: 'b' } });
    const owner = { kind: 'model', id: model.id } as const;
    await tracking.putArtifact(owner, 'MLmodel', Buffer.from('flavors'));
    await tracking.updateLoggedModel(model.id, { status: 'LOGGED_MODEL_READY', params: [{ key: 'D', value: '2' }], deletedTag: 'a' });
    await workspace.close();
    await open();
    expect(workspace.catalog.loggedModel(model.id)).toMatchObject({ status: 'LOGGED_MODEL_READY', params: { C: '1', D: '2' }, tags: {} });
    expect(await text(owner, 'MLmodel')).toBe('flavors');
    await tracking.updateLoggedModel(model.id, { deleted: true });
    await expect(tracking.updateLoggedModel(model.id, {})).rejects.toMatchObject({ code: 'not_found' });
  });
});
