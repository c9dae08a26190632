/** The servers under measurement, each in a process of its own in a temporary folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { serve, temporaryFolder } from '../processes.ts';

const root = path.join(import.meta.dirname, '..', '..');
const windows = process.platform === 'win32';

export interface Server {
  name: string;
  url: string;
  pid: number;
  /** The yardstick: knows no runs, takes any. */
  bare: boolean;
  /** Whether it closes connections that the client would keep, as some workers of gunicorn do. */
  hangsUp?: boolean;
  /** Ends it and removes what it stored. */
  close(): Promise<void>;
}

/** Processor time that a server has taken so far, its child processes included; undefined where there is no /proc. */
export function cpuSeconds({ pid }: Pick<Server, 'pid'>): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
  // Behind the name in brackets: state is field 3, user and system time are fields 14 and 15, in hundredths.
  const fields = read('stat').split(') ').at(-1)!.split(' ');
  const own = (Number(fields[11]) + Number(fields[12])) / 100;
  const children = read(`task/${pid}/children`).trim().split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + (cpuSeconds({ pid: Number(child) }) ?? 0), own);
}

/** `group`: also ends what it started itself, which would outlive it. */
async function stopped(child: ChildProcess, group = false): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  if (group) process.kill(-child.pid, 'SIGTERM');
  else child.kill('SIGTERM');
  await end;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Waits until `url` answers 200; false when the process ends before or a minute passes. */
async function answers(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && child.exitCode === null) {
    const ok = await fetch(url).then((answer) => answer.ok, () => false);
    if (ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** The bare node:http server. */
export async function bareServer(): Promise<Server> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, 'bare.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim().slice('ready '.length)));
    child.once('exit', (code) => reject(new Error(`the bare server ended with code ${code}`)));
  });
  return { name: 'bare node:http', url, pid: child.pid ?? 0, bare: true, close: () => stopped(child) };
}

/** A Daybook host on a new workspace. */
export async function daybookServer(): Promise<Server> {
  const folder = await temporaryFolder();
  const host = await serve('host', '--workspace', path.join(folder.path, 'workspace'), '--port', '0', '--no-open');
  return {
    name: 'Daybook',
    url: host.url,
    pid: host.pid,
    bare: false,
    close: async () => {
      await host.stop();
      await folder.remove();
    },
  };
}

async function peer(name: string, program: string, args: (port: number, folder: string) => string[]): Promise<Server | undefined> {
  const folders = windows ? 'Scripts' : 'bin';
  const executable = path.join(process.env.DAYBOOK_BENCH_VENV ?? path.join(root, '.venv', 'bench'), folders, program);
  if (!existsSync(executable)) {
    console.error(`${name}: not measured, ${program} is not in the bench's Python environment`);
    return undefined;
  }
  const folder = await temporaryFolder();
  const port = await freePort();
  const child = spawn(executable, args(port, folder.path), {
    cwd: folder.path,
    detached: !windows,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' },
  });
  let lastWords = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (lastWords = text.trim().split('\n').at(-1) ?? ''));
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    await stopped(child, !windows);
    await folder.remove();
  };
  if (await answers(`${url}/health`, child)) return { name, url, pid: child.pid ?? 0, bare: false, hangsUp: true, close };
  console.error(`${name}: not measured, it did not start: ${lastWords.slice(0, 300)}`);
  await close();
  return undefined;
}

/** MLflow's own server on SQLite, one worker; undefined when it is not installed. */
export function mlflowServer(): Promise<Server | undefined> {
  return peer('MLflow (SQLite)', 'mlflow', (port, folder) => [
    'server',
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--workers',
    '1',
    '--backend-store-uri',
    `sqlite:///${folder}/mlflow.db`,
    '--artifacts-destination',
    `${folder}/artifacts`,
  ]);
}

/** FastTrackML on SQLite; undefined when it is not installed. */
export function fastTrackServer(): Promise<Server | undefined> {
  return peer('FastTrackML (SQLite)', 'fml', (port, folder) => [
    'server',
    '--listen-address',
    `127.0.0.1:${port}`,
    '--database-uri',
    `sqlite://${folder}/fml.db`,
    '--default-artifact-root',
    `${folder}/artifacts`,
  ]);
}
