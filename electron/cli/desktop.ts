/**
 * The desktop window: Electron's runtime, where it is there already. The `electron` package downloads it on first use;
 * looking here never does, so that starting costs seconds where the download cannot be reached.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { hasDisplay } from './browser.ts';

/** A window that closes with an error this soon never showed; milliseconds. */
const startLimit = 10_000;
const downloadLimit = 600_000;

/** The Electron executable, or why there can be no window. */
export function findElectron(root: string): { executable: string } | { why: string } {
  if (!hasDisplay()) return { why: 'there is no display' };
  const folder = electronFolder(root);
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!folder && !override) return { why: 'the package "electron" is not installed' };
  const name = folder && path.join(folder, 'path.txt');
  const executable = path.join(override ?? path.join(folder!, 'dist'), name && existsSync(name) ? readFileSync(name, 'utf8').trim() : 'electron');
  return existsSync(executable) ? { executable } : { why: 'Electron’s runtime is not downloaded (daybook open --download gets it)' };
}

/** Downloads Electron's runtime with the package's own installer; resolves false when that fails. */
export async function downloadElectron(root: string): Promise<boolean> {
  const folder = electronFolder(root);
  if (!folder) return false;
  return (await run(process.execPath, [path.join(folder, 'install.js')], downloadLimit)) === 0;
}

/** Shows the workspace in a window and waits until it is closed; false when it could not be shown. */
export async function showWindow(executable: string, root: string, workspace: string): Promise<boolean> {
  const started = performance.now();
  const code = await run(executable, [path.join(root, 'dist', 'electron', 'main.cjs'), '--workspace', workspace]);
  return code === 0 || performance.now() - started > startLimit;
}

function electronFolder(root: string): string | undefined {
  try {
    return path.dirname(createRequire(path.join(root, 'package.json')).resolve('electron/package.json'));
  } catch {
    return undefined;
  }
}

/** Runs a program with our stderr for both of its outputs; undefined when it could not be run or took too long. */
function run(command: string, args: string[], limit?: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', process.stderr, process.stderr], ...(limit ? { timeout: limit } : {}) });
    const stop = (): void => void child.kill();
    process.once('SIGINT', stop).once('SIGTERM', stop);
    child.once('error', () => resolve(undefined));
    child.once('exit', (code) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve(code ?? undefined);
    });
  });
}
