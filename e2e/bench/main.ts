/**
 * `npm run bench [-- --quick] [-- --peers]`: JSON on stdout, a table on stderr. Every rate stands beside a bare
 * node:http server that parses the same JSON, measured in the same run, rounds interleaved; the middle of the rounds.
 * `--quick` takes shorter rounds, fewer runs and points; `--peers` adds MLflow and FastTrackML when they are in
 * `.venv/bench` (or `DAYBOOK_BENCH_VENV`). docs/performance.md tells what the numbers say.
 */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { editToTeammate } from './latency.ts';
import { batchPoints, createRun, fill, logBatch, logMetric, median, search, type LoadTest } from './load.ts';
import { bareServer, daybookServer, fastTrackServer, mlflowServer, type Server } from './servers.ts';
import { largeWorkspace } from './workspace.ts';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 3;
const seconds = quick ? 2 : 4;
const runs = quick ? 1_000 : 10_000;
const points = quick ? 100_000 : 1_000_000;
const bareName = 'bare node:http';
const ownName = 'Daybook';

interface Row {
  measure: string;
  unit: string;
  /** By server. */
  values: Record<string, number>;
  /** How busy the client was, 0 to 1, by server: near 1 the client was the limit. */
  clientBusy?: Record<string, number>;
}

const count = (n: number): string => n.toLocaleString('en');

/** One load on every server in turn, so that what else the machine does meets all of them; rates, and processor time. */
async function load(measure: string, unit: string, servers: Server[], test: LoadTest, perRequest = 1): Promise<Row[]> {
  const perSecond = new Map<string, number[]>();
  const cpu = new Map<string, number[]>();
  const busy = new Map<string, number[]>();
  const add = (to: Map<string, number[]>, name: string, value: number): unknown => to.set(name, [...(to.get(name) ?? []), value]);
  for (let round = 0; round < rounds; round++)
    for (const server of servers) {
      console.error(`  ${measure}: ${server.name}, round ${round + 1} of ${rounds}`);
      const result = await test(server, seconds);
      add(perSecond, server.name, result.perSecond * perRequest);
      add(busy, server.name, result.clientBusy);
      if (result.cpuMicros !== undefined) add(cpu, server.name, result.cpuMicros);
    }
  const medians = (of: Map<string, number[]>): Record<string, number> => Object.fromEntries([...of].map(([name, values]) => [name, median(values)]));
  const rows: Row[] = [{ measure, unit, values: medians(perSecond), clientBusy: medians(busy) }];
  if (cpu.size > 0) rows.push({ measure: '  processor time a request', unit: 'µs', values: medians(cpu) });
  return rows;
}

/** Daybook against bare: as a part of it for rates, as a multiple of it for times. */
function ratio({ unit, values }: Row): string {
  const bare = values[bareName];
  const own = values[ownName];
  if (!bare || !own) return '';
  return unit.endsWith('/s') ? `${((own / bare) * 100).toFixed(0)} %` : `× ${Number((own / bare).toPrecision(2))}`;
}

function table(rows: Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.values)))];
  const lines = [['', ...names, 'Daybook : bare']];
  for (const row of rows) {
    const cells = names.map((name) => (row.values[name] === undefined ? '' : `${Number(row.values[name].toPrecision(3)).toLocaleString('en')} ${row.unit}`));
    lines.push([row.measure, ...cells, ratio(row)]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('   ')).join('\n');
}

async function loads(): Promise<Row[]> {
  const peers = process.argv.includes('--peers') ? [await mlflowServer(), await fastTrackServer()] : [];
  const servers = [await bareServer(), await daybookServer(), ...peers.filter((server) => server !== undefined)];
  try {
    const rows = [
      ...(await load('log-metric, 20 connections', 'requests/s', servers, logMetric)),
      ...(await load(`log-batch, ${count(batchPoints)} points a call, 4 connections`, 'points/s', servers, logBatch, batchPoints)),
      ...(await load('create run, 20 connections', 'runs/s', servers, createRun)),
    ];
    // The others take minutes to fill with more.
    const few = 1_000;
    const values: Record<string, number> = {};
    for (const server of servers.filter(({ bare }) => !bare && servers.length > 2)) values[server.name] = await search(server, await fill(server, few));
    if (servers.length > 2) rows.push({ measure: `search of ${count(few)} runs, filter and order`, unit: 'ms', values });
    return rows;
  } finally {
    for (const server of servers) await server.close();
  }
}

async function large(): Promise<Row[]> {
  console.error(`  a workspace of ${count(runs)} runs and a series of ${count(points)} points`);
  const times = await largeWorkspace(runs, points);
  const row = (measure: string, own: number, bare?: number): Row => ({
    measure,
    unit: 'ms',
    values: { ...(bare === undefined ? {} : { [bareName]: bare }), [ownName]: own },
  });
  return [
    row(`${count(runs)} runs created, 20 params and 10 metrics each`, times.fillMs),
    row(`search of ${count(runs)} runs, filter and order`, times.searchMs, times.bareSearchMs),
    row(`320 of a series of ${count(points)} points, first read`, times.intervalColdMs, times.bareIntervalMs),
    row('  later reads', times.intervalWarmMs, times.bareIntervalMs),
    row(`chart of a series of ${count(points)} points, first read`, times.chartColdMs),
    row('  later reads', times.chartWarmMs),
    row('start on that workspace after kill -9 (bare: on nothing)', times.startAfterKillMs, times.bareStartMs),
    row('  after a good end', times.startMs, times.bareStartMs),
    row('edit to teammate, two hosts and a relay (bare: one request)', await editToTeammate(), times.bareIntervalMs),
  ];
}

async function main(): Promise<void> {
  const built = spawnSync(process.execPath, ['electron/build.mjs'], { cwd: path.join(import.meta.dirname, '..', '..'), stdio: ['ignore', 'ignore', 'inherit'] });
  if (built.status !== 0) throw new Error('the build failed');
  // What the machine did before: a bench on a busy machine measures the others.
  const busyBefore = loadavg()[0];
  const rows = [...(await loads()), ...(await large())];
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version, busyBefore };
  console.error(`\n${table(rows)}\n`);
  console.log(JSON.stringify({ machine, quick, rounds, seconds, rows }, null, 2));
}

await main();
