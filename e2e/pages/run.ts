/** The page of one run: its header, tags, tables, artifacts. */
import { expect, type Locator, type Page } from '@playwright/test';

export type RunTab = 'Overview' | 'Charts' | 'Artifacts' | 'Note';

export function runOf(page: Page) {
  const tables = (title: string): Locator => page.getByRole('region', { name: title, exact: true });
  const view = page.locator('.artifact-view');
  return {
    title: page.getByRole('heading', { level: 1 }),
    status: page.locator('.run-status'),
    params: tables('Params'),
    metrics: tables('Metrics'),
    tags: page.locator('.run-tags'),
    /** The viewer of the chosen artifact. */
    view,
    async open(url: string, runId: string, tab?: RunTab): Promise<void> {
      await page.goto(`${url}/#/runs/${runId}`);
      await expect(page.getByRole('tablist', { name: 'Parts of the run' })).toBeVisible();
      if (tab) await page.getByRole('tab', { name: tab }).click();
    },
    tab: (name: RunTab): Promise<void> => page.getByRole('tab', { name }).click(),
    /** A row of one of the tables; `name` is the key. */
    row: (table: Locator, name: string): Locator => table.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) }),
    tag: (key: string): Locator => page.getByRole('button', { name: new RegExp(`^Tag ${key}: `) }),
    async setTag(key: string, value: string): Promise<void> {
      await page.getByRole('button', { name: new RegExp(`^Tag ${key}: `) }).click();
      const field = page.getByRole('textbox', { name: `Tag ${key}`, exact: true });
      await field.fill(value);
      await field.press('Enter');
    },
    async addTag(key: string, value: string): Promise<void> {
      await page.locator('.run-tags').getByRole('button', { name: 'Tag', exact: true }).click();
      await page.getByRole('textbox', { name: 'Name of the new tag' }).fill(key);
      await page.getByRole('textbox', { name: 'Value of the new tag' }).fill(value);
      await page.getByRole('textbox', { name: 'Value of the new tag' }).press('Enter');
    },
    async choose(file: string): Promise<void> {
      await page.getByRole('tree', { name: 'Artifacts' }).getByTitle(file, { exact: true }).click();
      await expect(page.getByRole('region', { name: file, exact: true })).toBeVisible();
    },
  };
}
