/**
 * The command as a person or a script meets it: output and exit codes. Verbs that serve run as processes of their own,
 * the others in this one, which takes a tenth of the time.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeStore } from '../host/importers/storeFixture.ts';
import type { ImportSummary } from '../host/importers/importReport.ts';
import { runCli } from './main.ts';
import type { Verification } from './verify.ts';

const root = path.join(import.meta.dirname, '..', '..');
/** The launcher without its build: the sources, run as they are. */
const entry = "import('./electron/cli/main.ts').then(({ runCli }) => runCli(process.argv.slice(1), process.cwd())).then((code) => (process.exitCode = code))";

let folder: string;
let running: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'daybook-cli-'));
  running = [];
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const at = (...parts: string[]): string => path.join(folder, ...parts);

function start(args: string[]): ChildProcess {
  // A person's folders, and no display, whatever machine this is.
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: at('data'), APPDATA: at('data'), CI: '1', DISPLAY: '', WAYLAND_DISPLAY: '' };
  const child = spawn(process.execPath, ['--import', 'tsx', '--eval', entry, '--', ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return child;
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a verb in this process. */
async function daybook(...args: string[]): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).flatMap((stream) => [
    vi.spyOn(process[stream], 'write').mockImplementation((text) => Boolean((written[stream] += String(text)))),
    vi.spyOn(console, stream === 'stdout' ? 'log' : 'error').mockImplementation((text) => void (written[stream] += `${text}\n`)),
  ]);
  try {
    const code = await runCli(args, root);
    return { ...written, code };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function collect(child: ChildProcess): Promise<Ended> {
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...ended, code })));
}

/** Starts a serving verb; resolves with its address and with how to stop it. */
async function serve(...args: string[]): Promise<{ url: string; ended: Promise<Ended>; stop(signal?: NodeJS.Signals): Promise<Ended> }> {
  const child = start(args);
  const ended = collect(child);
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout!).once('line', (line) => resolve(/^ready (\S+)$/.exec(line)?.[1] ?? `not a ready line: ${line}`));
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  return {
    url,
    ended,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

const onUnix = process.platform !== 'win32';

describe('daybook', () => {
  it('says its version, its verbs, and each verb’s options and examples', async () => {
    expect(await daybook('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string, stderr: '' });
    const { code, stdout } = await daybook('--help');
    expect(code).toBe(0);
    for (const verb of ['open', 'host', 'relay', 'invite', 'import', 'verify']) expect(stdout).toContain(`\n  ${verb}`);
    for (const verb of ['open', 'host', 'relay', 'invite', 'import', 'verify']) {
      const help = await daybook(verb, '--help');
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toContain(`daybook ${verb}`);
      expect(help.stdout).toContain('Examples:');
    }
  });

  it('names what is wrong with its use on one line, with exit code 2', async () => {
    for (const args of [['nonsense'], ['host'], ['host', '--workspace', 'x', '--port', 'many'], ['verify'], ['relay', '--data', 'x', '--nonsense']]) {
      const { code, stdout, stderr } = await daybook(...args);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
      expect(stderr).toMatch(/^error invalid_argument: .+\n/);
    }
  });
});

describe('daybook import', () => {
  it('sums up what it did, and adds nothing the second time', async () => {
    await writeStore(at('mlruns'));
    const first = await daybook('import', at('mlruns'), '--workspace', at('lab'), '--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect((JSON.parse(first.stdout) as ImportSummary).added).toMatchObject({ runs: 6, experiments: 3 });
    const second = await daybook('import', at('mlruns'), '--workspace', at('lab'));
    expect(second.code).toBe(0);
    expect(second.stdout).toMatch(/^runs +6 +0 +6$/m);
    expect(second.stdout).toContain('left out:');
    expect(second.stdout).toContain('no meta.yaml: not a run');
    expect((await daybook('verify', at('lab'))).code).toBe(0);
  });

  it('names a missing store, and a workspace that a host has open with its address', async () => {
    expect(await daybook('import', at('nowhere'), '--workspace', at('lab'))).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error not_found: .*nowhere.*\n$/) as string });
    await writeStore(at('mlruns'));
    const host = await serve('host', '--workspace', at('lab'), '--port', '0', '--no-open');
    const refused = await daybook('import', at('mlruns'), '--workspace', at('lab'));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error wrong_state: .+\n$/) as string });
    expect(refused.stderr).toContain(host.url);
    await host.stop();
  });
});

