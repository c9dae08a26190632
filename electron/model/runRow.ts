/**
 * A row of the table `runs` (document `experiment/<id>`), kept up field by field, and the Run it amounts to. What only
 * scripts write is kept per host, one JSON value each, and combined: params and artifacts as a union, metric summaries
 * as one summary, series as the list of all chunks.
 */
import { mergeMetricSummaries } from './metricSummary.ts';
import { setDeletedAt, setTag, tagFields } from './experimentRow.ts';
import type { Artifact, DatasetInput, MetricSummary, Run, RunStatus } from './run.ts';
import { runStatuses } from './run.ts';
import { emptyFields, type Fields } from './table.ts';
import { asCount, asList, asRecord, asString, jsonToNumber, numberToJson } from './values.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Element of the field `series.<host>`: one chunk of points. */
export interface SeriesPointer {
  chunk: string;
  points: number;
  /** When it was written, ms since the epoch. */
  at: number;
}

/** What one host said of a run (or, params and artifacts only, of a logged model). */
export interface HostPart {
  params?: Record<string, string>;
  summary?: Record<string, MetricSummary>;
  series?: SeriesPointer[];
  /** Facts of that host's log up to this sequence number stand in these fields. */
  sealed?: number;
  /** By path; an empty hash means deleted. */
  artifacts?: Record<string, Artifact>;
}

export interface RunRow {
  readonly record: Writable<Run> & { tags: Record<string, string>; params: Record<string, string>; metrics: Record<string, MetricSummary> };
  readonly hosts: Map<string, HostPart>;
  /** Once it has `startedAt`. */
  exists: boolean;
  /** The request that created it, until something else is written to the run. */
  request?: { hash: string; at: number };
}

export function createRunRow(experimentId: string, id: string): RunRow {
  return {
    record: {
      id,
      experimentId,
      name: '',
      status: 'RUNNING',
      startedAt: 0,
      user: '',
      params: emptyFields() as Record<string, string>,
      metrics: emptyFields() as Record<string, MetricSummary>,
      tags: emptyFields() as Record<string, string>,
      host: '',
      inputs: [],
      modelInputs: [],
      modelOutputs: [],
    },
    hosts: new Map(),
    exists: false,
  };
}

/** Which combination a changed field calls for; see `combineParams` and `combineMetrics`. */
export type Affected = 'params' | 'metrics' | 'artifacts' | undefined;

/** Takes the new value of one field, undefined when it was removed. Unknown fields and malformed values change nothing. */
export function setRunField(row: RunRow, field: string, value: unknown): Affected {
  const dot = field.indexOf('.');
  if (dot !== -1) {
    const name = field.slice(0, dot);
    if (name === 'tag') setTag(row.record.tags, field, value);
    else return setHostField(row.hosts, name, field.slice(dot + 1), value);
    return undefined;
  }
  const { record } = row;
  switch (field) {
    case 'name':
      record.name = asString(value) ?? '';
      break;
    case 'status':
      record.status = runStatuses.find((status) => status === value) ?? 'RUNNING';
      break;
    case 'startedAt':
      row.exists = asCount(value) !== undefined;
      record.startedAt = asCount(value) ?? 0;
      break;
    case 'endedAt':
      if (asCount(value) === undefined) delete record.endedAt;
      else record.endedAt = asCount(value)!;
      break;
    case 'user':
      record.user = asString(value) ?? '';
      break;
    case 'host':
      record.host = asString(value) ?? '';
      break;
    case 'deletedAt':
      setDeletedAt(record, value);
      break;
    case 'inputs':
      record.inputs = asList(value, asDataset);
      break;
    case 'modelInputs':
      record.modelInputs = asList(value, (item) => {
        const modelId = asString((item as Fields | null)?.modelId);
        return modelId === undefined ? undefined : { modelId };
      });
      break;
    case 'modelOutputs':
      record.modelOutputs = asList(value, (item) => {
        const { modelId, step } = (item ?? {}) as Fields;
        return typeof modelId === 'string' && typeof step === 'number' ? { modelId, step } : undefined;
      });
      break;
    case 'request': {
      const [hash, at] = Array.isArray(value) ? (value as unknown[]) : [];
      if (typeof hash === 'string' && typeof at === 'number') row.request = { hash, at };
      else delete row.request;
      break;
    }
  }
  return undefined;
}

/** Takes a field `<name>.<host>` of a run or a logged model. */
export function setHostField(hosts: Map<string, HostPart>, name: string, host: string, value: unknown): Affected {
  const part = hostPart(hosts, host);
  switch (name) {
    case 'params':
      part.params = asRecord(value, asString);
      return 'params';
    case 'summary':
      part.summary = asRecord(value, jsonToSummary);
      return 'metrics';
    case 'series':
      part.series = asList(value, asPointer);
      return undefined;
    case 'sealed':
      part.sealed = asCount(value);
      return undefined;
    case 'artifacts':
      part.artifacts = asRecord(value, jsonToArtifact);
      return 'artifacts';
    default:
      return undefined;
  }
}

/** What a host said, made when it said nothing yet. */
export function hostPart(hosts: Map<string, HostPart>, host: string): HostPart {
  let part = hosts.get(host);
  if (!part) hosts.set(host, (part = {}));
  return part;
}

/** The union of the params of all hosts; of two values the creating host's counts, then that of the least host id. */
export function combineParams(hosts: ReadonlyMap<string, HostPart>, creator: string): Record<string, string> {
  const [first, ...others] = [...hosts].filter(([, { params }]) => params).sort(([a], [b]) => (a === creator ? -1 : b === creator ? 1 : a < b ? -1 : 1));
  if (!first) return emptyFields() as Record<string, string>;
  if (others.length === 0) return first[1].params!;
  const combined = emptyFields() as Record<string, string>;
  for (const [, { params }] of [first, ...others]) for (const key in params) combined[key] ??= params[key]!;
  return combined;
}

