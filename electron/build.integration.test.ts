/** The build script and the launcher in a small checkout of their own, so that the real dist/ is left alone. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const here = import.meta.dirname;
let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'daybook-build-'));
  await mkdir(path.join(root, 'electron', 'cli'), { recursive: true });
  await writeFile(path.join(root, 'package.json'), '{"name":"daybook","version":"0.0.1","type":"module","imports":{"#words":"./electron/words.ts"}}');
  await cp(path.join(here, 'build.mjs'), path.join(root, 'electron', 'build.mjs'));
  await cp(path.join(here, 'daybook.mjs'), path.join(root, 'electron', 'daybook.mjs'));
  await symlink(path.join(here, '..', 'node_modules'), path.join(root, 'node_modules'), 'junction');
  await source('words.ts', "export const word: string = 'one';\n");
  await source('cli/main.ts', "import { word } from '#words';\nexport async function runCli(args: string[]): Promise<number> {\n  console.log([word, ...args].join(' '));\n  return 3;\n}\n");
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 3 }));

const source = (file: string, content: string): Promise<void> => writeFile(path.join(root, 'electron', file), content);

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(script: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Ended> {
  const env = { ...process.env, ...options.env };
  delete env.DAYBOOK_NO_BUILD;
  const child = spawn(process.execPath, [path.join(root, script), ...args], { cwd: options.cwd ?? root, env: { ...env, ...options.env } });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...ended, code })));
}

describe('building', () => {
  it('makes what is stale and says so, then nothing', async () => {
    const first = await run('electron/build.mjs', ['cli']);
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toMatch(/^built dist\/cli\.mjs/);
    const { mtimeMs } = await stat(path.join(root, 'dist', 'cli.mjs'));
    expect(await run('electron/build.mjs', ['cli'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await stat(path.join(root, 'dist', 'cli.mjs'))).mtimeMs).toBe(mtimeMs);
    await source('words.ts', "export const word: string = 'three';\n");
    expect((await run('electron/build.mjs', ['cli'])).stderr).toContain('built');
    expect(await readFile(path.join(root, 'dist', 'cli.mjs'), 'utf8')).toContain('three');
  });

  it('does not count tests as inputs, and makes everything when forced', async () => {
    await run('electron/build.mjs', []);
    await source('words.test.ts', 'nothing');
    expect((await run('electron/build.mjs', [])).stderr).toBe('');
    expect((await run('electron/build.mjs', ['--force'])).stderr).toContain('built');
  });

  it('says what is wrong with the sources and keeps the last good output', async () => {
    await run('electron/build.mjs', ['cli']);
    await source('words.ts', 'export const word = ;\n');
    const failed = await run('electron/build.mjs', ['cli']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/error internal: the build failed: .*words\.ts/s);
    expect(await readFile(path.join(root, 'dist', 'cli.mjs'), 'utf8')).toContain('one');
    expect(existsSync(path.join(root, 'dist', '.stamps', 'lock'))).toBe(false);
  });

  it('happens once when several start together, also after one died in it', async () => {
    await mkdir(path.join(root, 'dist', '.stamps'), { recursive: true });
    // Ids of processes end far below this.
    await writeFile(path.join(root, 'dist', '.stamps', 'lock'), '99999999');
    const all = await Promise.all(Array.from({ length: 4 }, () => run('electron/build.mjs', ['cli'])));
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(all.filter(({ stderr }) => stderr.includes('built'))).toHaveLength(1);
  });

  it('refuses a target it does not know', async () => {
    expect(await run('electron/build.mjs', ['nonsense'])).toMatchObject({ code: 2, stderr: expect.stringContaining('invalid_argument') as string });
  });
});

describe('the launcher', () => {
  it('builds, passes on arguments and exit code, from any folder and through a link', async () => {
    const link = path.join(root, 'link.mjs');
    await symlink(path.join(root, 'electron', 'daybook.mjs'), link).catch(() => cp(path.join(root, 'electron', 'daybook.mjs'), link));
    expect(await run('link.mjs', ['verify', 'x'], { cwd: tmpdir() })).toMatchObject({ code: 3, stdout: 'one verify x\n' });
    expect(await run('electron/daybook.mjs', [])).toEqual({ code: 3, stdout: 'one\n', stderr: '' });
  });

  it('builds nothing where there are no sources, or when told not to', async () => {
    await run('electron/build.mjs', ['cli']);
    await source('words.ts', "export const word: string = 'two';\n");
    expect(await run('electron/daybook.mjs', [], { env: { DAYBOOK_NO_BUILD: '1' } })).toMatchObject({ stdout: 'one\n', stderr: '' });
    await rm(path.join(root, 'electron', 'cli'), { recursive: true });
    await rm(path.join(root, 'node_modules'));
    expect(await run('electron/daybook.mjs', [])).toMatchObject({ code: 3, stdout: 'one\n', stderr: '' });
  });

  it('says so when it can neither build nor start', async () => {
    await rm(path.join(root, 'node_modules'));
    expect(await run('electron/daybook.mjs', [])).toMatchObject({ code: 1, stderr: expect.stringContaining('npm ci') as string });
  });
});
