/**
 * A small file store for the tests, written in the layouts of all releases, with everything in it that real stores
 * were seen to contain: trash, nesting, lost folders, broken YAML, links, odd numbers.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Run ids of the fixture by what they are examples of. */
export const fixtureRuns = {
  early: '10000000000000000000000000000001',
  parent: '10000000000000000000000000000002',
  child: '10000000000000000000000000000003',
  deleted: '10000000000000000000000000000004',
  trashed: '10000000000000000000000000000005',
  late: '10000000000000000000000000000006',
} as const;

/** Points in the fixture's `loss` of the late run. */
export const lossPoints = 25_000;

/** Writes one file, given as path and content. */
export async function put(root: string, file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), content);
}

/** Writes `{ field: value }` as a meta.yaml. */
export function putMeta(root: string, folder: string, fields: Record<string, string | number | null>): Promise<void> {
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${typeof value === 'string' ? JSON.stringify(value) : value}\n`);
  return put(root, `${folder}/meta.yaml`, lines.join(''));
}

/** Writes the whole store into `root`, and a file beside it that nothing may read. */
export async function writeStore(root: string): Promise<void> {
  await early(root);
  await middle(root);
  await late(root);
  await broken(root);
}

/** 0.x: run_uuid, source in meta.yaml, seconds, two fields a line, no lifecycle. */
async function early(root: string): Promise<void> {
  await put(root, '0/meta.yaml', 'artifact_location: /home/someone/mlruns/0\nexperiment_id: 0\nname: Default\n');
  const run = `0/${fixtureRuns.early}`;
  await put(
    root,
    `${run}/meta.yaml`,
    `artifact_uri: /home/someone/mlruns/0/x/artifacts\nend_time: 1530000005000\nentry_point_name: train\nexperiment_id: 0\nname: ''\nrun_uuid: ${fixtureRuns.early}\nsource_name: train.py\nsource_type: 3\nsource_version: 0f3c2d\nstart_time: 1530000000000\nstatus: 3\ntags: []\nuser_id: someone\n`,
  );
  await put(root, `${run}/params/alpha`, '0.5');
  await put(root, `${run}/metrics/rmse`, '1530000001 0.75\n1530000002 0.5\n');
  await put(root, `${run}/artifacts/model/data.bin`, new Uint8Array([0, 1, 2, 255]));
}

/** 1.x and 2.x: tags, steps, nesting, datasets, a deleted run, an experiment in the trash. */
async function middle(root: string): Promise<void> {
  await putMeta(root, '1', { experiment_id: '1', name: 'digits', artifact_location: 'file:///D:/mlruns/1', lifecycle_stage: 'active', creation_time: 1600000000000, last_update_time: 1600000001000 });
  await put(root, '1/tags/mlflow.note.content', '# Digits\n');
  const run = (id: string, name: string, fields: Record<string, string | number | null> = {}) =>
    putMeta(root, `1/${id}`, {
      run_id: id,
      run_uuid: id,
      run_name: name,
      experiment_id: '1',
      lifecycle_stage: 'active',
      status: 3,
      start_time: 1600000000000,
      end_time: 1600000009000,
      user_id: 'someone',
      source_name: '',
      source_type: 4,
      ...fields,
    });
  await run(fixtureRuns.parent, 'search', { status: 1, end_time: null });
  await put(root, `1/${fixtureRuns.parent}/tags/mlflow.runName`, 'search');
  await put(root, `1/${fixtureRuns.parent}/params/estimator`, 'Pipeline(steps=[\n  scale,\n  svc])');
  await putMeta(root, `1/datasets/d0c5`, { name: 'digits', digest: '3f1a', source_type: 'code', source: '{"tags": {}}', schema: '{"columns": 64}' });
  await put(root, `1/${fixtureRuns.parent}/inputs/i1/meta.yaml`, "source_type: DATASET\nsource_id: d0c5\ndestination_type: RUN\ntags:\n  mlflow.data.context: train\n");
  await run(fixtureRuns.child, 'trial-1');
  await put(root, `1/${fixtureRuns.child}/tags/mlflow.parentRunId`, fixtureRuns.parent);
  await put(root, `1/${fixtureRuns.child}/tags/mlflow.user`, 'someone');
  await put(root, `1/${fixtureRuns.child}/params/model/depth`, '3');
  await put(root, `1/${fixtureRuns.child}/metrics/val/accuracy`, '1600000001000 0.5 0\n1600000001000 0.5 0\n1600000002000 nan 1\n1600000003000 0.875 2 digits 3f1a\n');
  await put(root, `1/${fixtureRuns.child}/metrics/odd`, '1600000001000 inf -3\n1600000001000 1e400 0\nnonsense\n1600000001000 -inf 2\n');
  await run(fixtureRuns.deleted, 'wrong', { lifecycle_stage: 'deleted', deleted_time: 1600000010000, status: 4 });
  await putMeta(root, '.trash/2', { experiment_id: '2', name: 'old', lifecycle_stage: 'active' });
  await putMeta(root, `.trash/2/${fixtureRuns.trashed}`, { run_id: fixtureRuns.trashed, name: 'thrown', experiment_id: '2', lifecycle_stage: 'active', status: 5, start_time: 1600000000000 });
  await put(root, `.trash/2/${fixtureRuns.trashed}/metrics/foo`, '1600000000001 1 0\n');
}

/** 3.x: long ids, logged models, outputs, traces, registry. */
async function late(root: string): Promise<void> {
  const experiment = '175554612633604615';
  await putMeta(root, experiment, { experiment_id: experiment, name: 'bakery', artifact_location: `mlflow-artifacts:/${experiment}`, lifecycle_stage: 'active', creation_time: 1757059854276 });
  const run = `${experiment}/${fixtureRuns.late}`;
  await putMeta(root, run, { run_id: fixtureRuns.late, run_name: 'boost', experiment_id: experiment, lifecycle_stage: 'active', status: 3, start_time: 1757059854655, end_time: 1757059858109, user_id: 'someone' });
  await put(root, `${run}/metrics/loss`, Array.from({ length: lossPoints }, (_, i) => `${1757059854655 + i} ${1 / (i + 1)} ${i}\n`).join(''));
  await put(root, `${run}/outputs/m-1/meta.yaml`, `destination_id: m-1\ndestination_type: MODEL_OUTPUT\nsource_id: ${fixtureRuns.late}\nsource_type: RUN_OUTPUT\nstep: 4\ntags: {}\n`);
  const model = `${experiment}/models/m-1`;
  await putMeta(root, model, { model_id: 'm-1', name: 'model', model_type: null, source_run_id: fixtureRuns.late, status: 2, creation_timestamp: 1757059855086, last_updated_timestamp: 1757059858100 });
  await put(root, `${model}/params/depth`, '6');
  await put(root, `${model}/tags/mlflow.user`, 'someone');
  await put(root, `${model}/metrics/loss`, `1757059854655 1.0 0 ${fixtureRuns.late}\n`);
  await put(root, `${model}/artifacts/MLmodel`, 'flavors: {}\n');
  await put(root, `${experiment}/models/m-2/artifacts/MLmodel`, 'flavors: {}\n');
  await put(root, `${experiment}/traces/tr-1/trace_info.yaml`, 'trace_id: tr-1\n');
  await putMeta(root, 'models/forest', { name: 'forest', description: 'Trees', creation_timestamp: 1757059860000, last_updated_timestamp: 1757059860001 });
  await put(root, 'models/forest/aliases/champion', '1');
  await putMeta(root, 'models/forest/version-1', { name: 'forest', version: 1, run_id: fixtureRuns.late, model_id: 'm-1', source: 'models:/m-1', status: 'READY', current_stage: 'None', creation_timestamp: 1757059860001 });
  await put(root, 'models/forest/version-1/tags/stage', 'test');
}

/** What must cost one line of the summary each, and nothing else. */
async function broken(root: string): Promise<void> {
  await put(root, '7/no-meta-here/artifacts/model.bin', 'x');
  await put(root, '8/meta.yaml', 'name: [unclosed\n');
  await put(root, '1/not-a-run/artifacts/note.txt', 'x');
  await put(root, '1/10000000000000000000000000000099/meta.yaml', 'status: {\n');
  const run = `1/${fixtureRuns.child}`;
  await put(root, `${run}/tags/huge`, 'x'.repeat(500_000));
  await put(root, `${run}/.DS_Store`, '');
  await put(root, `${run}/params/__proto__`, 'x');
  await put(root, `${run}/tags/constructor`, 'y');
  await put(root, `${run}/metrics/__proto__`, '1600000001000 1 0\n');
  // What looks like a run inside a run's artifacts is an artifact.
  await putMeta(root, `${run}/artifacts/aaaa`, { run_id: 'aaaa', name: 'evil', experiment_id: '1', status: 3 });
  await put(path.dirname(root), 'secret.txt', 'secret');
  await symlink(path.join(path.dirname(root), 'secret.txt'), path.join(root, run, 'artifacts', 'secret.txt'));
  await symlink(path.dirname(root), path.join(root, run, 'artifacts', 'up'));
  await symlink(path.dirname(root), path.join(root, '1', fixtureRuns.parent, 'artifacts'));
  await symlink(path.join(root, run, 'metrics', 'odd'), path.join(root, run, 'artifacts', 'inside.txt'));
}
