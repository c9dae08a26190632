/**
 * The runs of the experiment on screen. The host filters and orders; this store holds the pages that were looked at and keeps
 * them fresh: announcements are gathered and the rows on screen are read again at most four times a second, in place, so that
 * scroll and selection stay. Up to `completeLimit` runs are all loaded (then nested runs can be shown as a tree).
 */
import { createStore } from 'zustand/vanilla';
import { DaybookError, type CallArgs, type RunColumns } from '#contract';
import type { Run } from '#model';
import type { Host } from '../host/connect.ts';
import { coalesce } from './coalesce.ts';
import { messageOf } from './errors.ts';

export interface RunsQuery {
  experimentIds: readonly string[];
  filter: string;
  orderBy: readonly string[];
  view: 'active' | 'deleted';
  /** Only these in the rows; all when left out. */
  columns?: { params: string[]; metrics: string[]; tags: string[] };
}

export interface RunsState {
  query: RunsQuery | undefined;
  /** Length is the total; rows that were never on screen are undefined. */
  rows: readonly (Run | undefined)[];
  /** Whether every row is loaded. */
  complete: boolean;
  /** True from a new query until its first page. */
  loading: boolean;
  error: RunsError | undefined;
  /** Which columns exist; undefined until known. */
  columns: RunColumns | undefined;
}

export interface RunsError {
  message: string;
  code: string;
  /** Index of the filter's first character at fault, when the filter is at fault. */
  at?: number;
}

export type RunsStore = ReturnType<typeof createRuns>;

export const pageSize = 200;
export const completeLimit = 2000;

/** The run rows of one window. */
export function createRuns(host: Host) {
  const store = createStore<RunsState>()(() => ({
    query: undefined,
    rows: [],
    complete: false,
    loading: false,
    error: undefined,
    columns: undefined,
  }));
  const byId = new Map<string, Run>();
  /** Pages read since the last change; others are shown as they are and read again when they come on screen. */
  let fresh = new Set<number>();
  /** Rises with every query: an answer to an older one is dropped. */
  let asked = 0;
  let wanted = { from: 0, to: pageSize };

  const readPage = async (page: number): Promise<void> => {
    const { query } = store.getState();
    if (!query) return;
    const mine = asked;
    fresh.add(page);
    try {
      const answer = await host.call('runs.query', { ...mutable(query), offset: page * pageSize, limit: pageSize });
      if (mine !== asked) return;
      for (const run of answer.rows) byId.set(run.id, run);
      const { rows: old, loading } = store.getState();
      const rows = loading ? [] : old.slice(0, answer.total);
      rows.length = answer.total;
      answer.rows.forEach((run, index) => (rows[page * pageSize + index] = run));
      store.setState({ rows, loading: false, error: undefined, complete: isComplete(rows) });
    } catch (error) {
      if (mine !== asked) return;
      fresh.delete(page);
      const { code, at } = error instanceof DaybookError ? error : { code: 'internal', at: undefined };
      store.setState({ loading: false, error: { message: messageOf(error), code, at } });
    }
  };

  const read = coalesce(async () => {
    const mine = asked;
    // One pass reads each page once, however much is announced meanwhile; the next pass is due in a moment.
    for (const page of pagesToRead()) {
      await readPage(page);
      if (mine !== asked || store.getState().error) break;
    }
    if (mine !== asked) read.now();
    else if (!store.getState().error && pagesToRead().length > 0) read();
  }, 250);

  /** What is on screen or was never read, then one page of the rest. */
  const pagesToRead = (): number[] => {
    const { query, rows, loading } = store.getState();
    if (!query) return [];
    if (loading) return [0];
    const last = Math.max(0, Math.ceil(rows.length / pageSize) - 1);
    const stale = (page: number): boolean => !fresh.has(page);
    const onScreen = range(Math.floor(wanted.from / pageSize), Math.min(last, Math.floor(Math.max(0, wanted.to - 1) / pageSize)));
    if (rows.length > completeLimit) return [...new Set([0, ...onScreen])].filter(stale);
    const others = range(0, last).filter((page) => stale(page) && !onScreen.includes(page));
    const missing = others.filter((page) => rows[page * pageSize] === undefined);
    return [...onScreen.filter(stale), ...missing, ...others.filter((page) => !missing.includes(page)).slice(0, 1)];
  };

  const readColumns = coalesce(async () => {
    const { query } = store.getState();
    if (!query) return;
    const mine = asked;
    try {
      const columns = await host.call('runs.columns', { experimentIds: [...query.experimentIds] });
      if (mine === asked || sameExperiments(query, store.getState().query)) store.setState({ columns });
    } catch {
      // The rows' own error says what is wrong.
    }
  }, 2000);

  const refresh = (): void => {
    if (!store.getState().query) return;
    fresh = new Set();
    read();
    readColumns();
  };

  const changed = (experimentId: string): void => {
    if (store.getState().query?.experimentIds.includes(experimentId)) refresh();
  };

  const undo = [
    host.on('runs.changed', ({ experimentId }) => changed(experimentId)),
    // Points alone change the last values, and bring new metrics.
    host.on('series.grew', ({ experimentId }) => changed(experimentId)),
    host.onConnection(({ state }) => state === 'open' && refresh()),
    () => read.stop(),
    () => readColumns.stop(),
  ];

  return Object.assign(store, {
    /** Shows the answer to a query. Rows of the same experiment stay on screen until the new ones are there. */
    show(query: RunsQuery): void {
      const { query: old } = store.getState();
      if (JSON.stringify(old) === JSON.stringify(query)) return;
      asked += 1;
      fresh = new Set();
      wanted = { from: 0, to: pageSize };
      if (sameExperiments(old, query)) store.setState({ query, loading: true, error: undefined });
      else {
        byId.clear();
        store.setState({ query, rows: [], complete: false, loading: true, error: undefined, columns: undefined });
        readColumns.now();
      }
      read.now();
    },
    /** The rows on screen, [from, to). */
    want(from: number, to: number): void {
      wanted = { from, to };
      read.now();
    },
    refresh,
    /** A run that was loaded, on screen or not. */
    get: (runId: string): Run | undefined => byId.get(runId),
    rename: (runId: string, name: string) => host.call('runs.rename', { runId, name }).then(refresh),
    setTag: (runIds: readonly string[], key: string, value: string) => inBatches(runIds, (some) => host.call('runs.setTag', { runIds: some, key, value })).then(refresh),
    deleteTag: (runIds: readonly string[], key: string) => inBatches(runIds, (some) => host.call('runs.deleteTag', { runIds: some, key })).then(refresh),
    remove: (runIds: readonly string[]) => inBatches(runIds, (some) => host.call('runs.delete', { runIds: some })).then(refresh),
    restore: (runIds: readonly string[]) => inBatches(runIds, (some) => host.call('runs.restore', { runIds: some })).then(refresh),
    close: () => undo.forEach((stop) => stop()),
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

function isComplete(rows: readonly (Run | undefined)[]): boolean {
  if (rows.length > completeLimit) return false;
  for (let index = 0; index < rows.length; index++) if (!rows[index]) return false;
  return true;
}

function sameExperiments(a: RunsQuery | undefined, b: RunsQuery | undefined): boolean {
  return a?.experimentIds.join() === b?.experimentIds.join();
}

function mutable(query: RunsQuery): CallArgs<'runs.query'> {
  return { ...query, experimentIds: [...query.experimentIds], orderBy: [...query.orderBy] };
}

/** A call takes at most 1,000 ids. */
async function inBatches(ids: readonly string[], work: (some: string[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < ids.length; start += 1000) await work(ids.slice(start, start + 1000));
}
