import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door } from '../httpFixture.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(async () => {
  await door.close();
  expect(door.mistakes).toEqual([]);
});

interface RunJson {
  info: Record<string, unknown> & { run_id: string };
  data: { metrics?: object[]; params?: object[]; tags?: { key: string; value: string }[] };
  inputs: object;
  outputs?: object;
}
const newRun = async (values: object = {}) => (await door.ok('POST', 'runs/create', { experiment_id: '0', start_time: 5, ...values })).run as RunJson;
const getRun = async (id: string) => (await door.ok('GET', 'runs/get', { run_id: id })).run as RunJson;
const newExperiment = async (name: string) => (await door.ok('POST', 'experiments/create', { name })).experiment_id as string;

describe('experiments', () => {
  it('start with Default', async () => {
    const { experiment } = await door.ok('GET', 'experiments/get', { experiment_id: '0' });
    expect(experiment).toMatchObject({ experiment_id: '0', name: 'Default', artifact_location: 'mlflow-artifacts:/0', lifecycle_stage: 'active' });
  });

  it('are made, found by name, renamed, tagged, deleted and restored', async () => {
    expect(await door.fails('GET', 'experiments/get-by-name', { experiment_name: 'mnist' })).toMatchObject({ status: 404, code: 'RESOURCE_DOES_NOT_EXIST' });
    const { experiment_id: id } = await door.ok('POST', 'experiments/create', { name: 'mnist', tags: [{ key: 'a', value: 'b' }] });
    expect(id).toMatch(/^\d{1,18}$/);
    expect((await door.ok('GET', 'experiments/get-by-name', { experiment_name: 'mnist' })).experiment).toMatchObject({ experiment_id: id, tags: [{ key: 'a', value: 'b' }] });
    expect(await door.fails('POST', 'experiments/create', { name: 'mnist' })).toMatchObject({ status: 400, code: 'RESOURCE_ALREADY_EXISTS' });
    await door.ok('POST', 'experiments/update', { experiment_id: id, new_name: 'digits' });
    expect(await door.fails('POST', 'experiments/update', { experiment_id: id, new_name: 'Default' })).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    await door.ok('POST', 'experiments/set-experiment-tag', { experiment_id: id, key: 'k', value: 'v' });
    await door.ok('POST', 'experiments/delete-experiment-tag', { experiment_id: id, key: 'a' });
    expect(await door.fails('POST', 'experiments/delete-experiment-tag', { experiment_id: id, key: 'a' })).toMatchObject({ status: 404 });
    expect((await door.ok('GET', 'experiments/get', { experiment_id: id })).experiment).toMatchObject({ name: 'digits', tags: [{ key: 'k', value: 'v' }] });

    const run = await newRun({ experiment_id: id });
    await door.ok('POST', 'experiments/delete', { experiment_id: id });
    expect(await door.fails('POST', 'experiments/delete', { experiment_id: id })).toMatchObject({ status: 404 });
    expect((await getRun(run.info.run_id)).info.lifecycle_stage).toBe('deleted');
    expect(await door.fails('POST', 'runs/create', { experiment_id: id })).toMatchObject({ status: 400, message: expect.stringContaining("'active' state") as string });
    expect(await door.fails('POST', 'experiments/create', { name: 'digits' })).toMatchObject({ code: 'RESOURCE_ALREADY_EXISTS' });
    await door.ok('POST', 'experiments/restore', { experiment_id: id });
    expect(await door.fails('POST', 'experiments/restore', { experiment_id: id })).toMatchObject({ status: 404 });
    expect((await getRun(run.info.run_id)).info.lifecycle_stage).toBe('active');
  });

  it('are searched page by page', async () => {
    for (const name of ['s-a', 's-b', 's-c']) await newExperiment(name);
    const query = { filter: "name LIKE 's-_'", order_by: ['name DESC'], max_results: 2 };
    const first = await door.ok('POST', 'experiments/search', query);
    expect(first.experiments).toMatchObject([{ name: 's-c' }, { name: 's-b' }]);
    // What is new before the next page does not shift it.
    await newExperiment('s-z');
    const second = await door.ok('POST', 'experiments/search', { ...query, page_token: first.next_page_token });
    expect(second.experiments).toMatchObject([{ name: 's-a' }]);
    expect(second).not.toHaveProperty('next_page_token');
    expect((await door.ok('GET', 'experiments/search', { ...query, max_results: 9 })).experiments).toHaveLength(4);
    expect(await door.fails('POST', 'experiments/search', {})).toMatchObject({ status: 400, message: expect.stringContaining('max_results') as string });
    expect(await door.fails('POST', 'experiments/search', { ...query, page_token: 'garbage!' })).toMatchObject({ status: 400, message: expect.stringContaining('page token') as string });
  });

  it.each(['http:///#/../../../../etc/', 'http:///;/../..', 'http:///?/../../x', 'mlflow-artifacts:/%252e%252e/x', 's3://b/../c', 'C:\\..\\x'])('refuse the artifact location %s', async (artifact_location) => {
    expect(await door.fails('POST', 'experiments/create', { name: 'evil', artifact_location })).toMatchObject({ status: 400, message: expect.stringContaining('artifact_location') as string });
    expect(await door.fails('GET', 'experiments/get-by-name', { experiment_name: 'evil' })).toMatchObject({ status: 404 });
  });
});

