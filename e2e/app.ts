/**
 * What each spec starts from: a workspace in a temporary folder and the app open on it, in the body of its project:
 * a browser page on a `daybook host`, or the Electron window (skipped by name where its runtime is not present).
 * `team` adds a relay and a second person with a host and a page of their own; `windows` opens more pages on any host.
 *
 * Every page is watched: an uncaught error, or anything that the page's own security policy had to block, fails the
 * test that opened it.
 */
import { _electron, test as base, expect, type Browser, type Page } from '@playwright/test';
import path from 'node:path';
import { electronRuntime } from './electron.ts';
import { daybook, serve, temporaryFolder, type Served } from './processes.ts';

export interface App {
  page: Page;
  /** Address of the host, for MLflow calls. */
  url: string;
  workspace: string;
  /** The host process; undefined in Electron, where it is a child of the window's process. */
  host?: RestartableHost;
}

export interface RestartableHost {
  /** What a power cut leaves behind. */
  kill(): Promise<void>;
  /** Ends it as Ctrl+C does. */
  stop(): Promise<void>;
  /** Starts it again on the same port and workspace. */
  start(): Promise<void>;
}

export interface Person extends App {
  host: RestartableHost;
}

export interface Team {
  ada: Person;
  ben: Person;
  relay: { kill(): Promise<void>; start(): Promise<void> };
  /** A new invite to the same team. */
  invite(): Promise<string>;
}

interface Fixtures {
  folder: string;
  windows: Windows;
  app: App;
  team: Team;
}

export interface Windows {
  /** A page of a new profile at `url`; `name` is what teammates see. */
  open(url: string, name?: string): Promise<Page>;
  /** A page of somebody else's, where problems are not ours. */
  openForeign(url: string): Promise<Page>;
}

/** Collects what must not happen on a page. */
function watch(page: Page, problems: string[]): Page {
  page.on('pageerror', (error) => problems.push(`uncaught on the page: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('Content Security Policy')) problems.push(message.text());
  });
  return page;
}

async function openPage(browser: Browser, url: string, watched = (page: Page): Page => page, name?: string): Promise<Page> {
  const context = await browser.newContext();
  // As a person who has set their name: kept in the profile, read when the page starts.
  if (name !== undefined) {
    const profile = JSON.stringify({ name, color: name.length % 2 === 0 ? '#16825F' : '#C2541B' });
    await context.addInitScript(`localStorage.getItem('daybook.me') ?? localStorage.setItem('daybook.me', ${JSON.stringify(profile)})`);
  }
  const page = watched(await context.newPage());
  await page.goto(url);
  return page;
}

/** `invite` is given at the first start only: the workspace remembers its team. */
async function restartable(workspace: string, invite?: string): Promise<RestartableHost & { url: string }> {
  const start = (port: number, ...more: string[]): Promise<Served> => serve('host', '--workspace', workspace, '--port', String(port), '--no-open', ...more);
  let host = await start(0, ...(invite === undefined ? [] : ['--team', invite]));
  const { port, url } = host;
  return {
    url,
    kill: () => host.kill(),
    stop: async () => void (await host.stop()),
    start: async () => {
      host = await start(port);
    },
  };
}

export const test = base.extend<Fixtures>({
  folder: async ({}, use) => {
    const folder = await temporaryFolder();
    await use(folder.path);
    await folder.remove();
  },

  windows: async ({ browser }, use) => {
    const problems: string[] = [];
    const pages: Page[] = [];
    const kept = (page: Page): Page => {
      pages.push(page);
      return page;
    };
    await use({
      open: async (url, name) => kept(await openPage(browser, url, (page) => watch(page, problems), name)),
      openForeign: async (url) => kept(await openPage(browser, url)),
    });
    for (const page of pages) await page.context().close();
    expect(problems).toEqual([]);
  },

  app: async ({ windows, folder }, use, info) => {
    const workspace = path.join(folder, 'workspace');
    if (info.project.name === 'electron') {
      const executablePath = electronRuntime();
      test.skip(!executablePath, 'Electron’s runtime or a display is not present');
      const problems: string[] = [];
      const electron = await _electron.launch({
        executablePath,
        args: [path.join(import.meta.dirname, '..', 'dist', 'electron', 'main.cjs'), '--workspace', workspace],
      });
      const page = watch(await electron.firstWindow(), problems);
      await use({ page, url: new URL(page.url()).origin, workspace });
      await electron.close();
      expect(problems).toEqual([]);
      return;
    }
    const host = await restartable(workspace);
    await use({ page: await windows.open(host.url, 'Ada'), url: host.url, workspace, host });
    await host.stop();
  },

  team: async ({ windows, folder }, use) => {
    const data = path.join(folder, 'relay');
    let relay = await serve('relay', '--data', data, '--port', '0');
    const { port } = relay;
    const invite = async (): Promise<string> => (await daybook('invite', '--data', data)).stdout.trim();
    const join = async (name: string): Promise<Person> => {
      const workspace = path.join(folder, name.toLowerCase());
      const host = await restartable(workspace, await invite());
      return { host, url: host.url, workspace, page: await windows.open(host.url, name) };
    };
    const [ada, ben] = await Promise.all([join('Ada'), join('Ben Odd')]);
    await use({
      ada,
      ben,
      invite,
      relay: {
        kill: () => relay.kill(),
        start: async () => {
          relay = await serve('relay', '--data', data, '--port', String(port));
        },
      },
    });
    await Promise.all([ada.host.stop(), ben.host.stop()]);
    await relay.stop();
  },
});

export { expect } from '@playwright/test';
