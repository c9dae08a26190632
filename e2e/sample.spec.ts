/** The sample workspace, opened as `npm start` opens it: what a new user sees first must be there. */
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from './app.ts';
import { experimentOf } from './pages/experiment.ts';
import { frameOf } from './pages/frame.ts';
import { serve } from './processes.ts';

const shipped = path.join(import.meta.dirname, '..', 'resources', 'sample');

test('daybook open shows the sample’s experiments, their charts, and the note', async ({ folder, windows }) => {
  const workspace = path.join(folder, 'sample');
  await cp(shipped, workspace, { recursive: true });
  const host = await serve('open', workspace);
  const page = await windows.open(host.url);
  const experiments = page.getByRole('table').getByRole('rowheader').getByRole('link');
  await expect(experiments.first()).toBeVisible();
  expect(await experiments.count()).toBeGreaterThan(1);

  await experiments.filter({ hasText: 'Molecule' }).click();
  await expect(experimentOf(page).rows.first()).toBeVisible();
  // Lines, not an empty frame: paths with a shape.
  await expect.poll(async () => page.locator('.scatterlayer .trace path.js-line').count()).toBeGreaterThan(2);
  await page.getByRole('button', { name: 'Note', exact: true }).click();
  await expect(page.locator('.note')).toContainText(/\w{4,}/);
  await expect(frameOf(page).disk).toHaveText('On this disk');
  await host.stop();
});
