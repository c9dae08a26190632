/** A row of the table `experiments` (document `workspace`) as an Experiment, and back. */
import type { Experiment } from './experiment.ts';
import { emptyFields, type Fields } from './table.ts';
import { asCount, asString } from './values.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The experiment that MLflow clients expect to exist from the start, in every workspace, without anyone creating it. */
export const defaultExperimentId = '0';

/** An experiment whose record is kept up field by field; `exists` once it has a name. */
export interface ExperimentRow {
  readonly record: Writable<Experiment> & { tags: Record<string, string> };
  exists: boolean;
}

export function createExperimentRow(id: string): ExperimentRow {
  const isDefault = id === defaultExperimentId;
  const record = { id, name: isDefault ? 'Default' : '', artifactLocation: `mlflow-artifacts:/${id}`, createdAt: 0, updatedAt: 0, tags: emptyFields() as Record<string, string> };
  return { record, exists: isDefault };
}

/** Takes the new value of one field; undefined when it was removed. Unknown fields and malformed values change nothing. */
export function setExperimentField(row: ExperimentRow, field: string, value: unknown): void {
  const { record } = row;
  if (field.startsWith('tag.')) setTag(record.tags, field, value);
  else if (field === 'name') {
    const name = asString(value);
    if (!name) return;
    record.name = name;
    row.exists = true;
  } else if (field === 'artifactLocation') record.artifactLocation = asString(value) ?? `mlflow-artifacts:/${record.id}`;
  else if (field === 'createdAt') record.createdAt = asCount(value) ?? 0;
  else if (field === 'updatedAt') record.updatedAt = asCount(value) ?? 0;
  else if (field === 'deletedAt') setDeletedAt(record, value);
}

/** The fields of a row that say what an experiment says. */
export function experimentFields(experiment: Omit<Experiment, 'id'>): Fields {
  const { name, artifactLocation, createdAt, updatedAt, deletedAt, tags } = experiment;
  return { name, artifactLocation, createdAt, updatedAt, ...(deletedAt === undefined ? {} : { deletedAt }), ...tagFields(tags) };
}

/** Tags as fields `tag.<key>`. */
export function tagFields(tags: Readonly<Record<string, string>>): Fields {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`tag.${key}`, value]));
}

/** Takes a field `tag.<key>` into a record of tags. */
export function setTag(tags: Record<string, string>, field: string, value: unknown): void {
  const key = field.slice('tag.'.length);
  if (key === '' || key === '__proto__') return;
  const text = asString(value);
  if (text === undefined) delete tags[key];
  else tags[key] = text;
}

/** Takes the field `deletedAt`. */
export function setDeletedAt(record: { deletedAt?: number }, value: unknown): void {
  const at = asCount(value);
  if (at === undefined) delete record.deletedAt;
  else record.deletedAt = at;
}
