/** The page of one experiment: filter, table, bulk bar, column picker, and the panels beside the table. */
import { expect, type Locator, type Page } from '@playwright/test';

export function experimentOf(page: Page) {
  const side = page.getByRole('region', { name: 'Runs' });
  const table = side.getByRole('grid', { name: 'Runs' }).or(side.getByRole('treegrid', { name: 'Runs' }));
  const rows = table.getByRole('row').filter({ has: page.getByRole('rowheader') });
  const row = (name: string): Locator => table.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const filter = page.getByRole('combobox', { name: 'Filter runs' });

  return {
    table,
    rows,
    row,
    filter,
    /** `12 runs`, `3 found`. */
    total: page.getByTestId('run-total'),
    /** What is wrong with the filter. */
    fault: side.locator('.filter-fault'),
    /** The characters at fault, underlined. */
    faultMark: side.locator('.filter-mirror mark'),
    suggestions: page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option'),
    bulk: page.getByRole('toolbar', { name: 'Checked runs' }),
    head: (label: string): Locator => table.getByRole('columnheader').filter({ has: page.getByRole('button', { name: label, exact: true }) }),
    trash: side.getByText(/^Trash \d/),
    active: side.getByText('Active', { exact: true }),

    async open(url: string, experimentId: string, query = ''): Promise<void> {
      await page.goto(`${url}/#/experiments/${experimentId}${query}`);
      await expect(side).toBeVisible();
    },
    /** Names of the runs on screen, top to bottom. */
    names: (): Promise<string[]> => rows.getByRole('rowheader').getByRole('link').allInnerTexts(),
    checkbox: (name: string): Locator => row(name).getByRole('checkbox'),
    eye: (name: string): Locator => row(name).getByRole('button', { name: /its curves$/ }),
    status: (name: string): Locator => row(name).getByRole('rowheader').getByRole('img'),
    async sortBy(label: string): Promise<void> {
      await table.getByRole('button', { name: label, exact: true }).click();
    },
    async check(...names: string[]): Promise<void> {
      for (const name of names) await row(name).getByRole('checkbox').check();
    },
    async menuOf(name: string, item: string | RegExp): Promise<void> {
      await row(name).click({ button: 'right' });
      await page.getByRole('menuitem', { name: item }).click();
    },
    async openColumns(): Promise<Locator> {
      await side.getByRole('button', { name: 'Columns', exact: true }).click();
      return page.getByRole('group', { name: 'Columns' });
    },
    async openNote(): Promise<Locator> {
      await page.getByRole('button', { name: 'Note', exact: true }).click();
      return page.getByRole('complementary', { name: 'Note' });
    },
  };
}
