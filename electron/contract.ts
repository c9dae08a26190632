/**
 * Every call and event between the page and its host. Arguments are parsed by the host with these schemas;
 * results are plain values that survive lib0's `any` encoding (NaN, Infinity and Uint8Array included).
 */
import { z } from 'zod';
import type { Artifact, Experiment, LoggedModel, Run } from '#model';

const id = z.string().regex(/^[\w-]{1,64}$/);
const runIds = z.array(id).max(1000);
const view = z.enum(['active', 'deleted', 'all']).default('active');

export const calls = {
  'workspace.info': z.object({}),
  'experiments.list': z.object({ view }),
  'experiments.create': z.object({ name: z.string().min(1).max(500) }),
  'experiments.rename': z.object({ experimentId: id, name: z.string().min(1).max(500) }),
  'experiments.delete': z.object({ experimentId: id }),
  'experiments.restore': z.object({ experimentId: id }),
  /** Which params, metrics and tags the runs of these experiments have, for the column picker and completion. */
  'runs.columns': z.object({ experimentIds: z.array(id).max(100) }),
  /** One page of rows. `filter` and `orderBy` in MLflow's grammar. */
  'runs.query': z.object({
    experimentIds: z.array(id).max(100),
    filter: z.string().max(20_000).default(''),
    orderBy: z.array(z.string().max(500)).max(10).default([]),
    view,
    offset: z.number().int().min(0).default(0),
    limit: z.number().int().min(1).max(1000).default(200),
    /** Only these params, metrics and tags in the rows; all when left out. */
    columns: z
      .object({ params: z.array(z.string()), metrics: z.array(z.string()), tags: z.array(z.string()) })
      .optional(),
  }),
  'runs.get': z.object({ runId: id }),
  'runs.rename': z.object({ runId: id, name: z.string().min(1).max(500) }),
  'runs.setTag': z.object({ runIds, key: z.string().min(1).max(250), value: z.string().max(8000) }),
  'runs.deleteTag': z.object({ runIds, key: z.string().min(1).max(250) }),
  'runs.delete': z.object({ runIds }),
  'runs.restore': z.object({ runIds }),
  /** Points of one metric over several runs, reduced to about `buckets` × 4 points each, minima and maxima kept. */
  'series.read': z.object({
    runIds,
    key: z.string().min(1).max(250),
    x: z.enum(['step', 'relative', 'time']),
    from: z.number().optional(),
    to: z.number().optional(),
    buckets: z.number().int().min(1).max(5000).default(500),
  }),
  'artifacts.list': z.object({ runId: id }),
  'team.status': z.object({}),
  'team.join': z.object({ invite: z.string().min(1).max(4000), name: z.string().max(100).optional() }),
  'team.leave': z.object({}),
} as const;

export type CallName = keyof typeof calls;
export type CallArgs<N extends CallName> = z.input<(typeof calls)[N]>;
export type ParsedArgs<N extends CallName> = z.output<(typeof calls)[N]>;

export interface WorkspaceInfo {
  version: string;
  hostId: string;
  /** Last part of the workspace folder's path, for the title bar. */
  name: string;
  /** What `mlflow.set_tracking_uri` takes. */
  trackingUri: string;
  /** Default display name of the person at this host. */
  user: string;
  readOnly: boolean;
}

export interface ExperimentRow extends Experiment {
  activeRuns: number;
  deletedRuns: number;
  runningRuns: number;
  /** Start of the newest run, ms; undefined without runs. */
  lastRunAt?: number;
}

export interface RunsPage {
  total: number;
  rows: Run[];
}

export interface RunColumns {
  params: ColumnStat[];
  metrics: ColumnStat[];
  tags: ColumnStat[];
}
export interface ColumnStat {
  key: string;
  /** Runs that have it. */
  runs: number;
  /** The single value all of them share, if they share one (params and tags). */
  constant?: string;
}

/** One run's line of a `series.read`; `x` and `y` have equal length, ordered by x. */
export interface SeriesLine {
  runId: string;
  x: Float64Array;
  y: Float64Array;
  /** Points in the window before reduction; when it equals x.length nothing was left out. */
  points: number;
}

export interface SeriesResult {
  lines: SeriesLine[];
}

