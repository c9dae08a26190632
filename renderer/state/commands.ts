/** What was chosen in the menu or by its key, for whoever on the page can do it. */
import type { Desktop, MenuCommand } from '#contract';

export interface Commands {
  /** Returns its undo. */
  on(command: MenuCommand, listener: () => void): () => void;
  /** As if it had been chosen in the menu. */
  send(command: MenuCommand): void;
  close(): void;
}

/** Follows the shell's menu, or the browser's stand-in for it. */
export function createCommands(desktop: Pick<Desktop, 'onMenu'>): Commands {
  const listeners = new Map<MenuCommand, Set<() => void>>();
  const send = (command: MenuCommand): void => listeners.get(command)?.forEach((listener) => listener());
  const close = desktop.onMenu(send);
  return {
    on(command, listener) {
      const set = listeners.get(command) ?? new Set();
      listeners.set(command, set.add(listener));
      return () => set.delete(listener);
    },
    send,
    close,
  };
}
