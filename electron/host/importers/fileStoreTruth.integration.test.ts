/**
 * Public file stores of other people, imported and compared with counts and values that a script without MLflow code
 * worked out. The data lie outside the repository (DAYBOOK_SHARED_DATA, else ../shared/data beside it); without them
 * these tests are skipped, and `fileStore.test.ts` alone covers the layouts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace, type Workspace } from '../workspace.ts';
import { sourceTags } from './experimentImport.ts';
import { importFileStore } from './fileStore.ts';
import type { ImportSummary } from './importReport.ts';

const data = process.env.DAYBOOK_SHARED_DATA ?? path.join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');

interface TruthRun {
  run_id: string;
  name: string | null;
  status: number;
  lifecycle_stage: string;
  start_time: number;
  end_time: number | null;
  user_id: string;
  n_params: number;
  n_tags: number;
  n_points: number;
  parent: string | null;
  params: Record<string, string>;
  tags: Record<string, string>;
  metrics: Record<string, { n: number; last: { value: string; step: number; timestamp: number }; min: string; max: string; nan: number }>;
  artifacts: string[];
}

interface TruthExperiment {
  dir: string;
  id: string;
  name: string | null;
  in_trash: boolean;
  meta_ok: boolean;
  runs: number;
  runs_by_lifecycle: Record<string, number>;
  params: number;
  tags: number;
  nested_runs: number;
  artifacts: number;
  logged_models?: { model_id: string; meta_ok: boolean; params: number; tags: number }[];
}

interface Truth {
  totals: Record<string, number>;
  experiments: TruthExperiment[];
  samples: TruthRun[];
  edge_runs: Record<string, TruthRun>;
  registry: { name: string; versions: unknown[] }[];
}

const stores = [
  { name: 'filestore-automl', folder: 'filestore-automl/mlruns', archive: 'filestore-automl.tar.gz' },
  { name: 'filestore3-fleca', folder: 'filestore3-fleca/mlruns' },
  { name: 'filestore-odd-packt-hpt', folder: 'filestore-odd/packt-hpt/mlruns' },
  { name: 'filestore-odd-ijcnn2024', folder: 'filestore-odd/ijcnn2024/mlruns' },
];
const statuses = ['', 'RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];

/** Tags as the source has them: a run without a name gets one here, and with it this tag. */
function sourceTagsOf(tags: Readonly<Record<string, string>>, had: (key: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => key !== 'mlflow.runName' || had(key)));
}

/** Truth files cut long values short; what is left must be how the value starts. */
function expectTexts(actual: Readonly<Record<string, string>>, truth: Record<string, string>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(truth).sort());
  for (const [key, value] of Object.entries(truth)) expect(actual[key]!.startsWith(value.replace(/…$|\.\.\.$/, '').slice(0, 150)), key).toBe(true);
}

