/** A few MLflow REST calls, for tests that need runs in a host before a person looks at them. */

export interface LoggedRun {
  id: string;
  experimentId: string;
}

/** POSTs JSON to a host's MLflow door; throws with the answer when it is not 200. */
export async function post<T = Record<string, unknown>>(host: string, path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${host}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

export async function get<T = Record<string, unknown>>(host: string, path: string, query: Record<string, string>): Promise<T> {
  const answer = await fetch(`${host}/api/2.0/mlflow/${path}?${new URLSearchParams(query)}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** The experiment of this name, made when it is not there; as `set_experiment` does it, which may be overtaken by a teammate. */
export async function experiment(host: string, name: string): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const found = await fetch(`${host}/api/2.0/mlflow/experiments/get-by-name?${new URLSearchParams({ experiment_name: name })}`);
    return found.ok ? ((await found.json()) as { experiment: { experiment_id: string } }).experiment.experiment_id : undefined;
  };
  const there = await find();
  if (there !== undefined) return there;
  try {
    return (await post<{ experiment_id: string }>(host, 'experiments/create', { name })).experiment_id;
  } catch (error) {
    const meanwhile = await find();
    if (meanwhile === undefined) throw error;
    return meanwhile;
  }
}

/** What a client may send with a new run; a parent makes it a nested one. */
export interface RunOptions {
  tags?: Record<string, string>;
  params?: Record<string, string>;
  /** Last values, logged at step 0. */
  metrics?: Record<string, number>;
  parent?: LoggedRun;
  startedAt?: number;
}

export async function startRun(host: string, experimentId: string, name: string, options: RunOptions = {}): Promise<LoggedRun> {
  const tags = { 'mlflow.user': 'e2e', ...(options.parent ? { 'mlflow.parentRunId': options.parent.id } : {}), ...options.tags };
  const { run } = await post<{ run: { info: { run_id: string } } }>(host, 'runs/create', {
    experiment_id: experimentId,
    run_name: name,
    start_time: options.startedAt ?? Date.now(),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  const id = run.info.run_id;
  if (options.params || options.metrics)
    await post(host, 'runs/log-batch', {
      run_id: id,
      params: Object.entries(options.params ?? {}).map(([key, value]) => ({ key, value })),
      metrics: Object.entries(options.metrics ?? {}).map(([key, value]) => ({ key, value: onWire(value), step: 0, timestamp: Date.now() })),
    });
  return { id, experimentId };
}

/** A run that has ended. */
export async function finishedRun(host: string, experimentId: string, name: string, options: RunOptions = {}): Promise<LoggedRun> {
  const run = await startRun(host, experimentId, name, options);
  await finishRun(host, run);
  return run;
}

/** JSON has no word for NaN and the infinities; MLflow's client sends these. */
function onWire(value: number): number | string {
  return Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** Logs one point per value of a metric, steps counted from `firstStep`. */
export async function logSeries(host: string, run: LoggedRun, key: string, values: ArrayLike<number>, firstStep = 0): Promise<void> {
  const all = Array.from(values, (value, i) => ({ key, value: onWire(value), step: firstStep + i, timestamp: Date.now() }));
  for (let at = 0; at < all.length; at += 1000) await post(host, 'runs/log-batch', { run_id: run.id, metrics: all.slice(at, at + 1000) });
}

export async function finishRun(host: string, run: LoggedRun): Promise<void> {
  await post(host, 'runs/update', { run_id: run.id, status: 'FINISHED', end_time: Date.now() });
}

/** Uploads one artifact as the client does, through the tracking server. */
export async function putArtifact(host: string, run: LoggedRun, path: string, bytes: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const answer = await fetch(`${host}/api/2.0/mlflow-artifacts/artifacts/${run.experimentId}/${run.id}/artifacts/${escaped(path)}`, { method: 'PUT', body: bytes });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

/** Bytes of an artifact as text; undefined while this host has no such file or only knows of it. */
export async function artifactText(host: string, run: LoggedRun, path: string): Promise<string | undefined> {
  const answer = await fetch(`${host}/api/2.0/mlflow-artifacts/artifacts/${run.experimentId}/${run.id}/artifacts/${escaped(path)}`);
  return answer.ok ? answer.text() : undefined;
}

function escaped(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** All (step, value) pairs of one metric; none while this host has not heard of the run. */
export async function history(host: string, runId: string, key: string): Promise<[number, number][]> {
  const known = await fetch(`${host}/api/2.0/mlflow/runs/get?${new URLSearchParams({ run_id: runId })}`);
  if (known.status === 404) return [];
  const points: [number, number][] = [];
  let token = '';
  do {
    const page = await get<{ metrics?: { step: number; value: number }[]; next_page_token?: string }>(host, 'metrics/get-history', {
      run_id: runId,
      metric_key: key,
      max_results: '25000',
      ...(token ? { page_token: token } : {}),
    });
    points.push(...(page.metrics ?? []).map((metric): [number, number] => [metric.step, metric.value]));
    token = page.next_page_token ?? '';
  } while (token);
  return points.sort((a, b) => a[0] - b[0]);
}

/** Names of all runs of an experiment. */
export async function runNames(host: string, experimentId: string): Promise<string[]> {
  const { runs = [] } = await post<{ runs?: { info: { run_name: string } }[] }>(host, 'runs/search', {
    experiment_ids: [experimentId],
    max_results: 5000,
  });
  return runs.map((run) => run.info.run_name).sort();
}