export interface RunDetails {
  run: Run;
  artifacts: Artifact[];
  models: LoggedModel[];
  parent?: { id: string; name: string };
  children: { id: string; name: string; status: string }[];
}

/** What is true of this host's data right now; `disk` counts come from fsyncs, `relay` counts from relay acks. */
export interface SyncStatus {
  disk: { state: 'saved' | 'saving' | 'failed'; message?: string };
  relay: {
    state: 'none' | 'offline' | 'connecting' | 'online' | 'refused';
    /** Address without secrets. */
    url?: string;
    team?: string;
    /** Documents and chunks with changes the relay has not acknowledged. */
    unshared: number;
    /** Chunks that teammates have announced and this host does not hold yet. */
    missing: number;
    /** When everything was last on the relay's disk, ms. */
    sharedAt?: number;
    message?: string;
  };
}

export interface CallResults {
  'workspace.info': WorkspaceInfo;
  'experiments.list': ExperimentRow[];
  'experiments.create': Experiment;
  'experiments.rename': Experiment;
  'experiments.delete': null;
  'experiments.restore': null;
  'runs.columns': RunColumns;
  'runs.query': RunsPage;
  'runs.get': RunDetails;
  'runs.rename': null;
  'runs.setTag': null;
  'runs.deleteTag': null;
  'runs.delete': null;
  'runs.restore': null;
  'series.read': SeriesResult;
  'artifacts.list': Artifact[];
  'team.status': SyncStatus;
  'team.join': SyncStatus;
  'team.leave': SyncStatus;
}

/** Announcements from host to page. The page re-reads what it shows; an event never carries the data. */
export interface Events {
  'experiments.changed': Record<string, never>;
  'runs.changed': { experimentId: string; runIds: string[] };
  'series.grew': { experimentId: string; runId: string; keys: string[] };
  'status.changed': SyncStatus;
}
export type EventName = keyof Events;

/** Errors by name, over the wire and in `mlflow/errors.ts`. */
export type ErrorCode =
  | 'invalid_argument'
  | 'not_found'
  | 'already_exists'
  | 'wrong_state'
  | 'read_only'
  | 'forbidden'
  | 'disk_full'
  | 'unavailable'
  | 'too_new'
  | 'internal';

/** An expected failure: what is wrong, in which field, and how to fix it. */
export class DaybookError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    /** The argument or field at fault, e.g. `metrics[0].timestamp`. */
    readonly field?: string,
    /** For filter errors: index of the first character at fault. */
    readonly at?: number,
  ) {
    super(message);
    this.name = 'DaybookError';
  }
}

/** Where the host serves things to the page, besides calls. All on the same loopback origin. */
export const hostPaths = {
  /** WebSocket: calls and events (`#wire` calls.ts). */
  calls: '/call',
  /** WebSocket: y-websocket rooms, `/sync/<document name>`. */
  sync: '/sync',
  /** GET: bytes of one artifact, `/artifact/<runId>/<path>`; ranged; always `attachment` + sandbox CSP. */
  artifact: '/artifact',
} as const;

/**
 * What the desktop shell adds to the page as `window.daybook` (preload.ts); a browser has stand-ins
 * (`renderer/host/desktop.ts`). Data only: no callback ever receives an Electron event.
 */
export interface Desktop {
  platform: string;
  /** Asks where to save and writes the bytes there; false when the person cancels. */
  saveFile(suggestedName: string, bytes: Uint8Array): Promise<boolean>;
  /** Opens a web or mail address outside the app after asking; false when refused. */
  openExternal(url: string): Promise<boolean>;
  /** The visible page as PDF, saved where the person says; false when cancelled. */
  printToPdf(suggestedName: string): Promise<boolean>;
  notify(title: string, body: string): Promise<void>;
  /** Follows the app's theme in native menus and dialogs. */
  setTheme(theme: 'light' | 'dark' | 'system'): Promise<void>;
  /** A menu item was chosen. Returns its undo. */
  onMenu(listener: (command: MenuCommand) => void): () => void;
}

export const menuCommands = ['find', 'new-experiment', 'toggle-sidebar', 'toggle-theme', 'settings', 'shortcuts'] as const;
export type MenuCommand = (typeof menuCommands)[number];
