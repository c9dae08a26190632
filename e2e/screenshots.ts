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
  const molecules = experiments.find(({ name }) => name.startsWith('Molecule'));
  if (!molecules) throw new Error('resources/sample holds no experiment "Molecule energies"; make it with resources/make_sample.mjs.');
  const id = molecules.experiment_id;
  const { runs } = await post<{ runs: { info: { run_id: string } }[] }>(host, 'runs/search', {
    experiment_ids: [id],
    filter: "tags.source.run LIKE '%mq2i3678'",
    max_results: 1,
  });
  const run = runs[0]?.info.run_id;
  if (!run) throw new Error('The sample’s run with a note is missing.');
  return [
    { name: 'overview', address: '/', charts: 0 },
    { name: 'experiment', address: `/experiments/${id}`, charts: 2 },
    { name: 'run', address: `/runs/${run}`, charts: 0 },
    { name: 'chart', address: `/runs/${run}?tab=charts`, charts: 2 },
    {
      name: 'note',
      address: `/runs/${run}?tab=notes`,
      charts: 0,
      prepare: async (page) => {
        await page.getByRole('button', { name: 'Side by side', exact: true }).click();
        await page.locator('.note-page h1, .note-page h2').first().waitFor();
      },
    },
  ];
}

/** Everything that is still loading has arrived: fonts, rows, the wished number of charts. */
async function settled(page: Page, charts: number): Promise<void> {
  await page.waitForFunction('document.fonts.status === "loaded" && document.querySelectorAll("[aria-busy=true], .skeleton").length === 0');
  if (charts > 0) await page.waitForFunction(`document.querySelectorAll('.scatterlayer .trace path.js-line').length >= ${charts}`);
  // Two frames: what was just laid out has been painted.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

async function shoot(browser: Browser, host: string, folder: string): Promise<void> {
  const screens = await screensOf(host);
  for (const theme of themes)
    for (const viewport of windows) {
      const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' });
      await context.addInitScript(`localStorage.setItem('daybook.me', JSON.stringify({ name: 'Ada', color: '#3455DB' }))`);
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