describe('runs', () => {
  it('answer with what was set and nothing else', async () => {
    const run = await newRun({ user_id: '', run_name: 'first', tags: [{ key: 'mlflow.source.name', value: 'train.py' }] });
    expect(run).toEqual({
      info: {
        run_uuid: run.info.run_id,
        run_id: expect.stringMatching(/^[\da-f]{32}$/) as string,
        run_name: 'first',
        experiment_id: '0',
        user_id: '',
        status: 'RUNNING',
        start_time: 5,
        artifact_uri: `mlflow-artifacts:/0/${run.info.run_id}/artifacts`,
        lifecycle_stage: 'active',
      },
      data: { tags: expect.arrayContaining([{ key: 'mlflow.source.name', value: 'train.py' }, { key: 'mlflow.runName', value: 'first' }]) as object },
      inputs: {},
    });
  });

  it('are finished by name or number of the status, unknown ones ignored', async () => {
    const { info } = await newRun();
    expect((await door.ok('POST', 'runs/update', { run_id: info.run_id, status: 'FINISHED', end_time: 9 })).run_info).toMatchObject({ status: 'FINISHED', end_time: 9 });
    expect((await door.ok('POST', 'runs/update', { run_uuid: info.run_id, status: 4 })).run_info).toMatchObject({ status: 'FAILED' });
    expect((await door.ok('POST', 'runs/update', { run_id: info.run_id, status: 'BOGUS' })).run_info).toMatchObject({ status: 'FAILED' });
    expect((await door.ok('POST', 'runs/update', { run_id: info.run_id, run_name: 'renamed' })).run_info).toMatchObject({ run_name: 'renamed' });
    await door.ok('POST', 'runs/set-tag', { run_id: info.run_id, key: 'mlflow.runName', value: 'tagged' });
    expect((await getRun(info.run_id)).info.run_name).toBe('tagged');
  });

  it('refuse a name that differs from its tag', async () => {
    expect(await door.fails('POST', 'runs/create', { experiment_id: '0', run_name: 'a', tags: [{ key: 'mlflow.runName', value: 'b' }] })).toMatchObject({ status: 400, message: expect.stringContaining('run_name') as string });
  });

  it('take metrics of every kind', async () => {
    const { run_id } = (await newRun()).info;
    for (const [step, value] of [1.5, 'NaN', 'Infinity', '-Infinity', true, '2.5'].entries()) await door.ok('POST', 'runs/log-metric', { run_id, key: 'm', value, timestamp: 10, step });
    await door.send('POST', '/ajax-api/2.0/mlflow/runs/log-metric', `{"run_id":"${run_id}","key":"bare","value":NaN,"timestamp":"11"}`);
    const { metrics } = await door.ok('GET', 'metrics/get-history', { run_id, metric_key: 'm' });
    expect(metrics).toEqual([1.5, 'NaN', Number.MAX_VALUE, -Number.MAX_VALUE, 1, 2.5].map((value, step) => ({ key: 'm', value, timestamp: 10, step })));
    expect((await getRun(run_id)).data.metrics).toEqual(
      expect.arrayContaining([{ key: 'm', value: 2.5, timestamp: 10, step: 5 }, { key: 'bare', value: 'NaN', timestamp: 11, step: 0 }]),
    );
    // What is stored is the true value.
    expect((await door.workspace.series.read(run_id, 'm')).value).toEqual(Float64Array.of(1.5, NaN, Infinity, -Infinity, 1, 2.5));
  });

  it('keep a resent metric once', async () => {
    const { run_id } = (await newRun()).info;
    for (let i = 0; i < 3; i++) await door.ok('POST', 'runs/log-metric', { run_id, key: 'm', value: 1, timestamp: 10, step: -2 });
    expect((await door.ok('GET', 'metrics/get-history', { run_id, metric_key: 'm' })).metrics).toHaveLength(1);
  });

  it('keep params for good', async () => {
    const { run_id } = (await newRun()).info;
    await door.ok('POST', 'runs/log-parameter', { run_id, key: 'lr', value: '0.1' });
    await door.ok('POST', 'runs/log-parameter', { run_id, key: 'lr', value: '0.1' });
    const changed = await door.fails('POST', 'runs/log-parameter', { run_id, key: 'lr', value: '0.2' });
    expect(changed).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
    expect(changed.message).toMatch(/lr.*0\.1/s);
    expect(await door.fails('POST', 'runs/log-batch', { run_id, metrics: [{ key: 'm', value: 1, timestamp: 1 }], params: [{ key: 'lr', value: '3' }] })).toMatchObject({ status: 400 });
    expect((await getRun(run_id)).data).toMatchObject({ params: [{ key: 'lr', value: '0.1' }] });
    expect((await getRun(run_id)).data).not.toHaveProperty('metrics');
  });

  it('go to the trash and come back; nothing is written meanwhile', async () => {
    const { run_id } = (await newRun()).info;
    await door.ok('POST', 'runs/delete', { run_id });
    await door.ok('POST', 'runs/delete', { run_id });
    expect(await door.fails('POST', 'runs/log-metric', { run_id, key: 'm', value: 1, timestamp: 1 })).toMatchObject({ status: 400, message: expect.stringContaining('active') as string });
    await door.ok('POST', 'runs/restore', { run_id });
    await door.ok('POST', 'runs/log-metric', { run_id, key: 'm', value: 1, timestamp: 1 });
  });

  it('lose a tag once', async () => {
    const { run_id } = (await newRun({ tags: [{ key: 'x', value: '1' }] })).info;
    await door.ok('POST', 'runs/delete-tag', { run_id, key: 'x' });
    expect(await door.fails('POST', 'runs/delete-tag', { run_id, key: 'x' })).toMatchObject({ status: 404, message: expect.stringContaining('x') as string });
  });

  it('know their datasets and models', async () => {
    const { run_id } = (await newRun()).info;
    const dataset = { name: 'mnist', digest: 'abc', source_type: 'local', source: '{}', schema: '{}' };
    const tags = [{ key: 'mlflow.data.context', value: 'training' }];
    await door.ok('POST', 'runs/log-inputs', { run_id, datasets: [{ dataset, tags }] });
    const { model } = await door.ok('POST', 'logged-models', { experiment_id: '0', name: 'net', source_run_id: run_id });
    const { model_id } = (model as { info: { model_id: string } }).info;
    await door.ok('POST', 'runs/outputs', { run_id, models: [{ model_id, step: 3 }] });
    expect(await getRun(run_id)).toMatchObject({ inputs: { dataset_inputs: [{ dataset, tags }] }, outputs: { model_outputs: [{ model_id, step: 3 }] } });
    const found = await door.ok('POST', 'runs/search', { experiment_ids: ['0'], filter: "dataset.name = 'mnist' AND dataset.context = 'training'" });
    expect(found.runs).toMatchObject([{ info: { run_id } }]);
    expect(await door.fails('POST', 'runs/log-inputs', { run_id, datasets: [{ dataset: { name: 'x' } }] })).toMatchObject({ message: expect.stringContaining("'datasets[0].dataset.digest'") as string });
  });

  it('take the models of old clients', async () => {
    const { run_id } = (await newRun()).info;
    const model = { artifact_path: 'model', flavors: {}, utc_time_created: 'now', run_id };
    await door.ok('POST', 'runs/log-model', { run_id, model_json: JSON.stringify(model) });
    await door.ok('POST', 'runs/log-model', { run_id, model_json: JSON.stringify(model) });
    const history = (await getRun(run_id)).data.tags?.find(({ key }) => key === 'mlflow.log-model.history');
    expect(JSON.parse(history!.value)).toEqual([model, model]);
    expect(await door.fails('POST', 'runs/log-model', { run_id, model_json: '{}' })).toMatchObject({ status: 400, message: expect.stringContaining('artifact_path') as string });
    expect(await door.fails('POST', 'runs/log-model', { run_id, model_json: '[' })).toMatchObject({ status: 400, message: expect.stringContaining('model_json') as string });
  });

  it('are still there after a restart', async () => {
    const { run_id } = (await newRun({ run_name: 'kept' })).info;
    await door.ok('POST', 'runs/log-batch', { run_id, metrics: [{ key: 'm', value: 2, timestamp: 3, step: 4 }], params: [{ key: 'p', value: '' }], tags: [{ key: 't', value: 'ü' }] });
    const before = await getRun(run_id);
    await door.restart();
    expect(await getRun(run_id)).toEqual(before);
  });
});

