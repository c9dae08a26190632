import { expect, test } from 'vitest';
import { createUi } from './ui.ts';

/** A media query that a test can change; the page's own come from the browser. */
function queryOf(matches: boolean) {
  const listeners = new Set<() => void>();
  const query = {
    matches,
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  };
  const set = (next: boolean): void => {
    query.matches = next;
    for (const listener of listeners) listener();
  };
  return { query: query as unknown as MediaQueryList, set, listeners };
}

test('on a narrow window the sidebar is folded, and what a wide one had comes back', () => {
  const window = queryOf(true);
  const ui = createUi(undefined, undefined, window.query);
  expect(ui.getState().sidebar).toBe(false);
  ui.getState().toggleSidebar();
  expect(ui.getState().sidebar).toBe(true);
  window.set(false);
  expect(ui.getState().sidebar).toBe(true);
  ui.getState().toggleSidebar();
  window.set(true);
  window.set(false);
  expect(ui.getState().sidebar).toBe(false);
  ui.close();
  expect(window.listeners.size).toBe(0);
});
