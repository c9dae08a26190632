/**
 * Finds a Chromium for the end-to-end tests and the screenshots: the one named by DAYBOOK_BROWSER, an installed
 * Chrome or Chromium, Playwright's own, and on Debian as root `apt-get install chromium`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const windowsPrograms = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].filter(Boolean);
const candidates = {
  linux: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'].flatMap((name) =>
    (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, name)),
  ),
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`),
  win32: windowsPrograms.flatMap((folder) => [
    path.join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
    path.join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
  ]),
};

/** Absolute path of a browser that is already there, or undefined. */
export async function installedBrowser() {
  if (process.env.DAYBOOK_BROWSER) return process.env.DAYBOOK_BROWSER;
  const found = (candidates[process.platform] ?? []).find((file) => existsSync(file));
  if (found) return found;
  const { chromium } = await import('@playwright/test');
  const own = chromium.executablePath();
  return own && existsSync(own) ? own : undefined;
}

/** The same, installing Debian's chromium when nothing else is there and this may be done. */
export async function findBrowser() {
  const there = await installedBrowser();
  if (there) return there;
  const root = process.getuid?.() === 0;
  if (process.platform !== 'linux' || !root || !existsSync('/usr/bin/apt-get')) return undefined;
  process.stderr.write('No browser found; installing Debian’s chromium…\n');
  const apt = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  apt('update', '-qq');
  apt('install', '-y', '-qq', 'chromium');
  return installedBrowser();
}

/** Flags that make Chromium quiet and able to run as root in a container. */
export const browserFlags = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
