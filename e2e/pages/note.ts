/** A note: its editor, what it claims about its safety, who else is in it, and its page. */
import type { Locator, Page } from '@playwright/test';

export function noteOf(page: Page) {
  const note = page.locator('.note');
  const editor = note.getByRole('textbox', { name: 'Note, Markdown' });
  return {
    editor,
    /** `On this disk`, `Offline: kept in this window …`. */
    claim: note.getByRole('status'),
    /** Teammates who have it open. */
    people: note.getByLabel('Also here').getByRole('img'),
    /** The names beside other people's cursors. */
    cursors: note.locator('.cm-ySelectionInfo'),
    page: note.locator('.note-page'),
    /** The text as this window has it. Lines of the editor are elements of their own. */
    text: async (): Promise<string> => (await textOf(editor)).join('\n'),
    async show(mode: 'Write' | 'Side by side' | 'Read'): Promise<void> {
      await note.getByRole('button', { name: mode, exact: true }).click();
    },
    /** Types at the end, key by key, as a person does. */
    async type(text: string): Promise<void> {
      await editor.click();
      await page.keyboard.press('Control+End');
      await page.keyboard.type(text);
    },
    async undo(): Promise<void> {
      await editor.click();
      await page.keyboard.press('Control+z');
    },
  };
}

/** Lines without the cursors and placeholder that are drawn between them. */
function textOf(editor: Locator): Promise<string[]> {
  return editor.evaluate((element: unknown) => {
    interface Part {
      cloneNode(deep: boolean): Part;
      querySelectorAll(selector: string): Iterable<Part>;
      remove(): void;
      textContent: string | null;
    }
    const copy = (element as Part).cloneNode(true);
    for (const drawn of copy.querySelectorAll('.cm-ySelectionCaret, .cm-placeholder, .cm-widgetBuffer')) drawn.remove();
    return [...copy.querySelectorAll('.cm-line')].map((line) => (line.textContent ?? '').replaceAll('\u2060', ''));
  });
}
