import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { downloadElectron, findElectron, showWindow } from './desktop.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'daybook-desktop-'));
  vi.stubEnv('CI', '');
  vi.stubEnv('DISPLAY', ':99');
  vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

const onUnix = it.skipIf(process.platform === 'win32');

/** A stand-in for the electron package, whose runtime is a script that writes down its arguments. */
async function installElectron(script?: string): Promise<void> {
  const folder = path.join(root, 'node_modules', 'electron');
  await mkdir(path.join(folder, 'dist'), { recursive: true });
  await writeFile(path.join(root, 'package.json'), '{}');
  await writeFile(path.join(folder, 'package.json'), '{"name":"electron","version":"45.0.0"}');
  if (script === undefined) return;
  await writeFile(path.join(folder, 'path.txt'), 'electron');
  await writeFile(path.join(folder, 'dist', 'electron'), `#!/bin/sh\n${script}\n`);
  await chmod(path.join(folder, 'dist', 'electron'), 0o755);
}

describe('the desktop window', () => {
  it('needs the package, its runtime and a display', async () => {
    await writeFile(path.join(root, 'package.json'), '{}');
    expect(findElectron(root)).toMatchObject({ why: expect.stringContaining('not installed') as string });
    await installElectron();
    expect(findElectron(root)).toMatchObject({ why: expect.stringContaining('not downloaded') as string });
    await installElectron('exit 0');
    expect(findElectron(root)).toEqual({ executable: path.join(root, 'node_modules', 'electron', 'dist', 'electron') });
    vi.stubEnv('CI', 'true');
    expect(findElectron(root)).toEqual({ why: 'there is no display' });
  });

  it('takes the runtime of another folder when told to', async () => {
    await installElectron();
    await writeFile(path.join(root, 'electron'), '');
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', root);
    expect(findElectron(root)).toEqual({ executable: path.join(root, 'electron') });
  });

  onUnix('is started on the workspace and waited for', async () => {
    await installElectron(`echo "$@" > ${root}/args`);
    const electron = findElectron(root) as { executable: string };
    expect(await showWindow(electron.executable, root, '/some/lab')).toBe(true);
    expect(await readFile(path.join(root, 'args'), 'utf8')).toBe(`${path.join(root, 'dist', 'electron', 'main.cjs')} --workspace /some/lab\n`);
  });

  onUnix('that cannot be shown is said so, not fatal', async () => {
    await installElectron('exit 127');
    const electron = findElectron(root) as { executable: string };
    expect(await showWindow(electron.executable, root, '/some/lab')).toBe(false);
    expect(await showWindow(path.join(root, 'nothing'), root, '/some/lab')).toBe(false);
  });

  it('cannot be downloaded without the package or the network, and that is not fatal either', async () => {
    await writeFile(path.join(root, 'package.json'), '{}');
    expect(await downloadElectron(root)).toBe(false);
    await installElectron();
    await writeFile(path.join(root, 'node_modules', 'electron', 'install.js'), 'process.exit(1)');
    expect(await downloadElectron(root)).toBe(false);
    await writeFile(path.join(root, 'node_modules', 'electron', 'install.js'), '');
    expect(await downloadElectron(root)).toBe(true);
  });
});
