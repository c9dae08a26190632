/** All experiments of the workspace, deleted ones included, re-read whenever the host says that they changed. */
import { createStore } from 'zustand/vanilla';
import type { ExperimentRow } from '#contract';
import type { Host } from '../host/connect.ts';
import { coalesce } from './coalesce.ts';
import { messageOf } from './errors.ts';

export interface ExperimentsState {
  /** Newest activity first. Undefined until the first answer. */
  rows: readonly ExperimentRow[] | undefined;
  error: string | undefined;
}

export type ExperimentsStore = ReturnType<typeof createExperiments>;

/** Follows the experiments of a host. */
export function createExperiments(host: Host) {
  const store = createStore<ExperimentsState>()(() => ({ rows: undefined, error: undefined }));
  const refresh = coalesce(async () => {
    try {
      const rows = await host.call('experiments.list', { view: 'all' });
      store.setState({ rows: [...rows].sort(byActivity), error: undefined });
    } catch (error) {
      store.setState({ error: messageOf(error) });
    }
  }, 250);
  const undo = [
    host.on('experiments.changed', refresh),
    host.on('runs.changed', refresh),
    host.onConnection(({ state }) => state === 'open' && refresh()),
    () => refresh.stop(),
  ];
  refresh();
  return Object.assign(store, {
    refresh,
    create: async (name: string) => {
      const made = await host.call('experiments.create', { name });
      refresh();
      return made;
    },
    rename: (experimentId: string, name: string) => host.call('experiments.rename', { experimentId, name }).then(refresh),
    remove: (experimentId: string) => host.call('experiments.delete', { experimentId }).then(refresh),
    restore: (experimentId: string) => host.call('experiments.restore', { experimentId }).then(refresh),
    close: () => undo.forEach((stop) => stop()),
  });
}

const activity = (row: ExperimentRow): number => Math.max(row.lastRunAt ?? 0, row.createdAt);

/** Running ones first, then by newest run, then by name. */
export function byActivity(a: ExperimentRow, b: ExperimentRow): number {
  const running = Number(b.runningRuns > 0) - Number(a.runningRuns > 0);
  return running || activity(b) - activity(a) || a.name.localeCompare(b.name);
}
