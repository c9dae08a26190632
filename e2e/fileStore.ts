/** A small MLflow file store as its clients leave it on disk: two experiments, a nested run, a deleted one, and a damaged folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ids = { parent: 'a'.repeat(32), child: 'b'.repeat(32), gone: 'c'.repeat(32) };
export const storedRuns = ids;

async function put(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

const experimentMeta = (id: string, name: string): string =>
  `artifact_location: mlflow-artifacts:/${id}\ncreation_time: 1700000000000\nexperiment_id: '${id}'\nlast_update_time: 1700000000000\nlifecycle_stage: active\nname: ${name}\n`;
const runMeta = (experiment: string, id: string, name: string, stage = 'active'): string =>
  `artifact_uri: mlflow-artifacts:/${experiment}/${id}/artifacts\nend_time: 1700000060000\nentry_point_name: ''\nexperiment_id: '${experiment}'\nlifecycle_stage: ${stage}\nrun_id: ${id}\nrun_name: ${name}\nrun_uuid: ${id}\nsource_name: ''\nsource_type: 4\nsource_version: ''\nstart_time: 1700000000000\nstatus: 3\ntags: []\nuser_id: somebody\n`;

/** Writes the store to `folder` (made if missing). 101 points, 3 runs, 1 artifact. */
export async function writeFileStore(folder: string): Promise<void> {
  await put(path.join(folder, '0'), { 'meta.yaml': experimentMeta('0', 'Default') });
  await put(path.join(folder, '123456'), { 'meta.yaml': experimentMeta('123456', 'old sweep') });
  await put(path.join(folder, '123456', ids.parent), {
    'meta.yaml': runMeta('123456', ids.parent, 'parent'),
    'params/lr': '0.001',
    'params/text': 'two\nlines',
    'metrics/val/loss': Array.from({ length: 100 }, (_, step) => `${1_700_000_000_000 + step} ${1 / (step + 1)} ${step}\n`).join(''),
    'tags/stage': 'final',
    'artifacts/plots/note.txt': 'kept\n',
  });
  await put(path.join(folder, '123456', ids.child), {
    'meta.yaml': runMeta('123456', ids.child, 'child'),
    'metrics/loss': '1700000000000 nan 0\n',
    'tags/mlflow.parentRunId': ids.parent,
  });
  await put(path.join(folder, '123456', ids.gone), { 'meta.yaml': runMeta('123456', ids.gone, 'gone', 'deleted') });
  await put(path.join(folder, '123456', 'not-a-run'), { 'params/lr': '1' });
}
