/**
 * A run as every reader sees it: one plain record, assembled from the experiment's document and
 * from the facts the host has logged but not yet folded into it. See `schema.ts` for where each field is stored.
 */

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';
export const runStatuses: readonly RunStatus[] = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];

/** What is known of one metric of one run without reading its points. */
export interface MetricSummary {
  /** The latest point: greatest (step, time, value). May be NaN or ±Infinity. */
  value: number;
  step: number;
  /** Milliseconds since the epoch. */
  time: number;
  /** Over all points but NaN; NaN when there is none. */
  min: number;
  max: number;
  /** Points logged, repeats of the same (step, time, value) included. */
  count: number;
}

export interface Run {
  id: string;
  experimentId: string;
  name: string;
  status: RunStatus;
  /** Milliseconds since the epoch; 0 when the client sent none. */
  startedAt: number;
  endedAt?: number;
  user: string;
  params: Readonly<Record<string, string>>;
  metrics: Readonly<Record<string, MetricSummary>>;
  tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; set when the run is in the trash. */
  deletedAt?: number;
  /** The host that created it. */
  host: string;
  /** Datasets the run read, as MLflow's dataset_inputs; model inputs and outputs by logged-model id. */
  inputs: readonly DatasetInput[];
  modelInputs: readonly { modelId: string }[];
  modelOutputs: readonly { modelId: string; step: number }[];
}

export interface DatasetInput {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema?: string;
  profile?: string;
  tags: readonly { key: string; value: string }[];
}

/** One metric point. */
export interface Point {
  key: string;
  value: number;
  step: number;
  /** Milliseconds since the epoch. */
  time: number;
}

export interface Artifact {
  /** Relative, `/`-separated, already normalised. */
  path: string;
  hash: string;
  /** Bytes. */
  size: number;
  /** Milliseconds since the epoch. */
  at: number;
}

/** MLflow 3's logged model: an object of its own beside the runs of an experiment. */
export interface LoggedModel {
  id: string;
  experimentId: string;
  name: string;
  modelType?: string;
  sourceRunId?: string;
  status: 'LOGGED_MODEL_PENDING' | 'LOGGED_MODEL_READY' | 'LOGGED_MODEL_UPLOAD_FAILED';
  createdAt: number;
  updatedAt: number;
  params: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  deletedAt?: number;
}
