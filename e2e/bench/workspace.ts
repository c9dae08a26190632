/** Measurements on a large workspace: making it, searching it, reading a long series, and starting on it. */
import path from 'node:path';
import { WebSocket } from 'ws';
import { createCaller } from '#wire';
import { experiment, get, logSeries, startRun } from '../mlflow.ts';
import { serve, temporaryFolder, type Served } from '../processes.ts';
import { fill, median, search } from './load.ts';
import { bareServer } from './servers.ts';

/** Times in milliseconds; `bare…`: the same request to the bare server, which is what the round trip alone takes. */
export interface LargeWorkspace {
  /** Making all runs over the door: one create and one log-batch each, 8 at a time. */
  fillMs: number;
  searchMs: number;
  bareSearchMs: number;
  /** 320 of the points with get-history-bulk-interval: the first read after a start, and the median of ten later ones. */
  intervalColdMs: number;
  intervalWarmMs: number;
  bareIntervalMs: number;
  /** What a chart reads, `series.read` with 500 buckets: likewise. */
  chartColdMs: number;
  chartWarmMs: number;
  /** Until the host answers: after SIGKILL with every run open, and the median of three after a good end. */
  startAfterKillMs: number;
  startMs: number;
  bareStartMs: number;
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

async function repeated(times: number, action: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let round = 0; round < times; round++) all.push(await timed(action));
  return median(all);
}

function readInterval(url: string, runId: string): Promise<unknown> {
  return get(url, 'metrics/get-history-bulk-interval', { run_ids: runId, metric_key: 'loss', max_results: '320' });
}

/** A page's way to its host. */
async function connect(url: string): Promise<{ call(name: string, args: unknown): Promise<unknown>; close(): void }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/call`);
  socket.binaryType = 'arraybuffer';
  const caller = createCaller((bytes) => socket.send(bytes));
  socket.on('message', (data: ArrayBuffer) => caller.receive(new Uint8Array(data)));
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return { call: (name, args) => caller.call(name, args), close: () => socket.close() };
}

/** Logs `runs` runs and one series of `points` points, then measures. */
export async function largeWorkspace(runs: number, points: number): Promise<LargeWorkspace> {
  const folder = await temporaryFolder();
  const start = (): Promise<Served> => serve('host', '--workspace', path.join(folder.path, 'workspace'), '--port', '0', '--no-open');
  let host = await start();
  try {
    let experimentId = '';
    const fillMs = await timed(async () => (experimentId = await fill(host, runs)));
    const long = await startRun(host.url, await experiment(host.url, 'long'), 'long');
    await logSeries(host.url, long, 'loss', Array.from({ length: points }, (_, i) => Math.exp(-i / points) + Math.random() / 10));
    const searchMs = await search(host, experimentId);
    await host.kill();

    const startAfterKillMs = await timed(async () => (host = await start()));
    const readChart = (page: Awaited<ReturnType<typeof connect>>) => page.call('series.read', { runIds: [long.id], key: 'loss', x: 'step', buckets: 500 });
    const intervalColdMs = await timed(() => readInterval(host.url, long.id));
    const intervalWarmMs = await repeated(10, () => readInterval(host.url, long.id));
    await host.stop();
    const starts: number[] = [];
    for (let round = 0; round < 3; round++) {
      if (round > 0) await host.stop();
      starts.push(await timed(async () => (host = await start())));
    }
    const page = await connect(host.url);
    const chartColdMs = await timed(() => readChart(page));
    const chartWarmMs = await repeated(10, () => readChart(page));
    page.close();

    let bare = await bareServer();
    await bare.close();
    const bareStartMs = await timed(async () => (bare = await bareServer()));
    const bareIntervalMs = await repeated(10, () => readInterval(bare.url, long.id));
    const bareSearchMs = await search(bare, experimentId);
    await bare.close();
    const startMs = median(starts);
    return { fillMs, searchMs, bareSearchMs, intervalColdMs, intervalWarmMs, bareIntervalMs, chartColdMs, chartWarmMs, startAfterKillMs, startMs, bareStartMs };
  } finally {
    await host.stop();
    await folder.remove();
  }
}
