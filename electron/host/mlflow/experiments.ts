/** MLflow's experiment calls. Each takes the request's fields and answers with the JSON to send. */
import type { Experiment } from '#model';
import { searchExperiments } from '../queries.ts';
import type { DoorParts } from './handler.ts';
import { invalid, MlflowError, notFound } from './errors.ts';
import { optionalEnum, optionalText, text, texts, type Fields } from './fields.ts';
import { artifactLocation, experimentName, key, limits, maxResults, tag, tagRecord } from './limits.ts';
import { pageJson, pageStart } from './pageToken.ts';
import { experimentJson } from './wire.ts';

export const viewTypes = ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'] as const;
const views = { ACTIVE_ONLY: 'active', DELETED_ONLY: 'deleted', ALL: 'all' } as const;

/** The view that `name` asks for; active ones when it is absent. */
export function viewOf(fields: Fields, name: string): 'active' | 'deleted' | 'all' {
  return views[optionalEnum(fields, name, viewTypes) ?? 'ACTIVE_ONLY'];
}

/** The experiment that `experiment_id` names. */
export function requireExperiment(fields: Fields, { catalog }: DoorParts): Experiment {
  const id = text(fields, 'experiment_id');
  if (!/^\d{1,64}$/.test(id)) throw invalid(`Invalid experiment ID '${id.slice(0, 100)}' for parameter 'experiment_id': experiment IDs are digits.`);
  const experiment = catalog.experiment(id);
  if (!experiment) throw notFound(`No Experiment with id=${id} exists`);
  return experiment;
}

export async function createExperiment(fields: Fields, { tracking }: DoorParts): Promise<object> {
  const name = experimentName(fields, 'name');
  const experiment = await tracking.createExperiment({ name, artifactLocation: artifactLocation(fields), tags: tagRecord(fields) });
  return { experiment_id: experiment.id };
}

export function getExperiment(fields: Fields, parts: DoorParts): object {
  return { experiment: experimentJson(requireExperiment(fields, parts)) };
}

export function getExperimentByName(fields: Fields, { catalog }: DoorParts): object {
  const name = text(fields, 'experiment_name');
  const experiment = catalog.experimentByName(name);
  if (!experiment) throw notFound(`Could not find experiment with name '${name}'`);
  return { experiment: experimentJson(experiment) };
}

export function findExperiments(fields: Fields, { catalog }: DoorParts): object {
  const limit = maxResults(fields, limits.experiments);
  const filter = optionalText(fields, 'filter');
  const page = searchExperiments(catalog, { ...pageStart(fields), limit, filter, orderBy: texts(fields, 'order_by'), view: viewOf(fields, 'view_type') });
  return pageJson('experiments', page, experimentJson);
}

export async function deleteExperiment(fields: Fields, parts: DoorParts): Promise<object> {
  const { id, deletedAt } = requireExperiment(fields, parts);
  if (deletedAt !== undefined) throw notFound(`No active experiment with id=${id} exists; it is deleted already.`);
  await parts.tracking.deleteExperiment(id);
  return {};
}

export async function restoreExperiment(fields: Fields, parts: DoorParts): Promise<object> {
  const { id, deletedAt } = requireExperiment(fields, parts);
  if (deletedAt === undefined) throw notFound(`No deleted experiment with id=${id} exists; it is active.`);
  await parts.tracking.restoreExperiment(id);
  return {};
}

export async function updateExperiment(fields: Fields, parts: DoorParts): Promise<object> {
  const experiment = requireExperiment(fields, parts);
  const name = experimentName(fields, 'new_name');
  if (experiment.deletedAt !== undefined) throw invalid(`The experiment ${experiment.id} must be in the 'active' state; it is deleted.`);
  const holder = parts.catalog.experimentByName(name);
  if (holder && holder.id !== experiment.id) throw new MlflowError(400, 'BAD_REQUEST', `Experiment(name=${name}) already exists.`);
  await parts.tracking.renameExperiment(experiment.id, name);
  return {};
}

export async function setExperimentTag(fields: Fields, parts: DoorParts): Promise<object> {
  const { id, deletedAt } = requireExperiment(fields, parts);
  if (deletedAt !== undefined) throw invalid(`The experiment ${id} must be in the 'active' state; it is deleted.`);
  await parts.tracking.setExperimentTags(id, [tag(fields)]);
  return {};
}

export async function deleteExperimentTag(fields: Fields, parts: DoorParts): Promise<object> {
  const { id, tags } = requireExperiment(fields, parts);
  const name = key(fields);
  if (!Object.hasOwn(tags, name)) throw notFound(`No tag with name: ${name} in experiment with id ${id}`);
  await parts.tracking.deleteExperimentTag(id, name);
  return {};
}