describe('searches over runs', () => {
  it('filter, sort and page', async () => {
    const experiment_id = await newExperiment('search');
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { run_id } = (await newRun({ experiment_id, start_time: 100 + i })).info;
      ids.push(run_id);
      await door.ok('POST', 'runs/log-batch', { run_id, metrics: [{ key: 'acc', value: i === 4 ? 'NaN' : i / 10, timestamp: 1 }], params: [{ key: 'odd', value: String(i % 2 === 1) }] });
    }
    const found = async (values: object) => ((await door.ok('POST', 'runs/search', { experiment_ids: [experiment_id], ...values })).runs as RunJson[] | undefined)?.map(({ info }) => ids.indexOf(info.run_id));
    expect(await found({})).toEqual([4, 3, 2, 1, 0]);
    expect(await found({ filter: "metrics.acc > 0.1 AND params.odd = 'false'" })).toEqual([2]);
    expect(await found({ filter: "metrics.acc < 0.1 OR params.odd = 'true'", order_by: ['metrics.acc'] })).toEqual([0, 1, 3]);
    expect(await found({ order_by: ['metrics.acc DESC'] })).toEqual([3, 2, 1, 0, 4]);
    expect(await found({ filter: "attributes.artifact_uri LIKE '%/artifacts'", max_results: 1 })).toEqual([4]);
    expect(await found({ filter: "params.none = 'x'" })).toBeUndefined();
    await door.ok('POST', 'runs/delete', { run_id: ids[2] });
    expect(await found({ run_view_type: 'DELETED_ONLY' })).toEqual([2]);
    expect(await found({ run_view_type: 3, max_results: 2 })).toEqual([4, 3]);
    const pages: unknown[] = [];
    let page_token: unknown = '';
    do {
      const page = await door.ok('POST', 'runs/search', { experiment_ids: [experiment_id], max_results: 3, page_token });
      pages.push((page.runs as RunJson[]).length);
      page_token = page.next_page_token;
    } while (page_token !== undefined);
    expect(pages).toEqual([3, 1]);
  });

  it('say where a filter is wrong', async () => {
    for (const values of [{ filter: 'metrics.acc >' }, { order_by: ['sideways'] }, { max_results: 50_001 }, { max_results: 'many' }, { page_token: 'AAAA' }, { experiment_ids: '0' + ' ' && { a: 1 } }]) {
      expect(await door.fails('POST', 'runs/search', { experiment_ids: ['0'], ...values })).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
    }
  });
});

