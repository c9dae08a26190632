/**
 * What each spec starts from: a workspace in a temporary folder and the app open on it, in the body of its project:
 * a browser page on a `daybook host`, or the Electron window (skipped by name where its runtime is not present).
 * `team` adds a relay and a second person with a host and a page of their own.
 */
import { _electron, test as base, type Browser, type Page } from '@playwright/test';
import path from 'node:path';
import { electronRuntime } from './electron.ts';
import { daybook, serve, temporaryFolder, type Served } from './processes.ts';

export interface App {
  page: Page;
  /** Address of the host, for MLflow calls. */
  url: string;
  workspace: string;
}

export interface Person extends App {
  host: Served;
  /** Starts the host again on the same port and workspace, after a kill or stop. */
  restart(): Promise<void>;
}

export interface Team {
  ada: Person;
  ben: Person;
  relay: { kill(): Promise<void>; start(): Promise<void> };
}

interface Fixtures {
  folder: string;
  app: App;
  team: Team;
}

async function person(browser: Browser, workspace: string, invite: string): Promise<Person> {
  const start = (port: number): Promise<Served> =>
    serve('host', '--workspace', workspace, '--port', String(port), '--team', invite, '--no-open');
  const host = await start(0);
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  const self: Person = {
    host,
    page,
    url: host.url,
    workspace,
    restart: async () => {
      self.host = await start(host.port);
    },
  };
  return self;
}

export const test = base.extend<Fixtures>({
  folder: async ({}, use) => {
    const folder = await temporaryFolder();
    await use(folder.path);
    await folder.remove();
  },

  app: async ({ browser, folder }, use, info) => {
    const workspace = path.join(folder, 'workspace');
    if (info.project.name === 'electron') {
      const executablePath = electronRuntime();
      test.skip(!executablePath, 'Electron’s runtime or a display is not present');
      const electron = await _electron.launch({
        executablePath,
        args: [path.join(import.meta.dirname, '..', 'dist', 'electron', 'main.cjs'), '--workspace', workspace],
      });
      const page = await electron.firstWindow();
      await use({ page, url: new URL(page.url()).origin, workspace });
      await electron.close();
      return;
    }
    const host = await serve('host', '--workspace', workspace, '--port', '0', '--no-open');
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    await page.goto(host.url);
    await use({ page, url: host.url, workspace });
    await page.context().close();
    await host.stop();
  },

  team: async ({ browser, folder }, use, info) => {
    test.skip(info.project.name === 'electron', 'two people are two hosts; the window adds nothing to them');
    const data = path.join(folder, 'relay');
    let relay = await serve('relay', '--data', data, '--port', '0');
    const { port } = relay;
    const invite = (await daybook('invite', '--data', data)).stdout.trim();
    const [ada, ben] = await Promise.all(['ada', 'ben'].map((name) => person(browser, path.join(folder, name), invite)));
    await use({
      ada: ada!,
      ben: ben!,
      relay: {
        kill: () => relay.kill(),
        start: async () => {
          relay = await serve('relay', '--data', data, '--port', String(port));
        },
      },
    });
    for (const each of [ada!, ben!]) {
      await each.page.context().close();
      await each.host.stop();
    }
    await relay.stop();
  },
});

export { expect } from '@playwright/test';
