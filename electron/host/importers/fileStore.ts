/**
 * Imports an MLflow file store (`mlruns/`, 0.x to 3.x) into a workspace: experiments, runs with params, tags, points
 * and artifacts, nesting, datasets, logged models and the model registry. Reads only, follows nothing out of the
 * folder, and takes one broken run for what it is: one line in the summary. Importing again adds only what is new, so
 * a stopped import is continued by starting it once more.
 *
 *   for await (const event of importFileStore('mlruns', { catalog, tracking, series }, signal))
 *     if (event.type === 'done') print(event.summary);
 */
import { placeExperiment, type PlacedExperiment } from './experimentImport.ts';
import { createImportReport, type ImportSummary } from './importReport.ts';
import { reportRefusal, type ImportStep, type ImportTarget } from './importTarget.ts';
import { importLoggedModel } from './loggedModelImport.ts';
import { readRegisteredModel } from './registryFolder.ts';
import { keepRegisteredModels } from './registryTables.ts';
import { readRunFolder } from './runFolder.ts';
import { importRun } from './runImport.ts';
import { scanFileStore, type ExperimentFolder, type FileStore } from './storeScan.ts';

export type ImportEvent =
  /** `done` of `total` runs and models are in; `doing` names the experiment. */
  { type: 'progress'; done: number; total: number; doing: string } | { type: 'done'; summary: ImportSummary };

/** Runs written at the same time, so that they share the waits for the disk. */
const together = 16;

/**
 * Imports the store at `source`; the last event carries the summary, also when `signal` stops it early. Rejects with a
 * DaybookError when there is no store, and with the workspace's error when it cannot be written.
 */
export async function* importFileStore(source: string, target: ImportTarget, signal?: AbortSignal): AsyncGenerator<ImportEvent> {
  const store = await scanFileStore(source);
  const report = createImportReport('MLflow file store', store.root);
  const step: ImportStep = { target, report, source: { root: store.root, skip: report.skip } };
  const total = store.experiments.reduce((sum, { hasMeta, runs, loggedModels }) => sum + (hasMeta ? runs.length + loggedModels.length : 0), 0);
  let done = 0;
  const seen = new Set<string>();
  // What is not in the trash comes first: of two experiments of one name it decides.
  for (const folder of store.experiments) {
    if (signal?.aborted) break;
    let placed: PlacedExperiment | undefined;
    await reportRefusal(step, folder.path, async () => void (placed = await placeExperiment(step, folder)));
    if (!placed) continue;
    const { experiment, isDeleted } = placed;
    if (folder.traces > 0) report.skip(`${folder.path}/traces`, `${folder.traces} traces; traces are not imported yet`);
    const jobs = [
      ...folder.loggedModels.map((path) => () => reportRefusal(step, path, () => importLoggedModel(step, path, experiment.id))),
      ...folder.runs.map((path) => () => reportRefusal(step, path, () => importRunFolder(step, path, experiment.id, isDeleted, seen))),
    ];
    for (let next = 0; next < jobs.length && !signal?.aborted; next += together) {
      const some = jobs.slice(next, next + together);
      await Promise.all(some.map((job) => job()));
      done += some.length;
      yield { type: 'progress', done, total, doing: experiment.name };
    }
  }
  if (!signal?.aborted) await importRegistry(step, store);
  yield { type: 'done', summary: report.summary(signal?.aborted ?? false) };
}

async function importRunFolder(step: ImportStep, folder: ExperimentFolder['path'], experimentId: string, isDeleted: boolean, seen: Set<string>): Promise<void> {
  const run = await readRunFolder(step.source, folder);
  if (!run) return;
  if (seen.has(run.id)) {
    step.report.skip(folder, `another folder of this store is the run ${run.id} already`);
    return;
  }
  seen.add(run.id);
  await importRun(step, run, experimentId, isDeleted || run.meta.lifecycle_stage === 'deleted');
}

async function importRegistry({ target, source, report }: ImportStep, store: FileStore): Promise<void> {
  const models = [];
  for (const folder of store.registeredModels) {
    const model = await readRegisteredModel(source, folder);
    if (model) models.push(model);
  }
  if (models.length === 0) return;
  const document = await target.openWorkspaceDocument();
  const added = keepRegisteredModels(document.doc, models, report.skip);
  await document.durable().finally(() => document.close());
  report.count('registeredModels', models.length, added.models);
  report.count('modelVersions', models.reduce((sum, { versions }) => sum + versions.length, 0), added.versions);
}
