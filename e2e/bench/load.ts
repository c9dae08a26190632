/**
 * Loads: many keep-alive connections asking one thing for some seconds. Only answers that are 200 count, and one that
 * is not ends the bench. Bodies are made before the clock runs, so that the client has time to spare; how busy it was
 * is part of the result, because a busy client measures itself.
 */
import { performance } from 'node:perf_hooks';
import autocannon from 'autocannon';
import { experiment, post, startRun } from '../mlflow.ts';
import { cpuSeconds, type Server } from './servers.ts';

export interface Load {
  /** Requests answered with 200 a second. */
  perSecond: number;
  /** Processor time of the server for one of them, all its threads and the kernel's part, µs; undefined where the system does not tell. */
  cpuMicros?: number;
  /** Part of the time that the client's thread was busy, 0 to 1. */
  clientBusy: number;
}

/** Measures one load on one server for so many seconds. */
export type LoadTest = (server: Server, seconds: number) => Promise<Load>;

/** Middle value; of an even number of values the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

interface Requests {
  path: string;
  connections: number;
  /** Bodies for one connection, sent round and round. */
  bodies: () => string[];
}

async function run(server: Server, seconds: number, { path, connections, bodies }: Requests): Promise<Load> {
  const rings = Array.from({ length: connections }, bodies);
  const cpuBefore = cpuSeconds(server);
  const before = performance.eventLoopUtilization();
  let building = 0;
  const result = await autocannon({
    url: `${server.url}/api/2.0/mlflow/${path}`,
    connections,
    duration: seconds,
    setupClient(client) {
      const start = performance.now();
      const headers = { 'content-type': 'application/json' };
      client.setRequests((rings.pop() ?? []).map((body) => ({ method: 'POST', headers, body })));
      building += (performance.now() - start) / 1000;
    },
  });
  const answered = result['2xx'];
  // A peer may hang up after each answer, which the client counts as an error and connects again.
  if (result.non2xx > 0 || (result.errors > 0 && !server.hangsUp) || answered === 0) {
    throw new Error(`${server.name}, ${path}: ${answered} answers were 200, ${result.non2xx} were not, ${result.errors} errors`);
  }
  const cpu = cpuSeconds(server);
  return {
    // The clock of the client runs while it builds its requests, all before the first is sent.
    perSecond: answered / (result.duration - building),
    ...(cpu === undefined || cpuBefore === undefined ? {} : { cpuMicros: ((cpu - cpuBefore) / answered) * 1e6 }),
    clientBusy: performance.eventLoopUtilization(before).utilization,
  };
}

/** A run to log to; on the bare server any id will do. */
async function target(server: Server): Promise<string> {
  if (server.bare) return '0'.repeat(32);
  return (await startRun(server.url, await benchExperiment(server), 'load')).id;
}

function benchExperiment(server: Server): Promise<string> {
  return server.bare ? Promise.resolve('0') : experiment(server.url, 'bench');
}

/** log-metric, one point a request, 20 keep-alive connections. */
export const logMetric: LoadTest = async (server, seconds) => {
  const run_id = await target(server);
  let step = 0;
  const body = (): string => JSON.stringify({ run_uuid: run_id, run_id, key: 'loss', value: Math.random(), timestamp: Date.now(), step: step++ });
  return run(server, seconds, { path: 'runs/log-metric', connections: 20, bodies: () => Array.from({ length: 500 }, body) });
};

/** Points in one log-batch, the most that MLflow allows. */
export const batchPoints = 1000;

/** log-batch, 1,000 points a request, 4 keep-alive connections. */
export const logBatch: LoadTest = async (server, seconds) => {
  const run_id = await target(server);
  let step = 0;
  const body = (): string => {
    const timestamp = Date.now();
    const metrics = Array.from({ length: batchPoints }, () => ({ key: 'loss', value: Math.random(), timestamp, step: step++ }));
    return JSON.stringify({ run_id, metrics, params: [], tags: [] });
  };
  return run(server, seconds, { path: 'runs/log-batch', connections: 4, bodies: () => Array.from({ length: 64 }, body) });
};

/** runs/create with the tags that MLflow's client sends, 20 keep-alive connections. */
export const createRun: LoadTest = async (server, seconds) => {
  const experiment_id = await benchExperiment(server);
  const tags = Object.entries({ 'mlflow.user': 'bench', 'mlflow.source.name': 'train.py', 'mlflow.source.type': 'LOCAL' }).map(([key, value]) => ({ key, value }));
  let next = 0;
  const body = (): string => JSON.stringify({ experiment_id, run_name: `run ${next}`, start_time: Date.now() + next++, tags });
  return run(server, seconds, { path: 'runs/create', connections: 20, bodies: () => Array.from({ length: 500 }, body) });
};

/** runs/search with a filter and an order, first page of 100. Milliseconds a request, median of 20. */
export async function search(server: Pick<Server, 'url'>, experimentId: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    await post(server.url, 'runs/search', {
      experiment_ids: [experimentId],
      filter: `metrics.m0 > 0.${round + 10} and params.p1 = 'value 1'`,
      order_by: ['metrics.m1 DESC'],
      max_results: 100,
    });
    times.push(performance.now() - start);
  }
  return median(times);
}

/** Fills a server with runs of 20 params and 10 metrics each, all left running; answers the experiment's id. */
export async function fill(server: Pick<Server, 'url'>, runs: number): Promise<string> {
  const id = await experiment(server.url, 'many runs');
  let next = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (next < runs) {
        const number = next++;
        const run = await startRun(server.url, id, `run ${number}`);
        await post(server.url, 'runs/log-batch', {
          run_id: run.id,
          params: Array.from({ length: 20 }, (_, i) => ({ key: `p${i}`, value: `value ${(number * (i + 1)) % 7}` })),
          metrics: Array.from({ length: 10 }, (_, i) => ({ key: `m${i}`, value: Math.random(), step: 0, timestamp: Date.now() })),
        });
      }
    }),
  );
  return id;
}