describe.skipIf(!existsSync(path.join(data, 'truth'))).each(stores)('$name', ({ name, folder: place, archive }) => {
  let folder: string;
  let workspace: Workspace;
  let truth: Truth;
  let summary: ImportSummary;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'daybook-truth-'));
    truth = JSON.parse(readFileSync(path.join(data, 'truth', `${name}.json`), 'utf8')) as Truth;
    if (archive && spawnSync('tar', ['xzf', path.join(data, archive), '-C', folder]).status !== 0) throw new Error('tar failed');
    workspace = await openWorkspace({ dir: path.join(folder, 'workspace') });
    for await (const event of importFileStore(path.join(archive ? folder : data, place), workspace)) if (event.type === 'done') summary = event.summary;
  }, 120_000);
  afterAll(async () => {
    await workspace.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('was read completely', () => {
    const { totals } = truth;
    expect(summary.read).toMatchObject({
      experiments: totals.experiments,
      runs: totals.runs,
      params: totals.params,
      tags: totals.tags,
      points: totals.metric_points,
      loggedModels: totals.logged_models_with_meta ?? 0,
      registeredModels: totals.registered_models,
      modelVersions: totals.model_versions,
    });
  });

  it('left out only what the truth calls unreadable', () => {
    const withoutMeta = truth.experiments.filter(({ meta_ok }) => !meta_ok);
    for (const { dir } of withoutMeta) expect(summary.skipped.some((each) => each.path === dir)).toBe(true);
    const runFolders = truth.experiments.filter(({ meta_ok }) => meta_ok);
    const expected = withoutMeta.length + runFolders.reduce((sum, each) => sum + (each as unknown as { folders_without_meta: number }).folders_without_meta, 0);
    expect(summary.skipped.map(({ path, why }) => `${path}: ${why}`)).toHaveLength(expected);
  });

  it('has its experiments with their runs', () => {
    for (const each of truth.experiments.filter(({ meta_ok }) => meta_ok)) {
      const experiment = workspace.catalog.experimentByName(each.name!);
      expect(experiment, each.name!).toBeDefined();
      if (/^\d{15,}$/.test(each.id)) expect(experiment!.id).toBe(each.id);
      else if (each.name !== 'Default') expect(experiment!.tags[sourceTags.id]).toBe(each.id);
      expect(experiment!.deletedAt !== undefined).toBe(each.in_trash);
      const runs = [...workspace.catalog.runs(experiment!.id)];
      expect(runs).toHaveLength(each.runs);
      expect(runs.filter(({ deletedAt }) => deletedAt !== undefined)).toHaveLength(each.in_trash ? each.runs : (each.runs_by_lifecycle.deleted ?? 0));
      expect(runs.reduce((sum, { params }) => sum + Object.keys(params).length, 0)).toBe(each.params);
      expect(runs.filter(({ tags }) => tags['mlflow.parentRunId'] !== undefined)).toHaveLength(each.nested_runs);
      expect(runs.reduce((sum, { id }) => sum + workspace.catalog.artifacts({ kind: 'run', id }).length, 0)).toBe(each.artifacts);
      const models = (each.logged_models ?? []).filter(({ meta_ok }) => meta_ok);
      expect([...workspace.catalog.loggedModels(experiment!.id)].map(({ id }) => id).sort()).toEqual(models.map(({ model_id }) => model_id).sort());
      for (const { model_id, params } of models) expect(Object.keys(workspace.catalog.loggedModel(model_id)!.params)).toHaveLength(params);
    }
  });

  it('has the sampled runs with every value', async () => {
    for (const each of [...truth.samples, ...Object.values(truth.edge_runs)]) {
      const run = workspace.catalog.run(each.run_id)!;
      expect(run).toMatchObject({ name: each.name ?? each.tags['mlflow.runName'] ?? each.run_id.slice(0, 8), status: statuses[each.status], startedAt: each.start_time, user: each.user_id });
      expect(run.endedAt ?? null).toBe(each.end_time);
      expectTexts(run.params, each.params);
      expectTexts(sourceTagsOf(run.tags, (key) => key in each.tags), each.tags);
      expect(run.tags['mlflow.parentRunId'] ?? null).toBe(each.parent);
      expect(Object.keys(run.metrics).sort()).toEqual(Object.keys(each.metrics).sort());
      for (const [key, { last, min, max }] of Object.entries(each.metrics)) {
        expect(run.metrics[key]).toMatchObject({ value: Number(last.value), step: last.step, time: last.timestamp, min: Number(min), max: Number(max) });
        const { value, step, time } = await workspace.series.read(run.id, key);
        expect([value.at(-1), step.at(-1), time.at(-1)]).toEqual([Number(last.value), last.step, last.timestamp]);
      }
      expect(workspace.catalog.artifacts({ kind: 'run', id: run.id }).map(({ path }) => path)).toEqual(expect.arrayContaining(each.artifacts));
    }
  });

  it('adds nothing when imported again', async () => {
    for await (const event of importFileStore(path.join(archive ? folder : data, place), workspace))
      if (event.type === 'done') {
        expect(event.summary.read).toEqual(summary.read);
        expect(Object.values(event.summary.added).every((count) => count === 0)).toBe(true);
      }
  }, 120_000);
});
