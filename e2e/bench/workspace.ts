/** Measurements on a large workspace: search, a long series, and the host's start. */
import path from 'node:path';
import { experiment, get, logSeries, startRun } from '../mlflow.ts';
import { serve, temporaryFolder } from '../processes.ts';
import { fill, median, search } from './load.ts';
import { bareServer, type Server } from './servers.ts';

export interface LargeWorkspace {
  searchMs: number;
  /** The same request to the bare server: what the round trip alone takes. */
  bareSearchMs: number;
  bareReadMs: number;
  bareStartMs: number;
  /** The first read after a start, and the median of ten later ones, of 320 of the series' points. */
  seriesColdMs: number;
  seriesWarmMs: number;
  startMs: number;
}

async function readSeries(url: string, runId: string): Promise<number> {
  const start = performance.now();
  await get(url, 'metrics/get-history-bulk-interval', { run_ids: runId, metric_key: 'loss', max_results: '320' });
  return performance.now() - start;
}

async function repeated(times: number, measure: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let round = 0; round < times; round++) all.push(await measure());
  return median(all);
}

/** Logs `runs` runs and one series of `points` points, then measures. Times in milliseconds. */
export async function largeWorkspace(runs: number, points: number): Promise<LargeWorkspace> {
  const folder = await temporaryFolder();
  const start = () => serve('host', '--workspace', path.join(folder.path, 'workspace'), '--port', '0', '--no-open');
  const first = await start();
  const filled: Server = { name: 'Daybook', url: first.url, close: () => Promise.resolve() };
  const experimentId = await fill(filled, runs);
  const long = await startRun(first.url, await experiment(first.url, 'long'), 'long');
  await logSeries(first.url, long, 'loss', Array.from({ length: points }, (_, i) => Math.exp(-i / points) + Math.random() / 10));
  const searchMs = await search(filled, experimentId);
  await first.kill();

  const starts: number[] = [];
  let host = first;
  for (let round = 0; round < 3; round++) {
    const begin = performance.now();
    host = await start();
    starts.push(performance.now() - begin);
    if (round < 2) await host.stop();
  }
  const seriesColdMs = await readSeries(host.url, long.id);
  const seriesWarmMs = await repeated(10, () => readSeries(host.url, long.id));
  await host.stop();
  await folder.remove();

  const begin = performance.now();
  const bare = await bareServer();
  const bareStartMs = performance.now() - begin;
  const bareReadMs = await repeated(10, () => readSeries(bare.url, long.id));
  const bareSearchMs = await search(bare, experimentId);
  await bare.close();
  return { searchMs, bareSearchMs, seriesColdMs, seriesWarmMs, bareReadMs, startMs: median(starts), bareStartMs };
}
