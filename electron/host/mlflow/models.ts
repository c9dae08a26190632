/** MLflow 3's logged models: what `log_model` and autologging make beside a run. */
import { randomBytes } from 'node:crypto';
import { loggedModelFilters, sortRecords, type FieldReader } from '#compute';
import type { LoggedModel } from '#model';
import { compileQuery, pageOf } from '../queries.ts';
import type { DoorParts } from './handler.ts';
import { invalid, notFound } from './errors.ts';
import { requireExperiment } from './experiments.ts';
import { objects, optionalBoolean, optionalEnum, optionalText, text, texts, wrong, type Fields } from './fields.ts';
import { key, limits, maxResults, param, tag, tagRecord } from './limits.ts';
import { pageJson, pageStart } from './pageToken.ts';
import { loggedModelJson } from './wire.ts';

const statuses = ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'] as const;

function requireModel(fields: Fields, { catalog }: DoorParts): LoggedModel {
  const id = text(fields, 'model_id');
  const model = catalog.loggedModel(id);
  if (!model || model.deletedAt !== undefined) throw notFound(`Logged model with ID '${id.slice(0, 300)}' not found.`);
  return model;
}

function modelJson(model: LoggedModel, { catalog }: DoorParts): object {
  return loggedModelJson(model, catalog.experiment(model.experimentId));
}

export async function createLoggedModel(fields: Fields, parts: DoorParts): Promise<object> {
  const experiment = requireExperiment(fields, parts);
  if (experiment.deletedAt !== undefined) throw invalid(`The experiment ${experiment.id} must be in the 'active' state. Current state is deleted.`);
  const name = optionalText(fields, 'name') || `model-${randomBytes(4).toString('hex')}`;
  if (/[/:.%"']/.test(name) || name.length > limits.key) {
    throw wrong(fields, 'name', name, `Model name must be at most ${limits.key} characters and must not contain any of / : . % " '`);
  }
  const model = await parts.tracking.createLoggedModel({
    experimentId: experiment.id,
    name,
    modelType: optionalText(fields, 'model_type') || undefined,
    sourceRunId: optionalText(fields, 'source_run_id') || undefined,
    params: objects(fields, 'params').map(param),
    tags: Object.entries(tagRecord(fields)).map(([name, value]) => ({ key: name, value })),
  });
  return { model: modelJson(model, parts) };
}

export function getLoggedModel(fields: Fields, parts: DoorParts): object {
  return { model: modelJson(requireModel(fields, parts), parts) };
}

export async function finishLoggedModel(fields: Fields, parts: DoorParts): Promise<object> {
  const { id } = requireModel(fields, parts);
  const status = optionalEnum(fields, 'status', statuses);
  if (!status) throw invalid(`Invalid value for parameter 'status': it must be one of ${statuses.join(', ')}.`);
  return { model: modelJson(await parts.tracking.updateLoggedModel(id, { status }), parts) };
}

export async function setLoggedModelTags(fields: Fields, parts: DoorParts): Promise<object> {
  const { id } = requireModel(fields, parts);
  return { model: modelJson(await parts.tracking.updateLoggedModel(id, { tags: objects(fields, 'tags').map(tag) }), parts) };
}

export async function deleteLoggedModelTag(fields: Fields, parts: DoorParts): Promise<object> {
  const { id, tags } = requireModel(fields, parts);
  const name = key(fields, 'tag_key');
  if (!Object.hasOwn(tags, name)) throw notFound(`No tag with key '${name}' on logged model '${id}'.`);
  await parts.tracking.updateLoggedModel(id, { deletedTag: name });
  return {};
}

export async function logLoggedModelParams(fields: Fields, parts: DoorParts): Promise<object> {
  const { id } = requireModel(fields, parts);
  await parts.tracking.updateLoggedModel(id, { params: objects(fields, 'params').map(param) });
  return {};
}

export async function deleteLoggedModel(fields: Fields, parts: DoorParts): Promise<object> {
  const { id } = requireModel(fields, parts);
  await parts.tracking.updateLoggedModel(id, { deleted: true });
  return {};
}

export function findLoggedModels(fields: Fields, parts: DoorParts): object {
  const experimentIds = new Set(texts(fields, 'experiment_ids'));
  if (experimentIds.size === 0) throw invalid("Missing value for required parameter 'experiment_ids'.");
  const orderBy = objects(fields, 'order_by').map((term) => {
    const [, entity = '', name = ''] = /^(?:(metrics|params|tags|attributes)\.)?(.*)$/s.exec(text(term, 'field_name')) ?? [];
    const column = name.startsWith('`') ? name : `\`${name.replaceAll('`', '')}\``;
    return `${entity === '' ? '' : `${entity}.`}${column} ${optionalBoolean(term, 'ascending') === false ? 'DESC' : 'ASC'}`;
  });
  const read = modelReader(parts);
  const { matches, terms } = compileQuery({ filter: optionalText(fields, 'filter'), orderBy }, loggedModelFilters, read);
  const found = [...experimentIds].flatMap((id) => [...parts.catalog.loggedModels(id)].filter((model) => model.deletedAt === undefined && matches(model)));
  const sorted = sortRecords(found, terms, read, (a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  const limit = maxResults(fields, limits.loggedModels, 100);
  return pageJson('models', pageOf(sorted, { ...pageStart(fields), limit }), (model) => modelJson(model, parts));
}

/** Metrics of a model are the latest ones of the run that made it. */
function modelReader({ catalog }: DoorParts): FieldReader<LoggedModel> {
  return ({ entity, key: name }) => {
    if (entity === 'metric') {
      return ({ sourceRunId }) => {
        const metrics = sourceRunId === undefined ? undefined : catalog.run(sourceRunId)?.metrics;
        return metrics && Object.hasOwn(metrics, name) ? metrics[name]?.value : undefined;
      };
    }
    if (entity === 'param' || entity === 'tag') {
      return ({ params, tags }) => {
        const record = entity === 'param' ? params : tags;
        return Object.hasOwn(record, name) ? record[name] : undefined;
      };
    }
    return attributes[name] ?? (() => undefined);
  };
}

const attributes: Readonly<Record<string, (model: LoggedModel) => string | number | undefined>> = {
  name: (model) => model.name,
  model_id: (model) => model.id,
  model_type: (model) => model.modelType,
  status: (model) => model.status.replace('LOGGED_MODEL_', ''),
  source_run_id: (model) => model.sourceRunId,
  experiment_id: (model) => model.experimentId,
  creation_timestamp: (model) => model.createdAt,
  last_updated_timestamp: (model) => model.updatedAt,
};
