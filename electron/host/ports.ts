/**
 * What the parts of a host ask of one another. `host.ts` builds them and hands each only what it needs.
 * Reads come from the catalog (plain records in memory), writes go through tracking and resolve when durable.
 */
import type { Artifact, DatasetInput, Experiment, LoggedModel, Point, Run, RunStatus } from '#model';
import type { Readable } from 'node:stream';

/** Whose artifacts: a run's or a logged model's. */
export interface ArtifactOwner {
  kind: 'run' | 'model';
  id: string;
}

export interface RunChange {
  experimentId: string;
  runId: string;
  /** Metric keys that got points, when that is all that changed. */
  points?: string[];
}

/** Everything known of experiments and runs, in memory, always current (open facts included). */
export interface Catalog {
  experiments(): IterableIterator<Experiment>;
  experiment(id: string): Experiment | undefined;
  /** Active or deleted; the oldest active one when a merge brought two of a name. */
  experimentByName(name: string): Experiment | undefined;
  run(id: string): Run | undefined;
  /** All runs of an experiment, deleted ones included, no particular order. */
  runs(experimentId: string): IterableIterator<Run>;
  loggedModel(id: string): LoggedModel | undefined;
  loggedModels(experimentId: string): IterableIterator<LoggedModel>;
  artifacts(owner: ArtifactOwner): Artifact[];
  onExperimentsChanged(listener: () => void): () => void;
  onRunsChanged(listener: (changes: RunChange[]) => void): () => void;
}

export interface NewExperiment {
  name: string;
  artifactLocation?: string;
  tags?: Record<string, string>;
  /** Importers only: keep the source's identity and times. */
  id?: string;
  createdAt?: number;
  updatedAt?: number;
  deletedAt?: number;
}

export interface NewRun {
  experimentId: string;
  name?: string;
  user?: string;
  startedAt?: number;
  tags?: Record<string, string>;
  /** Hash of the request, so that a retry after a lost reply finds the run instead of making another. */
  requestHash?: string;
  /** Importers only. */
  id?: string;
  status?: RunStatus;
  endedAt?: number;
  deletedAt?: number;
}

export interface Batch {
  points?: Point[];
  params?: { key: string; value: string }[];
  tags?: { key: string; value: string }[];
}

/**
 * The verbs. Each resolves only when what it did is fsynced, and rejects with a DaybookError (stored state unchanged)
 * when it cannot be done: `not_found`, `wrong_state` (write to a deleted run), `already_exists`, `invalid_argument` (changed param).
 * Values are validated by the caller (limits are a matter of each door).
 */
export interface Tracking {
  createExperiment(experiment: NewExperiment): Promise<Experiment>;
  renameExperiment(id: string, name: string): Promise<Experiment>;
  setExperimentTags(id: string, tags: { key: string; value: string }[]): Promise<void>;
  deleteExperimentTag(id: string, key: string): Promise<void>;
  /** Its runs go to the trash with it. */
  deleteExperiment(id: string): Promise<void>;
  /** All its runs come back. */
  restoreExperiment(id: string): Promise<void>;

  /**
   * Another run for every call, except that a request which was sent again because its reply got lost finds the run
   * it made: see `replyLost`, and a host that died within the last ten minutes. Each run is found once at most.
   */
  createRun(run: NewRun): Promise<Run>;
  /** The client never got the reply to the `createRun` that made this run. */
  replyLost(runId: string): void;
  updateRun(id: string, change: { status?: RunStatus; endedAt?: number; name?: string }): Promise<Run>;
  /** Params are checked before anything is written; the same value again is fine. */
  logBatch(runId: string, batch: Batch): Promise<void>;
  deleteTag(runId: string, key: string): Promise<void>;
  deleteRun(id: string): Promise<void>;
  restoreRun(id: string): Promise<void>;
  logInputs(runId: string, datasets: DatasetInput[], modelIds: string[]): Promise<void>;
  logOutputs(runId: string, models: { modelId: string; step: number }[]): Promise<void>;

  createLoggedModel(model: {
    experimentId: string;
    name: string;
    modelType?: string;
    sourceRunId?: string;
    params?: { key: string; value: string }[];
    tags?: { key: string; value: string }[];
    /** Importers only. */
    id?: string;
    status?: LoggedModel['status'];
    createdAt?: number;
    updatedAt?: number;
  }): Promise<LoggedModel>;
  updateLoggedModel(
    id: string,
    change: {
      status?: LoggedModel['status'];
      params?: { key: string; value: string }[];
      tags?: { key: string; value: string }[];
      deletedTag?: string;
      deleted?: boolean;
    },
  ): Promise<LoggedModel>;

  /** Stores one artifact file; `path` is already normalised and safe. Streams, never holds the whole body. */
  putArtifact(owner: ArtifactOwner, path: string, bytes: Readable | Uint8Array): Promise<Artifact>;
  deleteArtifact(owner: ArtifactOwner, path: string): Promise<void>;
}

/** Points of the runs, from chunks (all hosts') and open facts, as a set on (step, time, value). */
export interface SeriesReader {
  /** All points of one metric ordered by (step, time, value); columns of equal length. Empty when there are none. */
  read(runId: string, key: string): Promise<SeriesColumns>;
}

export interface SeriesColumns {
  step: Float64Array;
  time: Float64Array;
  value: Float64Array;
}

export interface ArtifactReader {
  /** DaybookError `not_found`, or `unavailable` when the bytes are still at a teammate's. */
  open(owner: ArtifactOwner, path: string, range?: { start: number; end: number }): Promise<{ artifact: Artifact; stream: Readable }>;
}
