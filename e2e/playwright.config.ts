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
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    launchOptions: { executablePath: await installedBrowser(), args: browserFlags },
  },
  projects: [
    { name: 'browser', metadata: { body: 'browser' } },
    { name: 'electron', metadata: { body: 'electron', runtime: electronRuntime() ?? null } },
  ],
});
