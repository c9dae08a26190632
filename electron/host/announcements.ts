/**
 * What the host announces to its pages: that something changed, never what. At most ten times a second, however fast a
 * script logs, and one message per experiment.
 */
import type { EventName, Events, SyncStatus } from '#contract';
import type { Catalog, RunChange } from './ports.ts';
import type { Announcements } from './sockets.ts';

export interface AnnouncementOptions {
  catalog: Pick<Catalog, 'onExperimentsChanged' | 'onRunsChanged'>;
  status(): SyncStatus;
  /** Called when the status may have changed. Returns its undo. */
  onStatus(listener: () => void): () => void;
}

const gatherMs = 100;
/** How often the status is looked at without being told, so that "saving" comes and goes. */
const statusMs = 500;

type Listener = Parameters<Announcements>[0];

export function createAnnouncements({ catalog, status, onStatus }: AnnouncementOptions): { announcements: Announcements; close(): void } {
  const listeners = new Set<Listener>();
  const changedRuns = new Map<string, Set<string>>();
  const grown = new Map<string, { experimentId: string; keys: Set<string> }>();
  let experimentsChanged = false;
  let timer: NodeJS.Timeout | undefined;
  let told = JSON.stringify(status());

  const announce = <N extends EventName>(event: N, data: Events[N]): void => {
    for (const listener of listeners) listener(event, data);
  };

  const flush = (): void => {
    timer = undefined;
    if (experimentsChanged) announce('experiments.changed', {});
    for (const [experimentId, runIds] of changedRuns) announce('runs.changed', { experimentId, runIds: [...runIds] });
    for (const [runId, { experimentId, keys }] of grown) announce('series.grew', { experimentId, runId, keys: [...keys] });
    experimentsChanged = false;
    changedRuns.clear();
    grown.clear();
  };
  const schedule = (): void => {
    timer ??= setTimeout(flush, gatherMs).unref();
  };

  const gather = ({ experimentId, runId, points }: RunChange): void => {
    if (points) {
      const change = grown.get(runId) ?? { experimentId, keys: new Set() };
      for (const key of points) change.keys.add(key);
      grown.set(runId, change);
      return;
    }
    const runIds = changedRuns.get(experimentId);
    if (runIds) runIds.add(runId);
    else changedRuns.set(experimentId, new Set([runId]));
  };

  const tellStatus = (): void => {
    const now = status();
    const text = JSON.stringify(now);
    if (text === told) return;
    told = text;
    announce('status.changed', now);
  };

  const undos = [
    catalog.onExperimentsChanged(() => {
      experimentsChanged = true;
      schedule();
    }),
    catalog.onRunsChanged((changes) => {
      changes.forEach(gather);
      schedule();
    }),
    onStatus(tellStatus),
  ];
  const looking = setInterval(tellStatus, statusMs).unref();

  return {
    announcements(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      clearTimeout(timer);
      clearInterval(looking);
      for (const undo of undos) undo();
      listeners.clear();
    },
  };
}
