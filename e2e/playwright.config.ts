import { defineConfig } from '@playwright/test';
import { browserFlags, installedBrowser } from './browser.mjs';
import { electronRuntime } from './electron.ts';

/**
 * Two projects over the same specs: the page in Chromium, and the same page in the Electron window wherever a
 * runtime is present (otherwise its tests are skipped by name).
 */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results/e2e',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 1,
  retries: 0,
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e.json' }]],
  use: {
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    viewport: { width: 1280, height: 800 },
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: await installedBrowser(),
      // A name as an attacker would rebind it, and none of the questions by which this browser alone protects loopback:
      // other browsers, and people who click "Allow", have no more than our own filter.
      args: [...browserFlags, '--host-resolver-rules=MAP attacker.test 127.0.0.1', '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets'],
    },
  },
  projects: [
    { name: 'browser', metadata: { body: 'browser' } },
    {
      name: 'electron',
      metadata: { body: 'electron', runtime: electronRuntime() ?? null },
      // The command, two people's hosts and foreign browser pages are the same whatever window shows the page.
      testIgnore: /(cli|team|loopback|sample)\.spec\.ts$/,
    },
  ],
});
