/** A whole host on a free port: what a script logs through the MLflow door, a page reads through its socket. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { hostPaths, type CallArgs, type CallName, type CallResults } from '#contract';
import { createCaller } from '#wire';
import { createHost, type Host } from './host.ts';

let dir: string;
let host: Host;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-host-'));
  host = await createHost({ workspaceDir: dir, port: 0, user: 'ada' });
});
afterEach(async () => {
  await host.close();
  await rm(dir, { recursive: true });
});

async function openPage() {
  const socket = new WebSocket(`${host.url.replace('http', 'ws')}${hostPaths.calls}`, { origin: host.url });
  const events: [string, unknown][] = [];
  const caller = createCaller(
    (bytes) => socket.send(bytes),
    (event, data) => events.push([event, data]),
  );
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: Buffer) => caller.receive(data));
  await once(socket, 'open');
  const call = <N extends CallName>(name: N, args: CallArgs<N>) => caller.call(name, args) as Promise<CallResults[N]>;
  return { call, events, close: () => socket.terminate() };
}

async function mlflow(path: string, body: object) {
  const response = await fetch(`${host.url}/api/2.0/mlflow/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as { run: { info: { run_id: string } }; error_code: string } };
}

test('a page sees what a script logs, and is told when there is more', async () => {
  const page = await openPage();
  expect(await page.call('workspace.info', {})).toMatchObject({ hostId: host.hostId, trackingUri: host.url, user: 'ada', version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string });
  const { body } = await mlflow('runs/create', { experiment_id: '0', run_name: 'first', start_time: 1000, tags: [{ key: 'team', value: 'vision' }] });
  const runId = body.run.info.run_id;
  await mlflow('runs/log-batch', { run_id: runId, metrics: [{ key: 'loss', value: 2, step: 1, timestamp: 1001 }], params: [{ key: 'lr', value: '0.1' }] });

  const { rows, total } = await page.call('runs.query', { experimentIds: ['0'], filter: 'metrics.loss > 1', columns: { params: ['lr'], metrics: [], tags: [] } });
  expect({ rows, total }).toMatchObject({ total: 1, rows: [{ id: runId, name: 'first', params: { lr: '0.1' }, metrics: {} }] });
  expect((await page.call('series.read', { runIds: [runId], key: 'loss', x: 'step' })).lines).toEqual([{ runId, x: new Float64Array([1]), y: new Float64Array([2]), points: 1 }]);
  expect(await page.call('experiments.list', {})).toMatchObject([{ id: '0', activeRuns: 1, runningRuns: 1, lastRunAt: 1000 }]);
  expect((await page.call('runs.columns', { experimentIds: ['0'] })).params).toEqual([{ key: 'lr', runs: 1, constant: '0.1' }]);
  await vi.waitFor(() => expect(page.events).toContainEqual(['runs.changed', { experimentId: '0', runIds: [runId] }]));

  await mlflow('runs/log-metric', { run_id: runId, key: 'loss', value: 1, step: 2, timestamp: 1002 });
  await vi.waitFor(() => expect(page.events).toContainEqual(['series.grew', { experimentId: '0', runId, keys: ['loss'] }]));
  page.close();
});

test('what a page does to runs, scripts see; a refusal names its reason', async () => {
  const page = await openPage();
  const parent = (await mlflow('runs/create', { experiment_id: '0' })).body.run.info.run_id;
  const child = (await mlflow('runs/create', { experiment_id: '0', tags: [{ key: 'mlflow.parentRunId', value: parent }] })).body.run.info.run_id;
  expect(await page.call('runs.get', { runId: parent })).toMatchObject({ run: { id: parent }, children: [{ id: child }] });
  expect(await page.call('runs.get', { runId: child })).toMatchObject({ parent: { id: parent } });
  await page.call('runs.rename', { runId: parent, name: 'renamed' });
  await page.call('runs.setTag', { runIds: [parent, child], key: 'seen', value: 'yes' });
  await page.call('runs.deleteTag', { runIds: [parent, child], key: 'seen' });
  await page.call('runs.delete', { runIds: [parent, child] });
  expect((await mlflow('runs/log-metric', { run_id: parent, key: 'a', value: 1, timestamp: 1 })).status).toBe(400);
  await page.call('runs.restore', { runIds: [parent, child] });
  expect(host.catalog.run(parent)).toMatchObject({ name: 'renamed', tags: { 'mlflow.runName': 'renamed' } });

  await expect(page.call('runs.get', { runId: 'nope' })).rejects.toMatchObject({ code: 'not_found', field: 'runId' });
  await expect(page.call('experiments.create', { name: 'Default' })).rejects.toMatchObject({ code: 'already_exists', field: 'name' });
  await expect(page.call('runs.query', { experimentIds: ['0'], filter: 'metrics.loss >' })).rejects.toMatchObject({ code: 'invalid_argument', field: 'filter' });
  await expect(page.call('runs.query', { experimentIds: [7 as never] })).rejects.toMatchObject({ code: 'invalid_argument' });
  await expect(page.call('team.join', { invite: 'nonsense' })).rejects.toMatchObject({ code: 'invalid_argument', field: 'invite' });
  expect(await page.call('team.status', {})).toMatchObject({ disk: { state: 'saved' }, relay: { state: 'none' } });
  page.close();
});

test('a workspace has one host, and a host that could not start leaves it free', async () => {
  await expect(createHost({ workspaceDir: dir, port: 0 })).rejects.toMatchObject({ code: 'wrong_state', message: expect.stringContaining(host.url) as string });
  const other = join(dir, 'other');
  await expect(createHost({ workspaceDir: other, port: host.port })).rejects.toMatchObject({ code: 'unavailable' });
  const second = await createHost({ workspaceDir: other, port: 0 });
  expect(second.hostId).not.toBe(host.hostId);
  await second.close();
});
