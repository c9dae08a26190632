/** MLflow's calls on single runs: create, update, log, tag, delete. Searching is in search.ts. */
import { runStatuses, type DatasetInput, type Run } from '#model';
import { jsonText } from '../jsonBody.ts';
import type { DoorParts, Exchange } from './handler.ts';
import { invalid, MlflowError, notFound } from './errors.ts';
import { requireExperiment } from './experiments.ts';
import { object, objects, optionalEnum, optionalInt, optionalText, runIdOf, text, wrong, type Fields } from './fields.ts';
import { atMost, key, limits, param, point, points, tag, tagRecord, type KeyValue } from './limits.ts';
import { runInfoJson, runJson } from './wire.ts';

/** The run that `run_id` names. */
export function requireRun(fields: Fields, { catalog }: DoorParts): Run {
  const id = runIdOf(fields);
  const run = catalog.run(id);
  if (!run) throw notFound(`Run with id=${id.slice(0, 300)} not found`);
  return run;
}

export async function createRun(fields: Fields, parts: DoorParts, exchange: Exchange): Promise<object> {
  if (!optionalText(fields, 'experiment_id')) throw new MlflowError(400, 'BAD_REQUEST', "Missing value for required parameter 'experiment_id'.");
  const experiment = requireExperiment(fields, parts);
  if (experiment.deletedAt !== undefined) throw invalid(`The experiment ${experiment.id} must be in the 'active' state. Current state is deleted.`);
  const tags = tagRecord(fields);
  const name = optionalText(fields, 'run_name') || undefined;
  const tagged = tags['mlflow.runName'];
  if (name !== undefined && tagged !== undefined && name !== tagged) {
    throw invalid(`Both 'run_name' ('${name}') and the tag 'mlflow.runName' ('${tagged}') are given, but their values differ.`);
  }
  const startedAt = optionalInt(fields, 'start_time');
  if (startedAt !== undefined && startedAt < 0) throw wrong(fields, 'start_time', startedAt, 'a time must not be negative: milliseconds since the epoch.');
  const run = await parts.tracking.createRun({
    experimentId: experiment.id,
    name: name ?? tagged,
    user: optionalText(fields, 'user_id') ?? '',
    startedAt: startedAt ?? 0,
    tags,
    requestHash: exchange.hash(),
  });
  // A client that never got this answer will ask again; then it must get this run and not another.
  exchange.onLost(() => parts.tracking.replyLost(run.id));
  return { run: runJson(run, experiment) };
}

export function getRun(fields: Fields, parts: DoorParts): object {
  const run = requireRun(fields, parts);
  return { run: runJson(run, parts.catalog.experiment(run.experimentId)) };
}

export async function updateRun(fields: Fields, parts: DoorParts): Promise<object> {
  const { id, experimentId } = requireRun(fields, parts);
  const endedAt = optionalInt(fields, 'end_time');
  if (endedAt !== undefined && endedAt < 0) throw wrong(fields, 'end_time', endedAt, 'a time must not be negative: milliseconds since the epoch.');
  const status = optionalEnum(fields, 'status', runStatuses);
  const run = await parts.tracking.updateRun(id, { status, endedAt, name: optionalText(fields, 'run_name') || undefined });
  return { run_info: runInfoJson(run, parts.catalog.experiment(experimentId)) };
}

export async function deleteRun(fields: Fields, parts: DoorParts): Promise<object> {
  const run = requireRun(fields, parts);
  if (run.deletedAt === undefined) await parts.tracking.deleteRun(run.id);
  return {};
}

export async function restoreRun(fields: Fields, parts: DoorParts): Promise<object> {
  const run = requireRun(fields, parts);
  if (run.deletedAt !== undefined) await parts.tracking.restoreRun(run.id);
  return {};
}

export async function logMetric(fields: Fields, { tracking }: DoorParts): Promise<object> {
  const runId = runIdOf(fields);
  await tracking.logBatch(runId, { points: [point(fields)] });
  return {};
}

export async function logParam(fields: Fields, { tracking }: DoorParts): Promise<object> {
  const runId = runIdOf(fields);
  await tracking.logBatch(runId, { params: [param(fields)] });
  return {};
}

