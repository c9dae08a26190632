import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTable, documentName, type Run } from '#model';
import { openWorkspace, type Workspace } from '../workspace.ts';
import { sourceTags } from './experimentImport.ts';
import { importFileStore } from './fileStore.ts';
import type { ImportSummary } from './importReport.ts';
import { metricsTag } from './loggedModelImport.ts';
import { fixtureRuns, lossPoints, put, putMeta, writeStore } from './storeFixture.ts';

let folder: string;
let store: string;
let workspace: Workspace;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'daybook-import-'));
  store = path.join(folder, 'mlruns');
  await writeStore(store);
  workspace = await openWorkspace({ dir: path.join(folder, 'workspace') });
});
afterEach(async () => {
  await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

async function importStore(source = store, signal?: AbortSignal): Promise<ImportSummary> {
  for await (const event of importFileStore(source, workspace, signal)) if (event.type === 'done') return event.summary;
  throw new Error('no summary');
}

function run(id: string): Run {
  const found = workspace.catalog.run(id);
  if (!found) throw new Error(`no run ${id}`);
  return found;
}

describe('importing a file store', () => {
  it('counts what it read, added and left out', async () => {
    const { read, added, skipped, skippedCount, cancelled } = await importStore();
    expect(read).toMatchObject({ experiments: 4, runs: 6, points: 2 + 4 + 3 + 1 + lossPoints, datasets: 1, loggedModels: 1, registeredModels: 1, modelVersions: 1 });
    // Default exists in every workspace; one line of val/accuracy is there twice.
    expect(added).toMatchObject({ experiments: 3, runs: 6, params: 3, points: read.points - 1, loggedModels: 1, registeredModels: 1, modelVersions: 1 });
    expect(cancelled).toBe(false);
    expect(skippedCount).toBe(skipped.length);
    const reasons = Object.fromEntries(skipped.map(({ path, why }) => [path, why]));
    expect(reasons).toMatchObject({
      '7': expect.stringContaining('no meta.yaml: not an experiment (it holds 1 folders that could be runs)') as string,
      '8': expect.stringContaining('no YAML') as string,
      '1/not-a-run': 'no meta.yaml: not a run',
      '1/10000000000000000000000000000099': expect.stringContaining('no YAML') as string,
      [`1/${fixtureRuns.child}/tags/huge`]: expect.stringContaining('100000') as string,
      [`1/${fixtureRuns.child}/metrics/odd:3`]: expect.stringContaining('1 fields') as string,
      [`1/${fixtureRuns.child}/artifacts/secret.txt`]: 'a link that leads out of the folder',
      [`1/${fixtureRuns.child}/artifacts/up`]: 'a link that leads out of the folder',
      [`1/${fixtureRuns.child}/params/__proto__`]: '"__proto__" cannot be a key',
      [`1/${fixtureRuns.child}/metrics/__proto__`]: '"__proto__" cannot be a key',
      [`1/${fixtureRuns.parent}/artifacts`]: 'a link, not followed',
      '175554612633604615/models/m-2': 'no meta.yaml: not a logged model',
      '175554612633604615/traces': expect.stringContaining('1 traces') as string,
    });
  });

  it('keeps times, user, status and source of a 0.x run, and turns seconds into milliseconds', async () => {
    await importStore();
    const early = run(fixtureRuns.early);
    expect(early).toMatchObject({ experimentId: '0', name: '10000000', status: 'FINISHED', user: 'someone', startedAt: 1530000000000, endedAt: 1530000005000, params: { alpha: '0.5' } });
    expect(early.tags).toMatchObject({ 'mlflow.source.name': 'train.py', 'mlflow.source.type': 'PROJECT', 'mlflow.source.git.commit': '0f3c2d', 'mlflow.project.entryPoint': 'train' });
    expect(early.metrics.rmse).toMatchObject({ value: 0.5, step: 0, time: 1530000002000, count: 2 });
    expect(workspace.catalog.artifacts({ kind: 'run', id: early.id })).toMatchObject([{ path: 'model/data.bin', size: 4 }]);
  });

  it('keeps nesting, line breaks, datasets, keys with slashes and odd values', async () => {
    await importStore();
    const parent = run(fixtureRuns.parent);
    expect(parent).toMatchObject({ name: 'search', status: 'RUNNING', params: { estimator: 'Pipeline(steps=[\n  scale,\n  svc])' } });
    expect(parent.endedAt).toBeUndefined();
    expect(parent.inputs).toMatchObject([{ name: 'digits', digest: '3f1a', sourceType: 'code', tags: [{ key: 'mlflow.data.context', value: 'train' }] }]);
    const child = run(fixtureRuns.child);
    expect(child.tags['mlflow.parentRunId']).toBe(parent.id);
    expect(child.params).toEqual({ 'model/depth': '3' });
    expect({ ...child.tags }).toMatchObject({ constructor: 'y' });
    expect(child.metrics['val/accuracy']).toMatchObject({ value: 0.875, step: 2, time: 1600000003000 });
    const odd = await workspace.series.read(child.id, 'odd');
    expect([...odd.step]).toEqual([-3, 0, 2]);
    expect([...odd.value]).toEqual([Infinity, Infinity, -Infinity]);
    const paths = workspace.catalog.artifacts({ kind: 'run', id: child.id }).map(({ path }) => path);
    expect(paths).toEqual(['aaaa/meta.yaml', 'inside.txt']);
    expect(workspace.catalog.run('aaaa')).toBeUndefined();
  });

  it('keeps what is deleted deleted', async () => {
    await importStore();
    expect(run(fixtureRuns.deleted).deletedAt).toBeDefined();
    expect(run(fixtureRuns.trashed).deletedAt).toBeDefined();
    expect(workspace.catalog.experimentByName('old')?.deletedAt).toBeDefined();
    expect(run(fixtureRuns.child).deletedAt).toBeUndefined();
  });

  it('keeps long experiment ids and derives the others from the name', async () => {
    await importStore();
    const digits = workspace.catalog.experimentByName('digits');
    expect(digits?.id).toMatch(/^\d{18}$/);
    expect(digits).toMatchObject({ createdAt: 1600000000000, tags: { [sourceTags.id]: '1', [sourceTags.artifactLocation]: 'file:///D:/mlruns/1', 'mlflow.note.content': '# Digits\n' } });
    expect(digits?.artifactLocation).toBe(`mlflow-artifacts:/${digits?.id}`);
    expect(workspace.catalog.experiment('175554612633604615')?.name).toBe('bakery');
  });

  it('keeps logged models, their links and the registry', async () => {
    await importStore();
    const late = run(fixtureRuns.late);
    expect(late.modelOutputs).toEqual([{ modelId: 'm-1', step: 4 }]);
    const model = workspace.catalog.loggedModel('m-1');
    expect(model).toMatchObject({ name: 'model', sourceRunId: late.id, status: 'LOGGED_MODEL_READY', params: { depth: '6' }, createdAt: 1757059855086 });
    expect(JSON.parse(model?.tags[metricsTag] ?? '')).toEqual([{ key: 'loss', value: '1', step: 0, timestamp: 1757059854655, run_id: late.id }]);
    expect(workspace.catalog.artifacts({ kind: 'model', id: 'm-1' }).map(({ path }) => path)).toEqual(['MLmodel']);
    const { step } = await workspace.series.read(late.id, 'loss');
    expect(step.length).toBe(lossPoints);
    const document = await workspace.documents.open(documentName.workspace);
    const models = createTable(document.doc, 'models').all();
    const versions = createTable(document.doc, 'versions').all();
    document.close();
    expect(models.get('forest')).toMatchObject({ description: 'Trees' });
    const id = models.get('forest')?.['alias.champion'] as string;
    expect(versions.get(id)).toMatchObject({ model: 'forest', number: 1, run: late.id, loggedModel: 'm-1', 'tag.stage': 'test' });
  });

  it('adds nothing the second time, also after a restart', async () => {
    const first = await importStore();
    const again = await importStore();
    expect(again.read).toEqual(first.read);
    expect(Object.values(again.added).every((count) => count === 0)).toBe(true);
    await workspace.close();
    workspace = await openWorkspace({ dir: path.join(folder, 'workspace') });
    const third = await importStore();
    expect(third.read).toEqual(first.read);
    expect(Object.values(third.added).every((count) => count === 0)).toBe(true);
    expect(third.skipped).toEqual(first.skipped);
  });

  it('adds just what was logged since', async () => {
    await importStore();
    await appendFile(path.join(store, '1', fixtureRuns.parent, 'meta.yaml'), '');
    await put(store, `1/${fixtureRuns.parent}/params/seed`, '1');
    await put(store, `1/${fixtureRuns.deleted}/tags/kept`, 'no');
    await put(store, `1/${fixtureRuns.child}/artifacts/plot.txt`, 'new');
    await appendFile(path.join(store, '1', fixtureRuns.child, 'metrics', 'val', 'accuracy'), '1600000004000 0.9375 3\n');
    await putMeta(store, `1/${fixtureRuns.parent}`, { run_id: fixtureRuns.parent, run_name: 'search', status: 3, start_time: 1600000000000, end_time: 1600000020000 });
    await putMeta(store, '1/20000000000000000000000000000001', { run_id: '20000000000000000000000000000001', status: 3, start_time: 1600000030000 });
    const { added, skipped } = await importStore();
    // What is in the trash here takes nothing new, and says so.
    expect(skipped).toContainEqual({ path: `1/${fixtureRuns.deleted}`, why: expect.stringContaining('deleted') as string });
    expect(added).toMatchObject({ experiments: 0, runs: 1, params: 1, tags: 0, points: 1, artifacts: 1 });
    expect(run(fixtureRuns.parent)).toMatchObject({ status: 'FINISHED', endedAt: 1600000020000 });
    expect(run(fixtureRuns.child).metrics['val/accuracy']).toMatchObject({ value: 0.9375, step: 3 });
  });

  it('does not overwrite what a person changed here', async () => {
    await importStore();
    const digits = workspace.catalog.experimentByName('digits')!;
    await workspace.tracking.renameExperiment(digits.id, 'Digits, revisited');
    await workspace.tracking.updateRun(fixtureRuns.child, { name: 'the good one' });
    await workspace.tracking.logBatch(fixtureRuns.child, { tags: [{ key: 'mlflow.user', value: 'me' }] });
    await workspace.tracking.restoreRun(fixtureRuns.deleted);
    const { added, skipped } = await importStore();
    expect(added).toMatchObject({ experiments: 0, runs: 0, tags: 0 });
    expect(workspace.catalog.experiment(digits.id)?.name).toBe('Digits, revisited');
    expect(run(fixtureRuns.child).name).toBe('the good one');
    expect(run(fixtureRuns.child).tags['mlflow.user']).toBe('me');
    expect(run(fixtureRuns.deleted).deletedAt).toBeUndefined();
    expect(skipped).toContainEqual({ path: `1/${fixtureRuns.child}/tags/mlflow.user`, why: 'the workspace has another value and keeps it' });
  });

  it('puts two stores’ experiments of one name together', async () => {
    await importStore();
    const other = path.join(folder, 'other');
    await putMeta(other, '5', { experiment_id: '5', name: 'digits' });
    await putMeta(other, '5/30000000000000000000000000000001', { run_id: '30000000000000000000000000000001', status: 3, start_time: 1600000030000 });
    const { added } = await importStore(other);
    expect(added).toMatchObject({ experiments: 0, runs: 1 });
    expect(run('30000000000000000000000000000001').experimentId).toBe(run(fixtureRuns.child).experimentId);
  });

  it('can be stopped, and continued by importing again', async () => {
    const stop = new AbortController();
    const events = importFileStore(store, workspace, stop.signal);
    const first = await events.next();
    expect(first.value).toMatchObject({ type: 'progress', done: 1 });
    stop.abort();
    const last = await events.next();
    expect(last.value).toMatchObject({ type: 'done', summary: { cancelled: true, read: { runs: 1 } } });
    const rest = await importStore();
    expect(rest.read.runs).toBe(6);
    expect(rest.added.runs).toBe(5);
  });

  it('takes the folder around mlruns too, and says when there is no store', async () => {
    expect((await importStore(folder)).source).toBe(store);
    await expect(importStore(path.join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not_found', field: 'path' });
    await expect(importStore(path.join(store, '1', fixtureRuns.child))).rejects.toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('looks like one experiment or run') as string });
  });
});
