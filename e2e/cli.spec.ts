/** The command, run as a person or a script runs it: its help, its exit codes, its one `ready` line, import and verify. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from './app.ts';
import { storedRuns, writeFileStore } from './fileStore.ts';
import { artifactText, experiment, history, logSeries, runNames, startRun } from './mlflow.ts';
import { daybook, serve } from './processes.ts';

const verbs = ['host', 'relay', 'invite', 'import', 'verify', 'open'];

test('help, version and wrong use', async () => {
  const [help, version, unknown, missing, ...ofVerbs] = await Promise.all([
    daybook('--help'),
    daybook('--version'),
    daybook('fly'),
    daybook('host'),
    ...verbs.map((verb) => daybook(verb, '--help')),
  ]);
  expect(help.code).toBe(0);
  for (const verb of verbs) expect(help.stdout).toContain(`\n  ${verb} `);
  const { version: wanted } = JSON.parse(await readFile(path.join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string };
  expect(version).toEqual({ code: 0, stdout: `${wanted}\n`, stderr: '' });
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('fly');
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('--workspace');
  for (const [i, verb] of verbs.entries()) {
    expect(ofVerbs[i]?.code, verb).toBe(0);
    expect(ofVerbs[i]?.stdout, verb).toContain('Examples:');
  }
});

test('host and relay say where they are, and end cleanly when asked', async ({ folder }) => {
  const host = await serve('host', '--workspace', path.join(folder, 'lab'), '--port', '0', '--no-open');
  expect(host.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await fetch(`${host.url}/health`)).text()).toBe('OK');
  expect(await host.stop()).toBe(0);
  const relay = await serve('relay', '--data', path.join(folder, 'relay'), '--port', '0');
  expect(relay.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+/);
  const invite = await daybook('invite', '--data', path.join(folder, 'relay'));
  expect(invite.stdout).toMatch(/^daybook:\/\/join#[\w-]+\n$/);
  expect(await relay.stop()).toBe(0);
});

test('a second host on the same workspace is told who has it', async ({ folder }) => {
  const workspace = path.join(folder, 'lab');
  const first = await serve('host', '--workspace', workspace, '--port', '0', '--no-open');
  const second = await daybook('host', '--workspace', workspace, '--port', '0', '--no-open');
  expect(second.code).toBe(1);
  expect(second.stdout).toBe('');
  expect(second.stderr).toContain('error wrong_state');
  expect(second.stderr).toContain(first.url);
  // A host that was killed leaves its lock; the next one takes it over.
  await first.kill();
  const third = await serve('host', '--workspace', workspace, '--port', '0', '--no-open');
  expect(await third.stop()).toBe(0);
});

test('a taken port is named', async ({ folder }) => {
  const first = await serve('host', '--workspace', path.join(folder, 'a'), '--port', '0', '--no-open');
  const second = await daybook('host', '--workspace', path.join(folder, 'b'), '--port', String(first.port), '--no-open');
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`error unavailable: Port ${first.port} is in use`);
  await first.stop();
});

test('verify: whole, still whole after a kill, damaged, and no workspace at all', async ({ folder }) => {
  const workspace = path.join(folder, 'lab');
  const host = await serve('host', '--workspace', workspace, '--port', '0', '--no-open');
  const run = await startRun(host.url, await experiment(host.url, 'kept'), 'run', { params: { lr: '1' } });
  await logSeries(host.url, run, 'loss', Array.from({ length: 2000 }, (_, step) => Math.sin(step)));
  await host.kill();
  const whole = await daybook('verify', workspace, '--json');
  expect(whole.code, whole.stderr).toBe(0);
  expect(JSON.parse(whole.stdout)).toMatchObject({ ok: true, damaged: [], badChunks: [] });

  const log = await largestFile(path.join(workspace, 'log'));
  const bytes = await readFile(log);
  const at = Math.floor(bytes.length / 4);
  bytes[at] = bytes[at]! ^ 0x01;
  await writeFile(log, bytes);
  const damaged = await daybook('verify', workspace);
  expect(damaged.code).toBe(1);
  expect(damaged.stdout).toContain('damaged');
  expect(damaged.stdout.trimEnd()).toMatch(/not ok$/);
  expect(await readFile(log)).toEqual(bytes);

  const nothing = await daybook('verify', path.join(folder, 'nowhere'));
  expect(nothing.code).toBe(10);
  expect(nothing.stderr).toContain('error not_found');
});

test('import brings a file store over, reports what it left out, and adds nothing the second time', async ({ folder }) => {
  const store = path.join(folder, 'mlruns');
  const workspace = path.join(folder, 'lab');
  await writeFileStore(store);
  const first = await daybook('import', store, '--workspace', workspace, '--json');
  expect(first.code, first.stderr).toBe(0);
  const { added, skipped } = JSON.parse(first.stdout) as { added: Record<string, number>; skipped: { path: string }[] };
  expect(added).toMatchObject({ runs: 3, params: 2, points: 101, artifacts: 1 });
  expect(skipped.map((each) => each.path).join()).toContain('not-a-run');
  const again = await daybook('import', store, '--workspace', workspace, '--json');
  expect(again.code).toBe(0);
  const second = JSON.parse(again.stdout) as { added: Record<string, number>; present: Record<string, number> };
  expect(Object.values(second.added).every((count) => count === 0)).toBe(true);
  expect(second.present).toMatchObject({ runs: 3, points: 101 });

  const host = await serve('host', '--workspace', workspace, '--port', '0', '--no-open');
  const id = await experiment(host.url, 'old sweep');
  expect(await runNames(host.url, id)).toEqual(['child', 'parent']);
  expect(await history(host.url, storedRuns.parent, 'val/loss')).toEqual(Array.from({ length: 100 }, (_, step) => [step, 1 / (step + 1)]));
  expect(await artifactText(host.url, { id: storedRuns.parent, experimentId: id }, 'plots/note.txt')).toBe('kept\n');

  const locked = await daybook('import', store, '--workspace', workspace);
  expect(locked.code).toBe(1);
  expect(locked.stderr).toContain(host.url);
  await host.stop();
  expect((await daybook('verify', workspace)).code).toBe(0);
});

async function largestFile(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  const files = await Promise.all(names.map(async (name) => ({ name: path.join(folder, name), info: await stat(path.join(folder, name)) })));
  const [largest] = files.filter(({ info }) => info.isFile()).sort((a, b) => b.info.size - a.info.size);
  if (!largest) throw new Error(`There is no file in ${folder}.`);
  return largest.name;
}
