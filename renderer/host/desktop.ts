/**
 * The operating system as the page sees it: `window.daybook` when the desktop shell's preload is there, else what a browser
 * can do instead. The only place that asks where it runs.
 */
import type { Desktop, MenuCommand } from '#contract';

declare global {
  interface Window {
    daybook?: Desktop;
  }
}

/** The shell's calls or their browser stand-ins. */
export function openDesktop(): Desktop {
  return window.daybook ?? browserDesktop();
}

/** Whether the shell draws a native menu, so that the page need not offer those commands itself. */
export function hasNativeMenu(desktop: Desktop): boolean {
  return desktop.platform !== 'browser';
}

function browserDesktop(): Desktop {
  return {
    platform: 'browser',
    saveFile: async (name, bytes) => {
      const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      // The browser reads the address after the click has returned.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      return true;
    },
    openExternal: async (url) => window.open(url, '_blank', 'noopener,noreferrer') !== null,
    printToPdf: async () => {
      window.print();
      return true;
    },
    notify: async (title, body) => {
      if ('Notification' in window && Notification.permission === 'granted') new Notification(title, { body });
    },
    setTheme: async () => undefined,
    onMenu: (listener) => onShortcuts(listener),
  };
}

/** The menu's accelerators where no menu exists. Ctrl on every system, Command on a Mac. */
function onShortcuts(listener: (command: MenuCommand) => void): () => void {
  const keys: Record<string, MenuCommand> = { j: 'toggle-sidebar', ',': 'settings', '/': 'shortcuts' };
  const onKey = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const command = keys[event.key.toLowerCase()];
    if (!command) return;
    event.preventDefault();
    listener(command);
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}
