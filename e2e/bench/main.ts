/**
 * `npm run bench [-- --peers] [-- --quick]`: JSON on stdout, a table on stderr. Every rate stands beside a bare
 * node:http server that parses the same JSON, measured in the same run, rounds interleaved; the middle of three rounds.
 * `--peers` adds MLflow and FastTrackML when they are in `.venv/bench`.
 */
import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { editToTeammate } from './latency.ts';
import { fill, logBatch, logMetric, median, search } from './load.ts';
import { bareServer, daybookServer, fastTrackServer, mlflowServer, type Server } from './servers.ts';
import { largeWorkspace } from './workspace.ts';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 3;
const runs = quick ? 1_000 : 10_000;
const points = quick ? 100_000 : 1_000_000;

interface Row {
  measure: string;
  unit: string;
  values: Record<string, number>;
}

async function rate(measure: string, unit: string, servers: Server[], load: (server: Server) => Promise<number>): Promise<Row> {
  const all = new Map<string, number[]>(servers.map((server) => [server.name, []]));
  for (let round = 0; round < rounds; round++)
    for (const server of servers) {
      console.error(`  ${measure}: ${server.name}, round ${round + 1} of ${rounds}`);
      all.get(server.name)?.push(await load(server));
    }
  return { measure, unit, values: Object.fromEntries([...all].map(([name, values]) => [name, median(values)])) };
}

function table(rows: Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.values)))];
  const lines = [['', ...names, 'Daybook : bare']];
  for (const { measure, unit, values } of rows) {
    const bare = values['bare node:http'];
    const own = values['Daybook'];
    const cells = names.map((name) => (values[name] === undefined ? '' : `${Number(values[name].toPrecision(4)).toLocaleString('en')} ${unit}`));
    lines.push([measure, ...cells, bare && own ? `${((own / bare) * 100).toFixed(0)} %` : '']);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('   ')).join('\n');
}

async function main(): Promise<void> {
  const built = spawnSync(process.execPath, ['electron/build.mjs'], { cwd: path.join(import.meta.dirname, '..', '..'), stdio: 'inherit' });
  if (built.status !== 0) throw new Error('the build failed');
  const peers = process.argv.includes('--peers') ? [await mlflowServer(), await fastTrackServer()] : [];
  const servers = [await bareServer(), await daybookServer(), ...peers.filter((server) => server !== undefined)];
  const rows: Row[] = [];
  try {
    rows.push(await rate('log-metric, 20 connections', 'requests/s', servers, logMetric));
    rows.push(await rate('log-batch, 1,000 points a call', 'points/s', servers, logBatch));
    for (const server of servers.slice(2)) {
      const searched = await search(server, await fill(server, Math.min(runs, 1_000)));
      rows.push({ measure: 'search of 1,000 runs, filter and order', unit: 'ms', values: { [server.name]: searched } });
    }
  } finally {
    for (const server of servers) await server.close();
  }
  const large = await largeWorkspace(runs, points);
  const count = (n: number): string => n.toLocaleString('en');
  const timed = (measure: string, bare: number, own: number): void =>
    void rows.push({ measure, unit: 'ms', values: { 'bare node:http': bare, Daybook: own } });
  timed(`search of ${count(runs)} runs, filter and order`, large.bareSearchMs, large.searchMs);
  timed(`320 of a ${count(points)}-point series, first read`, large.bareReadMs, large.seriesColdMs);
  timed(`320 of a ${count(points)}-point series, later reads`, large.bareReadMs, large.seriesWarmMs);
  timed('start on that workspace (bare: on nothing)', large.bareStartMs, large.startMs);
  timed('edit to teammate (bare: one request)', large.bareReadMs, await editToTeammate());
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version };
  console.error(`\n${table(rows)}\n`);
  console.log(JSON.stringify({ machine, rounds, rows }, null, 2));
}

await main();