describe('daybook verify', () => {
  it('tells whole, damaged and no workspace by its exit code', async () => {
    await writeStore(at('mlruns'));
    await daybook('import', at('mlruns'), '--workspace', at('lab'));
    const whole = await daybook('verify', at('lab'), '--json');
    expect(whole.code).toBe(0);
    const report = JSON.parse(whole.stdout) as Verification;
    expect(report).toMatchObject({ ok: true, references: { missing: [], elsewhere: 0, unreadable: [] } });
    expect(report.references!.chunks).toBeGreaterThan(4);
    expect(await daybook('verify', at('nowhere'))).toMatchObject({ code: 10, stdout: '', stderr: expect.stringContaining('error not_found:') as string });

    const chunks = await filesBelow(at('lab', 'chunks'));
    await writeFile(chunks[0]!, 'something else');
    const damaged = await daybook('verify', at('lab'));
    expect(damaged.code).toBe(1);
    expect(damaged.stdout).toMatch(/^damaged .*its bytes are not those it is named after$/m);
    for (const chunk of chunks) await rm(chunk);
    const lost = await daybook('verify', at('lab'), '--json');
    expect(lost.code).toBe(1);
    expect((JSON.parse(lost.stdout) as Verification).references!.missing).toHaveLength(report.references!.chunks);
  });
});

describe('daybook host', () => {
  it('says where it is, serves, and ends cleanly when asked', async () => {
    const host = await serve('host', '--workspace', at('lab'), '--port', '0', '--no-open');
    expect(host.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${host.url}/health`)).status).toBe(200);
    const { code, stdout } = await host.stop('SIGINT');
    if (onUnix) expect(code).toBe(0);
    expect(stdout).toBe(`ready ${host.url}\n`);
  });

  it('names a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await daybook('host', '--workspace', at('lab'), '--port', String(port), '--no-open');
    server.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error unavailable: /m);
    expect(stderr).toContain(String(port));
  });
});

describe('daybook relay and invite', () => {
  it('bring two hosts into one team, again after a restart', async () => {
    const relay = await serve('relay', '--data', at('relay'), '--port', '0');
    expect(relay.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    const { code, stdout } = await daybook('invite', '--data', at('relay'));
    expect(code).toBe(0);
    const invite = stdout.trim();
    expect(invite).toMatch(/^daybook:\/\/join#\S+$/);
    const ada = await serve('host', '--workspace', at('ada'), '--port', '0', '--team', invite, '--no-open');
    let ben = await serve('host', '--workspace', at('ben'), '--port', '0', '--team', invite, '--no-open');
    await ben.stop();
    ben = await serve('host', '--workspace', at('ben'), '--port', '0', '--team', invite, '--no-open');
    const created = await fetch(`${ada.url}/api/2.0/mlflow/experiments/create`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"shared"}' });
    expect(created.status).toBe(200);
    await expect.poll(async () => (await fetch(`${ben.url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=shared`)).status, { timeout: 15_000 }).toBe(200);
    await Promise.all([ada.stop(), ben.stop()]);
    if (onUnix) expect((await relay.stop()).code).toBe(0);
    expect((await daybook('verify', at('relay'))).stdout).toMatch(/^ok$/m);
  }, 60_000);

  it('refuse what is no invite, and an invite of a relay that never ran', async () => {
    expect(await daybook('host', '--workspace', at('lab'), '--port', '0', '--no-open', '--team', 'hello')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('error invalid_argument: This is not an invite') as string });
    expect(await daybook('invite', '--data', at('nothing'))).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('error not_found:') as string });
  });

  it('let a host start while the relay is away', async () => {
    const relay = await serve('relay', '--data', at('relay'), '--port', '0');
    const invite = (await daybook('invite', '--data', at('relay'))).stdout.trim();
    await relay.stop();
    const host = await serve('host', '--workspace', at('lab'), '--port', '0', '--team', invite, '--no-open');
    expect((await host.stop()).stderr).toContain('keeps trying to join');
  }, 60_000);
});

describe('daybook open', () => {
  it('without a display serves the sample from the person’s own folder, and says so once', async () => {
    const app = await serve('open');
    expect((await fetch(`${app.url}/health`)).status).toBe(200);
    const again = await collect(start(['open']));
    expect(again).toMatchObject({ code: 0, stdout: '', stderr: `This workspace is open already, at ${app.url}\n` });
    const { code, stderr } = await app.stop();
    if (onUnix) expect(code).toBe(0);
    expect(stderr).toContain(`No desktop window: there is no display. Daybook is at ${app.url}`);
    if (process.platform === 'linux') expect((await stat(at('data', 'daybook', 'sample'))).isDirectory()).toBe(true);
  }, 60_000);
});

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
