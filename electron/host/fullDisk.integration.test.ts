/**
 * A host process whose disk is really full, on a small file system of its own: what does not fit is refused with 503,
 * reading goes on, and so does logging once there is room. Needs root on Linux, to mount.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

let dir: string;
let mounted: boolean;
let host: ChildProcess | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-full-'));
  mounted = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', dir]).status === 0;
});
afterEach(async () => {
  if (host && host.exitCode === null && host.signalCode === null) {
    host.kill('SIGKILL');
    await once(host, 'exit');
  }
  if (mounted) spawnSync('umount', [dir]);
  await rm(dir, { recursive: true, force: true });
});

/** Starts a host on the small disk; resolves to its address. */
async function start(): Promise<string> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  host = spawn(process.execPath, ['--import', 'tsx', main, '--workspace', join(dir, 'lab'), '--port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface(host.stdout!)) return line.replace('ready ', '');
  throw new Error('The host ended before it was ready.');
}

async function api<T>(url: string, path: string, body?: object): Promise<{ status: number; body: T }> {
  const request = body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {};
  const response = await fetch(`${url}/api/2.0/mlflow/${path}`, request);
  return { status: response.status, body: (await response.json()) as T };
}

interface History {
  metrics: { step: number }[];
}

test('on a full disk the host refuses with 503, still reads, and goes on when there is room; nothing acknowledged is lost', async ({ skip }) => {
  if (!mounted) skip('only root on Linux can mount a small disk');
  const url = await start();
  const created = await api<{ run: { info: { run_id: string } } }>(url, 'runs/create', { experiment_id: '0', start_time: 1 });
  const run_id = created.body.run.info.run_id;
  const acknowledged: number[] = [];
  let step = 0;
  /** A batch with points, a param and a tag, large enough to fill the disk soon. */
  async function log(): Promise<number> {
    step += 1;
    const metrics = Array.from({ length: 500 }, (_, i) => ({ key: i === 0 ? 'loss' : `m${i}`, value: i, timestamp: step, step }));
    const { status } = await api(url, 'runs/log-batch', { run_id, metrics, params: [{ key: `p${step}`, value: 'x'.repeat(400) }], tags: [{ key: `t${step}`, value: 'y'.repeat(400) }] });
    if (status === 200) acknowledged.push(step);
    return status;
  }

  await log();
  const ballast = join(dir, 'ballast');
  await writeFile(ballast, new Uint8Array(5 * 2 ** 20));
  let status = 200;
  while (status === 200) status = await log();
  expect(status).toBe(503);
  expect(await log()).toBe(503);
  expect(host!.exitCode, 'the host lives on').toBeNull();
  const history = () => api<History>(url, `metrics/get-history?run_id=${run_id}&metric_key=loss`);
  expect((await history()).body.metrics.map((point) => point.step)).toEqual(acknowledged);

  await rm(ballast);
  expect(await log()).toBe(200);
  expect(await log()).toBe(200);
  host!.kill('SIGKILL');
  await once(host!, 'exit');

  const again = await start();
  const steps = (await api<History>(again, `metrics/get-history?run_id=${run_id}&metric_key=loss`)).body.metrics.map((point) => point.step);
  expect(steps.filter((each) => acknowledged.includes(each))).toEqual(acknowledged);
  expect(new Set(steps).size).toBe(steps.length);
  const { body } = await api<{ run: { data: { params: { key: string }[]; tags: { key: string }[] } } }>(again, `runs/get?run_id=${run_id}`);
  expect(body.run.data.params.map(({ key }) => key)).toEqual(expect.arrayContaining(acknowledged.map((each) => `p${each}`)));
  expect(body.run.data.tags.map(({ key }) => key)).toEqual(expect.arrayContaining(acknowledged.map((each) => `t${each}`)));
}, 90_000);
