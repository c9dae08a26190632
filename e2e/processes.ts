/**
 * Real hosts and relays for the tests: child processes started by the command a user would type, on free ports, in
 * temporary folders, and ended (or killed) by the process id that was started here.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.join(import.meta.dirname, '..');
const startLimit = 60_000;
/** Built once before the tests; and no window or browser of the person who runs them is opened. */
const environment = { ...process.env, DAYBOOK_NO_BUILD: '1', CI: '1' };

export interface Served {
  /** What the process printed after `ready`. */
  url: string;
  port: number;
  pid: number;
  /** SIGKILL, then waits for the end: what a power cut leaves behind. */
  kill(): Promise<void>;
  /** SIGTERM, then waits for the end. Exit code, or null when a signal ended it. */
  stop(): Promise<number | null>;
  /** Everything it wrote to stderr. */
  log(): string;
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

/** Runs `daybook <args>` and waits for its `ready` line. Rejects with its log when it ends before. */
export function serve(...args: string[]): Promise<Served> {
  const child = spawn(process.execPath, [path.join(root, 'electron', 'daybook.mjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`daybook ${args.join(' ')} was not ready in time.\n${log}`));
    }, startLimit);
    createInterface(child.stdout).on('line', (line) => {
      const ready = /^ready (\S+)$/.exec(line);
      if (!ready?.[1]) return;
      clearTimeout(late);
      const url = ready[1];
      const signal = async (name: NodeJS.Signals): Promise<number | null> => {
        child.kill(name);
        return ended(child);
      };
      resolve({
        url,
        port: Number(new URL(url).port),
        pid: child.pid ?? 0,
        kill: async () => void (await signal('SIGKILL')),
        stop: () => signal('SIGTERM'),
        log: () => log,
      });
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`daybook ${args.join(' ')} ended with code ${code}.\n${log}`));
    });
  });
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `daybook <args>` to its end. */
export function daybook(...args: string[]): Promise<Finished> {
  const child = spawn(process.execPath, [path.join(root, 'electron', 'daybook.mjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

/** A temporary folder and the function that removes it. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'daybook-e2e-'));
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) };
}