export async function setTag(fields: Fields, { tracking }: DoorParts): Promise<object> {
  const runId = runIdOf(fields);
  await tracking.logBatch(runId, { tags: [tag(fields)] });
  return {};
}

export async function deleteTag(fields: Fields, parts: DoorParts): Promise<object> {
  const run = requireRun(fields, parts);
  const name = key(fields);
  if (!Object.hasOwn(run.tags, name)) throw notFound(`No tag with name: ${name} in run with id ${run.id}`);
  await parts.tracking.deleteTag(run.id, name);
  return {};
}

/** Everything is checked before anything is written. */
export async function logBatch(fields: Fields, { tracking }: DoorParts): Promise<object> {
  const runId = text(fields, 'run_id');
  const metrics = points(fields);
  const params = objects(fields, 'params');
  const tags = objects(fields, 'tags');
  atMost(params.length, limits.batchParams, 'params');
  atMost(tags.length, limits.batchTags, 'tags');
  atMost(metrics.length + params.length + tags.length, limits.batchTotal, 'metrics, params, and tags');
  const batch = { points: metrics, params: params.map(param), tags: tags.map(tag) };
  refuseDuplicates(batch.params);
  await tracking.logBatch(runId, batch);
  return {};
}

function refuseDuplicates(params: readonly KeyValue[]): void {
  const seen = new Set<string>();
  const twice = params.filter(({ key: name }) => seen.size === seen.add(name).size).map(({ key: name }) => `'${name}'`);
  if (twice.length > 0) {
    throw invalid(`Duplicate parameter keys have been submitted: ${twice.join(', ')}. Please ensure the request contains only one param value per param key.`);
  }
}

export async function logInputs(fields: Fields, parts: DoorParts): Promise<object> {
  const run = requireRun(fields, parts);
  const datasets = objects(fields, 'datasets').map(datasetInput);
  const modelIds = objects(fields, 'models').map((model) => text(model, 'model_id'));
  await parts.tracking.logInputs(run.id, datasets, modelIds);
  return {};
}

function datasetInput(fields: Fields): DatasetInput {
  const dataset = object(fields, 'dataset');
  const bounded = (name: string, most: number, value: string) => {
    if (value.length > most) throw invalid(`'${dataset.at}${name}' exceeds the maximum length of ${most} characters.`);
    return value;
  };
  const schema = optionalText(dataset, 'schema');
  const profile = optionalText(dataset, 'profile');
  return {
    name: bounded('name', 500, text(dataset, 'name')),
    digest: bounded('digest', 36, text(dataset, 'digest')),
    sourceType: text(dataset, 'source_type'),
    source: bounded('source', 65_535, text(dataset, 'source')),
    schema: schema && bounded('schema', 1_048_575, schema),
    profile: profile && bounded('profile', 16_777_215, profile),
    tags: objects(fields, 'tags').map(tag),
  };
}

export async function logOutputs(fields: Fields, parts: DoorParts): Promise<object> {
  const run = requireRun(fields, parts);
  const models = objects(fields, 'models').map((model) => ({ modelId: text(model, 'model_id'), step: optionalInt(model, 'step') ?? 0 }));
  await parts.tracking.logOutputs(run.id, models);
  return {};
}

const historyTag = 'mlflow.log-model.history';

/** How clients before 3.0 say that they put a model among the run's artifacts: kept as a list in a tag. */
export async function logModel(fields: Fields, parts: DoorParts): Promise<object> {
  const run = requireRun(fields, parts);
  const json = text(fields, 'model_json');
  const model = parseObject(json);
  if (!model) throw invalid(`Malformed model info in parameter 'model_json': it must be a JSON object.`);
  const lacking = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'].filter((name) => !Object.hasOwn(model, name));
  if (lacking.length > 0) throw invalid(`Model json is missing mandatory fields: ${lacking.join(', ')} (parameter 'model_json').`);
  const before = parseList(run.tags[historyTag]);
  await parts.tracking.logBatch(run.id, { tags: [{ key: historyTag, value: jsonText([...before, model]) }] });
  return {};
}

function parseObject(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A tag that someone else filled with something else counts as empty. */
function parseList(json: string | undefined): unknown[] {
  try {
    const value: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
