/**
 * The `meta.yaml` files of an MLflow file store, of every release, as plain records. PyYAML writes them by the rules
 * of YAML 1.1 and quotes only what those rules would misread, so a YAML 1.2 reader would turn a name such as 1e5 into
 * a number. Here every scalar stays text as written (null apart), and each field is read as what it is.
 * Tags that would build objects are ignored, aliases are limited.
 */
import { readFile, stat } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { LoggedModel, RunStatus } from '#model';

const text = z.string().nullish().transform((value) => value ?? undefined);
const filled = text.transform((value) => (value === '' ? undefined : value));
const required = z.string().min(1);
/** Milliseconds since the epoch; anything else counts as not there. */
const time = text.transform((value) => {
  const number = value !== undefined && /^\d{1,16}$/.test(value) ? Number(value) : NaN;
  return number > 0 && number <= 8.64e15 ? number : undefined;
});
/** A map of text to text; early releases wrote a list of {key, value}. */
const texts = z
  .union([z.record(z.string(), z.unknown()), z.array(z.unknown())])
  .nullish()
  .transform((value): Record<string, string> => {
    if (!value) return {};
    const pairs = Array.isArray(value)
      ? value.map((each) => (each && typeof each === 'object' ? [(each as { key?: unknown }).key, (each as { value?: unknown }).value] : []))
      : Object.entries(value);
    return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[0] === 'string' && typeof pair[1] === 'string'));
  });

export const experimentMeta = z.object({
  experiment_id: filled,
  name: required,
  artifact_location: filled,
  creation_time: time,
  last_update_time: time,
  lifecycle_stage: filled,
});

const statuses: Record<string, RunStatus> = { 1: 'RUNNING', 2: 'SCHEDULED', 3: 'FINISHED', 4: 'FAILED', 5: 'KILLED' };
const sourceTypes: Record<string, string> = { 1: 'NOTEBOOK', 2: 'JOB', 3: 'PROJECT', 4: 'LOCAL', 1000: 'UNKNOWN' };

export const runMeta = z.object({
  run_id: filled,
  run_uuid: filled,
  experiment_id: filled,
  run_name: filled,
  name: filled,
  user_id: filled,
  /** A number, or its name; a run whose status nobody knows counts as failed, as it cannot be running still. */
  status: text.transform((value): RunStatus => statuses[value ?? ''] ?? Object.values(statuses).find((name) => name === value) ?? 'FAILED'),
  start_time: time,
  end_time: time,
  deleted_time: time,
  lifecycle_stage: filled,
  artifact_uri: filled,
  source_type: text.transform((value) => sourceTypes[value ?? ''] ?? Object.values(sourceTypes).find((name) => name === value)),
  source_name: filled,
  source_version: filled,
  entry_point_name: filled,
  tags: texts,
});

export const inputMeta = z.object({ source_type: filled, source_id: required, tags: texts });

export const outputMeta = z.object({
  destination_id: required,
  destination_type: filled,
  step: text.transform((value) => (value !== undefined && /^-?\d{1,15}$/.test(value) ? Number(value) : 0)),
});

export const datasetMeta = z.object({
  name: required,
  digest: required,
  source_type: text.transform((value) => value ?? ''),
  source: text.transform((value) => value ?? ''),
  schema: text,
  profile: text,
});

const modelStatuses: Record<string, LoggedModel['status']> = {
  1: 'LOGGED_MODEL_PENDING',
  2: 'LOGGED_MODEL_READY',
  3: 'LOGGED_MODEL_UPLOAD_FAILED',
};

export const loggedModelMeta = z.object({
  model_id: required,
  name: required,
  model_type: filled,
  source_run_id: filled,
  status: text.transform((value): LoggedModel['status'] => modelStatuses[value ?? ''] ?? (value === 'READY' ? 'LOGGED_MODEL_READY' : 'LOGGED_MODEL_PENDING')),
  creation_timestamp: time,
  last_updated_timestamp: time,
  lifecycle_stage: filled,
});

export const registeredModelMeta = z.object({
  name: required,
  description: filled,
  creation_timestamp: time,
  last_updated_timestamp: time,
});

export const modelVersionMeta = z.object({
  name: required,
  version: z.string().regex(/^\d{1,9}$/),
  description: filled,
  run_id: filled,
  run_link: filled,
  model_id: filled,
  source: filled,
  storage_location: filled,
  current_stage: filled,
  status: filled,
  status_message: filled,
  user_id: filled,
  creation_timestamp: time,
  last_updated_timestamp: time,
});

export type ExperimentMeta = z.output<typeof experimentMeta>;
export type RunMeta = z.output<typeof runMeta>;
export type DatasetMeta = z.output<typeof datasetMeta>;
export type LoggedModelMeta = z.output<typeof loggedModelMeta>;
export type RegisteredModelMeta = z.output<typeof registeredModelMeta>;
export type ModelVersionMeta = z.output<typeof modelVersionMeta>;

/** Reads a meta file. Rejects with an Error whose message says what is wrong with it. */
export async function readMeta<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  const { size } = await stat(file);
  if (size > largest) throw new Error(`meta.yaml has ${size} bytes, more than ${largest}`);
  return parseMeta(await readFile(file, 'utf8'), schema);
}

/** The content of a meta file as a record of this schema. Throws an Error that names the field or the place. */
export function parseMeta<Schema extends z.ZodType>(content: string, schema: Schema): z.output<Schema> {
  const document = parseDocument(content, { schema: 'failsafe', customTags: ['null'], logLevel: 'silent', prettyErrors: true });
  const [problem] = document.errors;
  if (problem) throw new Error(`meta.yaml is no YAML: ${problem.message.split('\n')[0]}`);
  const parsed = schema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`meta.yaml is not understood: ${issue?.path.join('.') || 'content'}: ${issue?.message}`);
}

/** Bytes of one meta file: a dataset's profile may have 16 MB. */
const largest = 20 * 2 ** 20;
