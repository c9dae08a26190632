/** What the verbs of tracking work on, and the checks that several of them make. */
import { DaybookError } from '#contract';
import { documentName, type ExperimentRow, type Fields, type LoggedModelRow, type RunRow } from '#model';
import type { AppendLog, Chunks } from '#store';
import type { LiveCatalog } from './catalog.ts';
import type { Facts } from './facts.ts';
import type { Replicas } from './replicas.ts';
import type { Sealing } from './sealing.ts';
import type { Series } from './series.ts';

export interface TrackingParts {
  catalog: LiveCatalog;
  replicas: Pick<Replicas, 'edit' | 'unstored'>;
  facts: Facts;
  series: Series;
  sealing: Sealing;
  chunks: Chunks;
  log: AppendLog;
  hostId: string;
  now: () => number;
}

export function experimentOf({ catalog }: Pick<TrackingParts, 'catalog'>, id: string): ExperimentRow {
  const row = catalog.experimentRow(id);
  if (!row) throw new DaybookError('not_found', `No Experiment with id=${id} exists`, 'experiment_id');
  return row;
}

export function activeExperimentOf(parts: Pick<TrackingParts, 'catalog'>, id: string): ExperimentRow {
  const row = experimentOf(parts, id);
  if (row.record.deletedAt !== undefined) {
    throw new DaybookError('wrong_state', `The experiment ${id} must be in the 'active' state. Current state is deleted. Restore it first.`, 'experiment_id');
  }
  return row;
}

export function runOf({ catalog }: Pick<TrackingParts, 'catalog'>, id: string): RunRow {
  const row = catalog.runRow(id);
  if (!row) throw new DaybookError('not_found', `Run with id=${id} not found`, 'run_id');
  return row;
}

export function activeRunOf(parts: Pick<TrackingParts, 'catalog'>, id: string): RunRow {
  const row = runOf(parts, id);
  if (row.record.deletedAt !== undefined) {
    throw new DaybookError('wrong_state', `The run ${id} must be in the 'active' state. Current state is deleted. Restore it first.`, 'run_id');
  }
  return row;
}

export function modelOf({ catalog }: Pick<TrackingParts, 'catalog'>, id: string): LoggedModelRow {
  const row = catalog.modelRow(id);
  if (!row || row.record.deletedAt !== undefined) throw new DaybookError('not_found', `Logged model with ID '${id}' not found`, 'model_id');
  return row;
}

/** Writes fields of a run's row, after `check` found nothing against it. What is written to is no longer the mere result of its request. */
export async function editRun({ replicas }: Pick<TrackingParts, 'replicas'>, row: RunRow, fields: () => Fields): Promise<void> {
  const { id, experimentId } = row.record;
  await replicas.edit(documentName.experiment(experimentId), (table) => {
    table('runs').patch(id, { ...(row.request ? { request: undefined } : {}), ...fields() });
  });
}

/** Keys that JavaScript objects cannot hold as JSON travels. */
export function checkKeys(field: string, items: readonly { key: string }[]): void {
  const at = items.findIndex(({ key }) => key === '__proto__');
  if (at !== -1) throw new DaybookError('invalid_argument', `"__proto__" cannot be a key. Choose another name.`, `${field}[${at}].key`);
}

/** A time as a document keeps it: whole milliseconds from 0. */
export function asTime(value: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(0, Math.trunc(value)), Number.MAX_SAFE_INTEGER) : 0;
}
