/**
 * Every call of MLflow's REST API that the door answers: method, path below `/api/2.0/mlflow/`, and who answers it.
 * Each is served under `/api` and `/ajax-api`, 2.0 and 3.0. What is not here is answered 404 (see `later`).
 */
import { listModelArtifacts, listRunArtifacts } from './artifacts.ts';
import type { Handler } from './handler.ts';
import { MlflowError } from './errors.ts';
import * as experiments from './experiments.ts';
import * as models from './models.ts';
import * as runs from './runs.ts';
import { bulkIntervalHistory, findRuns, metricHistory } from './search.ts';

export type Route = readonly [method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, handle: Handler];

export const routes: readonly Route[] = [
  ['POST', 'experiments/create', experiments.createExperiment],
  ['GET', 'experiments/get', experiments.getExperiment],
  ['GET', 'experiments/get-by-name', experiments.getExperimentByName],
  ['GET', 'experiments/search', experiments.findExperiments],
  ['POST', 'experiments/search', experiments.findExperiments],
  ['POST', 'experiments/update', experiments.updateExperiment],
  ['POST', 'experiments/delete', experiments.deleteExperiment],
  ['POST', 'experiments/restore', experiments.restoreExperiment],
  ['POST', 'experiments/set-experiment-tag', experiments.setExperimentTag],
  ['POST', 'experiments/delete-experiment-tag', experiments.deleteExperimentTag],

  ['POST', 'runs/create', runs.createRun],
  ['GET', 'runs/get', runs.getRun],
  ['POST', 'runs/update', runs.updateRun],
  ['POST', 'runs/delete', runs.deleteRun],
  ['POST', 'runs/restore', runs.restoreRun],
  ['POST', 'runs/log-metric', runs.logMetric],
  ['POST', 'runs/log-parameter', runs.logParam],
  ['POST', 'runs/set-tag', runs.setTag],
  ['POST', 'runs/delete-tag', runs.deleteTag],
  ['POST', 'runs/log-batch', runs.logBatch],
  ['POST', 'runs/log-model', runs.logModel],
  ['POST', 'runs/log-inputs', runs.logInputs],
  ['POST', 'runs/outputs', runs.logOutputs],
  ['POST', 'runs/search', findRuns],
  ['GET', 'metrics/get-history', metricHistory],
  ['GET', 'metrics/get-history-bulk-interval', bulkIntervalHistory],

  ['GET', 'artifacts/list', listRunArtifacts],
  ['POST', 'artifacts/presigned-upload-url', notImplemented],

  ['POST', 'logged-models', models.createLoggedModel],
  ['POST', 'logged-models/search', models.findLoggedModels],
  ['GET', 'logged-models/:model_id', models.getLoggedModel],
  ['PATCH', 'logged-models/:model_id', models.finishLoggedModel],
  ['DELETE', 'logged-models/:model_id', models.deleteLoggedModel],
  ['PATCH', 'logged-models/:model_id/tags', models.setLoggedModelTags],
  ['DELETE', 'logged-models/:model_id/tags/:tag_key', models.deleteLoggedModelTag],
  ['POST', 'logged-models/:model_id/params', models.logLoggedModelParams],
  ['GET', 'logged-models/:model_id/artifacts/directories', listModelArtifacts],

  // The client takes this for a server without workspaces, as it does for one that does not know the call.
  ['GET', 'server-info', () => ({ store_type: 'SqlStore', workspaces_enabled: false })],
];

/** Clients fall back to plain upload and download on 501. */
export function notImplemented(): never {
  throw new MlflowError(501, 'NOT_IMPLEMENTED', 'Daybook stores artifacts itself: upload and download them with PUT and GET.');
}

const later: readonly (readonly [prefix: RegExp, what: string])[] = [
  [/^(?:registered-models|model-versions)\b/, 'model registry'],
  [/^traces\b/, 'traces'],
  [/^(?:scorers|datasets|issues)\b/, 'evaluation datasets, scorers and issues'],
  [/^(?:webhooks|gateway|prompt-optimization|workspaces)\b/, 'webhooks, gateways and workspaces'],
];

/** Why there is nothing at a path below the API's prefix. */
export function unknownRoute(method: string, path: string): MlflowError {
  const what = later.find(([prefix]) => prefix.test(path))?.[1];
  const message = what === undefined ? `Daybook has no call ${method} ${path.slice(0, 200)}.` : `This version of Daybook has no ${what}: ${method} ${path.slice(0, 200)} is not answered.`;
  return new MlflowError(404, 'ENDPOINT_NOT_FOUND', message);
}
