/** Loads: many keep-alive connections asking one thing for some seconds; counts answers that are 200. */
import autocannon from 'autocannon';
import { experiment, post, startRun } from '../mlflow.ts';
import type { Server } from './servers.ts';

const seconds = Number(process.env.DAYBOOK_BENCH_SECONDS ?? 4);

/** Middle value; of an even number of values the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

async function requestsPerSecond(url: string, connections: number, body: () => string): Promise<number> {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        setupRequest: (request) => ({ ...request, body: body() }),
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: ${result.non2xx} answers were not 200, ${result.errors} errors`);
  return result['2xx'] / result.duration;
}

/** A run to log to; on the bare server any id will do. */
async function target(server: Server): Promise<string> {
  if (server.name.startsWith('bare')) return '0'.repeat(32);
  const id = await experiment(server.url, 'bench');
  return (await startRun(server.url, id, 'load')).id;
}

/** log-metric, one point a request, 20 keep-alive connections. Requests per second. */
export async function logMetric(server: Server): Promise<number> {
  const run_id = await target(server);
  let step = 0;
  return requestsPerSecond(`${server.url}/api/2.0/mlflow/runs/log-metric`, 20, () =>
    JSON.stringify({ run_uuid: run_id, run_id, key: 'loss', value: Math.random(), timestamp: Date.now(), step: step++ }),
  );
}

/** log-batch, 1,000 points a request, 4 keep-alive connections. Points per second. */
export async function logBatch(server: Server): Promise<number> {
  const run_id = await target(server);
  let step = 0;
  const bodies = await requestsPerSecond(`${server.url}/api/2.0/mlflow/runs/log-batch`, 4, () => {
    const timestamp = Date.now();
    const metrics = Array.from({ length: 1000 }, () => ({ key: 'loss', value: Math.random(), timestamp, step: step++ }));
    return JSON.stringify({ run_id, metrics, params: [], tags: [] });
  });
  return bodies * 1000;
}

/** runs/search with a filter and an order, first page of 100 of `runs` runs. Milliseconds a request, median of 20. */
export async function search(server: Server, experimentId: string): Promise<number> {
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

/** Fills a server with runs of 20 params and 10 metrics each; answers the experiment's id. */
export async function fill(server: Server, runs: number): Promise<string> {
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