/** One summary per metric over what all hosts say and the points that `open` sums up. The result shares nothing with its sources. */
export function combineMetrics(hosts: ReadonlyMap<string, HostPart>, open: Readonly<Record<string, MetricSummary>>): Record<string, MetricSummary> {
  const combined = emptyFields() as Record<string, MetricSummary>;
  const add = (summaries: Readonly<Record<string, MetricSummary>>): void => {
    for (const key in summaries) {
      const known = combined[key];
      combined[key] = known ? mergeMetricSummaries(known, summaries[key]!) : { ...summaries[key]! };
    }
  };
  for (const { summary } of hosts.values()) if (summary) add(summary);
  add(open);
  return combined;
}

/** The artifacts of all hosts by path; the newest entry of a path counts, and it may say that the file is deleted. */
export function combineArtifacts(hosts: ReadonlyMap<string, HostPart>): Artifact[] {
  const combined = new Map<string, Artifact>();
  for (const { artifacts } of hosts.values()) {
    for (const path in artifacts) {
      const artifact = artifacts[path]!;
      const known = combined.get(path);
      if (!known || artifact.at > known.at || (artifact.at === known.at && artifact.hash > known.hash)) combined.set(path, artifact);
    }
  }
  return [...combined.values()].filter(({ hash }) => hash !== '').sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The chunks of points of all hosts. */
export function combineSeries(hosts: ReadonlyMap<string, HostPart>): SeriesPointer[] {
  return [...hosts.values()].flatMap(({ series }) => series ?? []);
}

/** The fields of a new row. */
export function runFields(run: Pick<Run, 'name' | 'status' | 'startedAt' | 'user' | 'host' | 'tags'> & Partial<Pick<Run, 'endedAt' | 'deletedAt'>>): Fields {
  const { tags, name, status, startedAt, user, host, endedAt, deletedAt } = run;
  return { name, status, startedAt, user, host, ...(endedAt === undefined ? {} : { endedAt }), ...(deletedAt === undefined ? {} : { deletedAt }), ...tagFields(tags) };
}

/** Own fields of a host as the document keeps them. */
export function hostFields(host: string, { params, summary, series, sealed, artifacts }: HostPart): Fields {
  const fields: Fields = {};
  if (params) fields[`params.${host}`] = { ...params };
  if (summary) fields[`summary.${host}`] = mapValues(summary, summaryToJson);
  if (series) fields[`series.${host}`] = series;
  if (sealed !== undefined) fields[`sealed.${host}`] = sealed;
  if (artifacts) fields[`artifacts.${host}`] = mapValues(artifacts, ({ hash, size, at }) => [hash, size, at]);
  return fields;
}

/** Whether a status means that the run is over. */
export function isOver(status: RunStatus): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'KILLED';
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function summaryToJson({ value, step, time, min, max, count }: MetricSummary): unknown[] {
  return [value, step, time, min, max, count].map(numberToJson);
}

function jsonToSummary(json: unknown): MetricSummary | undefined {
  if (!Array.isArray(json) || json.length !== 6) return undefined;
  const [value, step, time, min, max, count] = json.map(jsonToNumber);
  if (value === undefined || step === undefined || time === undefined || min === undefined || max === undefined || count === undefined) return undefined;
  return Number.isFinite(step) && Number.isFinite(time) && Number.isFinite(count) ? { value, step, time, min, max, count } : undefined;
}

function jsonToArtifact(json: unknown, path: string): Artifact | undefined {
  if (!Array.isArray(json)) return undefined;
  const [hash, size, at] = json as unknown[];
  if (typeof hash !== 'string' || !/^([0-9a-f]{64})?$/.test(hash) || asCount(size) === undefined || asCount(at) === undefined) return undefined;
  return isSafePath(path) ? { path, hash, size: asCount(size)!, at: asCount(at)! } : undefined;
}

/** Artifact paths are checked by the door; one that came from a teammate is checked here. */
function isSafePath(path: string): boolean {
  if (path.length > 4096 || /[\p{Cc}\\]|^[A-Za-z]:/u.test(path)) return false;
  // Names of dots and blanks mean this or the parent folder to some systems.
  return path.split('/').every((part) => part !== '' && part.length <= 255 && !/^\.+\s*$/.test(part));
}

function asPointer(json: unknown): SeriesPointer | undefined {
  const { chunk, points, at } = (json ?? {}) as Fields;
  return typeof chunk === 'string' && /^[0-9a-f]{64}$/.test(chunk) && asCount(points) !== undefined && asCount(at) !== undefined
    ? { chunk, points: asCount(points)!, at: asCount(at)! }
    : undefined;
}

function asDataset(json: unknown): DatasetInput | undefined {
  const { name, digest, sourceType, source, schema, profile, tags } = (json ?? {}) as Fields;
  if (typeof name !== 'string' || typeof digest !== 'string') return undefined;
  return {
    name,
    digest,
    sourceType: asString(sourceType) ?? '',
    source: asString(source) ?? '',
    ...(typeof schema === 'string' ? { schema } : {}),
    ...(typeof profile === 'string' ? { profile } : {}),
    tags: asList(tags, (tag) => {
      const { key, value } = (tag ?? {}) as Fields;
      return typeof key === 'string' && typeof value === 'string' ? { key, value } : undefined;
    }),
  };
}
