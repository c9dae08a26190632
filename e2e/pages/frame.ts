/** What stands around every screen: sidebar, status line, notices, the banner for a host that does not answer. */
import type { Locator, Page } from '@playwright/test';

export function frameOf(page: Page) {
  const notices = page.locator('.notices');
  return {
    /** The claim about this host's disk. */
    disk: page.getByTestId('disk-state'),
    /** The claim about the relay. */
    relay: page.getByTestId('relay-state'),
    /** Says that the host does not answer. */
    banner: page.getByRole('alert').filter({ hasText: 'does not answer' }),
    sidebar: page.getByRole('complementary', { name: 'Experiments' }),
    notice: (text: string | RegExp): Locator => notices.locator('> *').filter({ hasText: text }),
    async undo(text: string | RegExp): Promise<void> {
      await notices.locator('> *').filter({ hasText: text }).getByRole('button', { name: 'Undo' }).click();
    },
    async openExperiment(name: string): Promise<void> {
      await page.getByRole('complementary', { name: 'Experiments' }).getByRole('link', { name }).click();
    },
  };
}
