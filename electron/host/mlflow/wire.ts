/**
 * Our records as MLflow's JSON. A field that was set is written even when it is empty or 0, one that was not is left
 * out, and so are empty lists. Metrics: NaN is the string "NaN", infinities are the largest double, as MLflow's
 * database store answers; the stored value stays infinite.
 */
import type { Artifact, Experiment, LoggedModel, Run } from '#model';
import { runArtifactUri } from '../queries.ts';
import type { KeyValue } from './limits.ts';

export function metricValue(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : Math.sign(value) * Number.MAX_VALUE;
}

export function experimentJson(experiment: Experiment): object {
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: stage(experiment),
    last_update_time: experiment.updatedAt,
    creation_time: experiment.createdAt,
    tags: keyValues(experiment.tags),
  };
}

export function runInfoJson(run: Run, experiment: Experiment | undefined): object {
  return {
    run_uuid: run.id,
    run_id: run.id,
    run_name: run.name,
    experiment_id: run.experimentId,
    user_id: run.user,
    status: run.status,
    start_time: run.startedAt,
    end_time: run.endedAt,
    artifact_uri: runArtifactUri(experiment, run),
    lifecycle_stage: stage(run),
  };
}

export function runJson(run: Run, experiment: Experiment | undefined): object {
  const metrics = Object.entries(run.metrics).map(([key, { value, time, step }]) => ({ key, value: metricValue(value), timestamp: time, step }));
  return {
    info: runInfoJson(run, experiment),
    data: { metrics: filled(metrics), params: keyValues(run.params), tags: keyValues(run.tags) },
    inputs: {
      dataset_inputs: filled(
        run.inputs.map(({ tags, name, digest, sourceType, source, schema, profile }) => ({
          tags: filled([...tags]),
          dataset: { name, digest, source_type: sourceType, source, schema, profile },
        })),
      ),
      model_inputs: filled(run.modelInputs.map(({ modelId }) => ({ model_id: modelId }))),
    },
    outputs: run.modelOutputs.length > 0 ? { model_outputs: run.modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step })) } : undefined,
  };
}

export function modelArtifactUri(experiment: Experiment | undefined, model: LoggedModel): string {
  return `${experiment?.artifactLocation ?? `mlflow-artifacts:/${model.experimentId}`}/models/${model.id}/artifacts`;
}

export function loggedModelJson(model: LoggedModel, experiment: Experiment | undefined): object {
  return {
    info: {
      model_id: model.id,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.createdAt,
      last_updated_timestamp_ms: model.updatedAt,
      artifact_uri: modelArtifactUri(experiment, model),
      status: model.status,
      model_type: model.modelType,
      source_run_id: model.sourceRunId,
      tags: keyValues(model.tags),
    },
    data: { params: keyValues(model.params) },
  };
}

export interface FileInfo {
  path: string;
  is_dir: boolean;
  /** Bytes; folders have none. */
  file_size?: number;
}

/** What lies directly in a folder (`''` is the root), folders included, ordered by path; paths are whole. */
export function folderListing(artifacts: readonly Artifact[], folder: string): FileInfo[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  const found = new Map<string, FileInfo>();
  for (const { path, size } of artifacts) {
    if (!path.startsWith(prefix)) continue;
    const slash = path.indexOf('/', prefix.length);
    if (slash < 0) found.set(path, { path, is_dir: false, file_size: size });
    else found.set(path.slice(0, slash), { path: path.slice(0, slash), is_dir: true });
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function filled<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}

function keyValues(record: Readonly<Record<string, string>>): KeyValue[] | undefined {
  return filled(Object.entries(record).map(([key, value]) => ({ key, value })));
}

function stage(record: { deletedAt?: number }): 'active' | 'deleted' {
  return record.deletedAt === undefined ? 'active' : 'deleted';
}
