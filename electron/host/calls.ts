/** The page's calls (`#contract`), answered from catalog, tracking and series. Arguments are parsed already. */
import { DaybookError, type ExperimentRow, type RunColumns, type RunDetails, type SyncStatus, type WorkspaceInfo } from '#contract';
import type { Experiment, Run } from '#model';
import { readChart } from './chart.ts';
import { columnsOf } from './columns.ts';
import type { Catalog, SeriesReader, Tracking } from './ports.ts';
import { projectRun, searchRuns } from './queries.ts';
import type { CallHandlers } from './sockets.ts';
import type { Team } from './team.ts';

export interface CallParts {
  catalog: Catalog;
  tracking: Tracking;
  series: SeriesReader;
  team: Pick<Team, 'join' | 'leave'>;
  info(): WorkspaceInfo;
  status(): SyncStatus;
}

/** The tag by which a nested run names its parent. */
const parentTag = 'mlflow.parentRunId';

export function createCalls({ catalog, tracking, series, team, info, status }: CallParts): CallHandlers {
  /** Does something to every run, all at the same time so that they share their way to the disk. */
  async function forEach(runIds: readonly string[], act: (runId: string) => Promise<void>): Promise<null> {
    const results = await Promise.allSettled(runIds.map(act));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return null;
  }

  return {
    'workspace.info': () => info(),

    'experiments.list': ({ view }) =>
      [...catalog.experiments()]
        .filter(({ deletedAt }) => view === 'all' || (deletedAt === undefined) === (view === 'active'))
        .map((experiment) => withCounts(catalog, experiment)),
    'experiments.create': ({ name }) => tracking.createExperiment({ name }),
    'experiments.rename': ({ experimentId, name }) => tracking.renameExperiment(experimentId, name),
    'experiments.delete': ({ experimentId }) => tracking.deleteExperiment(experimentId).then(() => null),
    'experiments.restore': ({ experimentId }) => tracking.restoreExperiment(experimentId).then(() => null),

    'runs.columns': ({ experimentIds }): RunColumns => columnsOf(runsOf(catalog, experimentIds)),
    'runs.query': ({ experimentIds, filter, orderBy, view, offset, limit, columns }) => {
      const { total, rows } = searchRuns(catalog, { experimentIds, filter, orderBy, view, offset, limit });
      return { total, rows: columns ? rows.map((run) => projectRun(run, columns)) : rows };
    },
    'runs.get': ({ runId }) => details(catalog, runId),
    'runs.rename': ({ runId, name }) => tracking.updateRun(runId, { name }).then(() => null),
    'runs.setTag': ({ runIds, key, value }) => forEach(runIds, (runId) => tracking.logBatch(runId, { tags: [{ key, value }] })),
    'runs.deleteTag': ({ runIds, key }) =>
      forEach(
        runIds.filter((runId) => catalog.run(runId)?.tags[key] !== undefined),
        (runId) => tracking.deleteTag(runId, key),
      ),
    'runs.delete': ({ runIds }) => forEach(runIds, (runId) => tracking.deleteRun(runId)),
    'runs.restore': ({ runIds }) => forEach(runIds, (runId) => tracking.restoreRun(runId)),

    'series.read': (args) => readChart({ catalog, series }, args),
    'artifacts.list': ({ runId }) => catalog.artifacts({ kind: 'run', id: runId }),

    'team.status': () => status(),
    'team.join': async ({ invite, name }) => {
      await team.join(invite, name);
      return status();
    },
    'team.leave': async () => {
      await team.leave();
      return status();
    },
  };
}

function* runsOf(catalog: Catalog, experimentIds: readonly string[]): Generator<Run> {
  for (const id of new Set(experimentIds)) yield* catalog.runs(id);
}

function withCounts(catalog: Catalog, experiment: Experiment): ExperimentRow {
  const row: ExperimentRow = { ...experiment, activeRuns: 0, deletedRuns: 0, runningRuns: 0 };
  for (const { deletedAt, status, startedAt } of catalog.runs(experiment.id)) {
    if (deletedAt !== undefined) {
      row.deletedRuns += 1;
      continue;
    }
    row.activeRuns += 1;
    if (status === 'RUNNING') row.runningRuns += 1;
    row.lastRunAt = Math.max(row.lastRunAt ?? 0, startedAt);
  }
  return row;
}

function details(catalog: Catalog, runId: string): RunDetails {
  const run = catalog.run(runId);
  if (!run) throw new DaybookError('not_found', `There is no run ${runId} in this workspace.`, 'runId');
  const siblings = [...catalog.runs(run.experimentId)];
  const parent = catalog.run(run.tags[parentTag] ?? '');
  return {
    run,
    artifacts: catalog.artifacts({ kind: 'run', id: runId }),
    models: [...catalog.loggedModels(run.experimentId)].filter((model) => model.sourceRunId === runId && model.deletedAt === undefined),
    ...(parent ? { parent: { id: parent.id, name: parent.name } } : {}),
    children: siblings
      .filter((other) => other.tags[parentTag] === runId && other.deletedAt === undefined)
      .sort((a, b) => a.startedAt - b.startedAt)
      .map(({ id, name, status }) => ({ id, name, status })),
  };
}
