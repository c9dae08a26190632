/** A logged model of a file store (3.x): `<experiment>/models/m-…` with its params, tags, metrics and artifacts. */
import path from 'node:path';
import { isRealFile } from './folder.ts';
import { missingTexts, type ImportStep } from './importTarget.ts';
import { listKeys, longestValue, readKeyTexts } from './keyFiles.ts';
import { loggedModelMeta, readMeta, type LoggedModelMeta } from './metaYaml.ts';
import { readMetricFile } from './metricFile.ts';
import { importArtifacts } from './runImport.ts';
import { listArtifacts } from './runFolder.ts';

/**
 * Tag of a logged model: its metrics as JSON `[{key, value, step, timestamp, run_id, dataset_name?, dataset_digest?}]`,
 * values as text. The points themselves are those of the run; only the file store says which of them are the model's.
 */
export const metricsTag = 'daybook.metrics';

/** Imports the logged model in `folder` into an experiment, or adds what the workspace's model of that id lacks. */
export async function importLoggedModel(step: ImportStep, folder: string, experimentId: string): Promise<void> {
  const { target, source, report } = step;
  if (!(await isRealFile(path.join(source.root, folder, 'meta.yaml')))) {
    report.skip(folder, 'no meta.yaml: not a logged model');
    return;
  }
  let meta: LoggedModelMeta;
  try {
    meta = await readMeta(path.join(source.root, folder, 'meta.yaml'), loggedModelMeta);
    if (!/^[\w-]{1,64}$/.test(meta.model_id)) throw new Error(`the model id "${meta.model_id.slice(0, 80)}" has other characters than letters, digits, - and _`);
  } catch (error) {
    report.skip(folder, (error as Error).message);
    return;
  }
  const params = await readKeyTexts(source, `${folder}/params`);
  const tags = await readKeyTexts(source, `${folder}/tags`);
  const metrics = await readMetrics(step, folder);
  if (metrics !== undefined) tags.set(metricsTag, metrics);
  const isDeleted = meta.lifecycle_stage === 'deleted';
  const known = target.catalog.loggedModel(meta.model_id);
  if (!known) {
    const model = await target.tracking.createLoggedModel({
      id: meta.model_id,
      experimentId,
      name: meta.name,
      ...(meta.model_type === undefined ? {} : { modelType: meta.model_type }),
      ...(meta.source_run_id === undefined ? {} : { sourceRunId: meta.source_run_id }),
      params: [...params].map(([key, value]) => ({ key, value })),
      tags: [...tags].map(([key, value]) => ({ key, value })),
      status: meta.status,
      ...(meta.creation_timestamp === undefined ? {} : { createdAt: meta.creation_timestamp }),
      ...(meta.last_updated_timestamp === undefined ? {} : { updatedAt: meta.last_updated_timestamp }),
    });
    await importArtifacts(step, `${folder}/artifacts`, { kind: 'model', id: model.id }, await listArtifacts(source, folder));
    if (isDeleted) await target.tracking.updateLoggedModel(model.id, { deleted: true });
  } else {
    const newParams = missingTexts(step, `${folder}/params`, params, known.params);
    const newTags = missingTexts(step, `${folder}/tags`, tags, known.tags);
    const isReadyNow = known.status === 'LOGGED_MODEL_PENDING' && meta.status !== 'LOGGED_MODEL_PENDING';
    if (newParams.length > 0 || newTags.length > 0 || isReadyNow)
      await target.tracking.updateLoggedModel(known.id, { params: newParams, tags: newTags, ...(isReadyNow ? { status: meta.status } : {}) });
    await importArtifacts(step, `${folder}/artifacts`, { kind: 'model', id: known.id }, await listArtifacts(source, folder));
  }
  report.count('loggedModels', 1, known ? 0 : 1);
}

async function readMetrics({ source, report }: ImportStep, folder: string): Promise<string | undefined> {
  const metrics: Record<string, unknown>[] = [];
  for (const file of await listKeys(source, `${folder}/metrics`)) {
    for await (const { points, problems } of readMetricFile(file.absolute, 'model')) {
      for (const { line, why } of problems) report.skip(`${folder}/metrics/${file.path}:${line}`, why);
      for (const { value, step, time, runId, dataset } of points)
        metrics.push({
          key: file.path,
          value: String(value),
          step,
          timestamp: time,
          ...(runId === undefined ? {} : { run_id: runId }),
          ...(dataset ? { dataset_name: dataset.name, dataset_digest: dataset.digest } : {}),
        });
    }
  }
  if (metrics.length === 0) return undefined;
  const json = JSON.stringify(metrics);
  if (json.length <= longestValue) return json;
  report.skip(`${folder}/metrics`, `${metrics.length} points are too many to keep with the model; the run has them`);
  return undefined;
}
