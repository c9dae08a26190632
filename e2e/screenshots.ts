/**
 * `npm run screenshots`: the screens of the sample workspace in light and dark, at two window widths, into docs/images.
 * On a copy of resources/sample, with animations off and every chart drawn, so that two runs make the same pictures.
 */
import { chromium, type Browser, type Page } from '@playwright/test';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { browserFlags, findBrowser } from './browser.mjs';
import { post } from './mlflow.ts';
import { serve, temporaryFolder } from './processes.ts';

const root = path.join(import.meta.dirname, '..');
const themes = ['light', 'dark'] as const;
const windows = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];

/** What a person's browser remembers: who they are, and how wide they like the note. */
const profile = {
  'daybook.me': { name: 'Ada', color: '#3455DB' },
  'daybook.ui': { theme: 'system', sidebar: true, layouts: { 'experiment.table+note': { table: 44, note: 56 } } },
};

interface Screen {
  name: string;
  /** Behind `#` of the page's address. */
  address: string;
  /** How many charts must have been drawn before the picture is taken. */
  charts: number;
  prepare?(page: Page): Promise<void>;
}

/** The screens, found by what the sample holds. */
async function screensOf(host: string): Promise<Screen[]> {
  const { experiments } = await post<{ experiments: { experiment_id: string; name: string }[] }>(host, 'experiments/search', { max_results: 100 });
  const experiment = (start: string): string => {
    const found = experiments.find(({ name }) => name.startsWith(start));
    if (!found) throw new Error(`resources/sample holds no experiment "${start}…"; make it with resources/make_sample.mjs.`);
    return found.experiment_id;
  };
  const [atari, molecules] = [experiment('Atari'), experiment('Molecule')];
  const { runs } = await post<{ runs: { info: { run_id: string } }[] }>(host, 'runs/search', {
    experiment_ids: [molecules],
    filter: "tags.source.run LIKE '%mq2i3678'",
    max_results: 1,
  });
  const run = runs[0]?.info.run_id;
  if (!run) throw new Error('The sample’s run with a note is missing.');
  return [
    { name: 'overview', address: '/', charts: 0 },
    { name: 'experiment', address: `/experiments/${atari}`, charts: 10 },
    { name: 'run', address: `/runs/${run}`, charts: 0 },
    {
      name: 'chart',
      address: `/experiments/${atari}?${new URLSearchParams({ q: "params.game = 'breakout' AND params.seed = '0'" })}`,
      charts: 6,
      prepare: (page) => page.getByRole('button', { name: 'return/breakout in full screen' }).click(),
    },
    {
      name: 'note',
      address: `/experiments/${molecules}?charts=0`,
      charts: 0,
      prepare: async (page) => {
        await page.getByRole('button', { name: 'Note', exact: true }).click();
        await page.getByRole('button', { name: 'Read', exact: true }).click();
        await page.locator('.note-page h1').first().waitFor();
      },
    },
  ];
}

/** Everything that was still loading has arrived: rows, the wished number of charts, fonts, and a frame with all of it. */
async function settled(page: Page, charts: number): Promise<void> {
  await page.locator('[aria-busy=true], .skeleton').first().waitFor({ state: 'detached' });
  if (charts > 0) await page.locator('.scatterlayer .trace path.js-line').nth(charts - 1).waitFor({ state: 'attached' });
  await page.evaluate(async () => {
    interface Frames {
      document: { fonts: { ready: Promise<unknown> } };
      requestAnimationFrame(done: () => void): void;
    }
    const { document, requestAnimationFrame: next } = globalThis as unknown as Frames;
    await document.fonts.ready;
    await new Promise<void>((done) => next(() => next(done)));
  });
}

async function shoot(browser: Browser, host: string, folder: string): Promise<void> {
  const screens = await screensOf(host);
  for (const theme of themes)
    for (const viewport of windows) {
      const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' });
      await context.addInitScript(`for (const [key, value] of Object.entries(${JSON.stringify(profile)})) localStorage.setItem(key, JSON.stringify(value))`);
      for (const screen of screens) {
        const page = await context.newPage();
        await page.goto(`${host}/#${screen.address}`);
        await settled(page, screen.charts);
        await screen.prepare?.(page);
        await settled(page, screen.charts);
        const file = path.join(folder, `${screen.name}-${theme}-${viewport.width}.png`);
        await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
        console.log(path.relative(root, file));
        await page.close();
      }
      await context.close();
    }
}

const executablePath = await findBrowser();
if (!executablePath) throw new Error('No browser: install Chrome or Chromium, or set DAYBOOK_BROWSER to its path.');
const { path: temporary, remove } = await temporaryFolder();
const workspace = path.join(temporary, 'Sample lab');
await cp(path.join(root, 'resources', 'sample'), workspace, { recursive: true });
const images = path.join(root, 'docs', 'images');
await mkdir(images, { recursive: true });
// A fixed port, because the pictures show the address.
const host = await serve('host', '--workspace', workspace, '--port', '5001', '--no-open');
const browser = await chromium.launch({ executablePath, args: browserFlags });
try {
  await shoot(browser, host.url, images);
} finally {
  await browser.close();
  await host.stop();
  await remove();
}