describe('histories', () => {
  it('come in order of time, page by page', async () => {
    const { run_id } = (await newRun()).info;
    const metrics = [5, 1, 4, 2, 3].map((timestamp, step) => ({ key: 'm', value: step, timestamp, step }));
    await door.ok('POST', 'runs/log-batch', { run_id, metrics });
    const first = await door.ok('GET', 'metrics/get-history', { run_id, metric_key: 'm', max_results: 3 });
    const second = await door.ok('GET', 'metrics/get-history', { run_id, metric_key: 'm', max_results: 3, page_token: first.next_page_token });
    expect([first, second].flatMap(({ metrics: rows }) => (rows as { timestamp: number }[]).map(({ timestamp }) => timestamp))).toEqual([1, 2, 3, 4, 5]);
    expect(second).not.toHaveProperty('next_page_token');
    expect(await door.ok('GET', 'metrics/get-history', { run_id, metric_key: 'none' })).toEqual({});
    expect(await door.fails('GET', 'metrics/get-history', { run_id })).toMatchObject({ message: expect.stringContaining("'metric_key'") as string });
  });

  it('of several runs are thinned to the same steps', async () => {
    const runs = [(await newRun()).info.run_id, (await newRun()).info.run_id];
    for (const run_id of runs) await door.ok('POST', 'runs/log-batch', { run_id, metrics: Array.from({ length: 100 }, (_, step) => ({ key: 'm', value: step, timestamp: 1, step })) });
    const path = 'metrics/get-history-bulk-interval';
    const { metrics } = await door.ok('GET', path, { run_ids: runs, metric_key: 'm', max_results: 10 });
    const steps = (metrics as { run_id: string; step: number }[]).filter(({ run_id }) => run_id === runs[1]).map(({ step }) => step);
    expect(steps).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99]);
    expect((await door.ok('GET', path, { run_ids: runs, metric_key: 'm', start_step: 5, end_step: 6 })).metrics).toHaveLength(4);
    for (const values of [{ start_step: 5 }, { start_step: 6, end_step: 5 }, { max_results: 0 }, { max_results: 2501 }, { run_ids: Array(101).fill('x') }]) {
      expect(await door.fails('GET', path, { run_ids: runs, metric_key: 'm', ...values })).toMatchObject({ status: 400 });
    }
  });
});

