/** A row of the table `loggedModels` (document `experiment/<id>`), kept up field by field, and the LoggedModel it amounts to. */
import { setDeletedAt, setTag, tagFields } from './experimentRow.ts';
import type { LoggedModel } from './run.ts';
import { setHostField, type Affected, type HostPart } from './runRow.ts';
import { emptyFields, type Fields } from './table.ts';
import { asCount, asString } from './values.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface LoggedModelRow {
  readonly record: Writable<LoggedModel> & { tags: Record<string, string>; params: Record<string, string> };
  /** Params and artifacts only. */
  readonly hosts: Map<string, HostPart>;
  /** Once it has a name. */
  exists: boolean;
}

const statuses: readonly LoggedModel['status'][] = ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'];

export function createLoggedModelRow(experimentId: string, id: string): LoggedModelRow {
  return {
    record: {
      id,
      experimentId,
      name: '',
      status: 'LOGGED_MODEL_PENDING',
      createdAt: 0,
      updatedAt: 0,
      params: emptyFields() as Record<string, string>,
      tags: emptyFields() as Record<string, string>,
    },
    hosts: new Map(),
    exists: false,
  };
}

/** Takes the new value of one field, undefined when it was removed. Unknown fields and malformed values change nothing. */
export function setLoggedModelField(row: LoggedModelRow, field: string, value: unknown): Affected {
  const { record } = row;
  const dot = field.indexOf('.');
  if (dot !== -1) {
    if (!field.startsWith('tag.')) return setHostField(row.hosts, field.slice(0, dot), field.slice(dot + 1), value);
    setTag(record.tags, field, value);
    return undefined;
  }
  switch (field) {
    case 'name':
      record.name = asString(value) ?? '';
      row.exists = record.name !== '';
      break;
    case 'modelType':
    case 'sourceRunId':
      if (asString(value) === undefined) delete record[field];
      else record[field] = asString(value)!;
      break;
    case 'status':
      record.status = statuses.find((status) => status === value) ?? 'LOGGED_MODEL_PENDING';
      break;
    case 'createdAt':
    case 'updatedAt':
      record[field] = asCount(value) ?? 0;
      break;
    case 'deletedAt':
      setDeletedAt(record, value);
      break;
  }
  return undefined;
}

/** The fields of a new row, params left out (they are a host's). */
export function loggedModelFields(model: Omit<LoggedModel, 'id' | 'experimentId' | 'params' | 'deletedAt'>): Fields {
  const { name, modelType, sourceRunId, status, createdAt, updatedAt, tags } = model;
  return { name, status, createdAt, updatedAt, ...(modelType === undefined ? {} : { modelType }), ...(sourceRunId === undefined ? {} : { sourceRunId }), ...tagFields(tags) };
}