describe('logged models', () => {
  it('live from pending to deleted', async () => {
    const create = { experiment_id: '0', name: 'forest', model_type: 'sklearn', params: [{ key: 'depth', value: '3' }], tags: [{ key: 'a', value: 'b' }] };
    const { model } = (await door.ok('POST', 'logged-models', create)) as { model: { info: { model_id: string } } };
    const path = `logged-models/${model.info.model_id}`;
    expect(model).toMatchObject({
      info: { name: 'forest', status: 'LOGGED_MODEL_PENDING', model_type: 'sklearn', artifact_uri: `mlflow-artifacts:/0/models/${model.info.model_id}/artifacts`, tags: create.tags },
      data: { params: create.params },
    });
    await door.ok('PATCH', path, { model_id: model.info.model_id, status: 'LOGGED_MODEL_READY' });
    await door.ok('PATCH', `${path}/tags`, { tags: [{ key: 'c', value: 'd' }] });
    await door.ok('DELETE', `${path}/tags/a`, {});
    await door.ok('POST', `${path}/params`, { params: [{ key: 'n', value: '9' }] });
    expect((await door.ok('GET', path)).model).toMatchObject({ info: { status: 'LOGGED_MODEL_READY', tags: [{ key: 'c', value: 'd' }] } });
    const search = { experiment_ids: ['0'], filter: "name = 'forest' AND params.depth = '3'", order_by: [{ field_name: 'params.my-key', ascending: false }] };
    expect((await door.ok('POST', 'logged-models/search', search)).models).toHaveLength(1);
    await door.ok('DELETE', path, {});
    expect(await door.fails('GET', path)).toMatchObject({ status: 404, code: 'RESOURCE_DOES_NOT_EXIST' });
    expect(await door.ok('POST', 'logged-models/search', search)).toEqual({});
    expect(await door.fails('POST', 'logged-models', { ...create, name: 'a/b' })).toMatchObject({ status: 400, message: expect.stringContaining('name') as string });
  });
});

describe('what is not MLflow tracking', () => {
  it('is answered plainly', async () => {
    expect(await door.send('GET', '/health')).toMatchObject({ status: 200, text: 'OK' });
    expect((await door.send('GET', '/version')).text).toMatch(/^3\.\d+\.\d+$/);
    expect((await door.send('GET', '/api/3.0/mlflow/server-info')).json).toEqual({ store_type: 'SqlStore', workspaces_enabled: false });
    expect(await door.fails('POST', 'registered-models/create', { name: 'm' })).toMatchObject({ status: 404, code: 'ENDPOINT_NOT_FOUND', message: expect.stringContaining('model registry') as string });
    expect(await door.fails('POST', 'nonsense/call')).toMatchObject({ status: 404, code: 'ENDPOINT_NOT_FOUND' });
    expect((await door.send('POST', '/api/2.0/mlflow-artifacts/mpu/create/0/x', {})).status).toBe(501);
    expect((await door.send('GET', '/api/2.0/mlflow-artifacts/presigned/0/x')).status).toBe(501);
  });
});
