/**
 * The OS calls that the page may ask for. Each handler checks that its caller is the top frame of the host's
 * page, parses its arguments, and never takes a path from the page: the person chooses it in a dialog.
 */
import { BrowserWindow, dialog, ipcMain, nativeTheme, Notification, shell, type IpcMainInvokeEvent } from 'electron';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { channels } from './channels.ts';

const arguments_ = {
  [channels.saveFile]: z.tuple([z.string().min(1).max(255), z.instanceof(Uint8Array)]),
  [channels.openExternal]: z.tuple([z.string().max(2048)]),
  [channels.printToPdf]: z.tuple([z.string().min(1).max(255)]),
  [channels.notify]: z.tuple([z.string().max(200), z.string().max(1000)]),
  [channels.setTheme]: z.tuple([z.enum(['light', 'dark', 'system'])]),
};

/** Whether an address may be handed to the OS: https, http or mailto, no credentials, at most 2,048 characters. */
export function isWebAddress(text: string): boolean {
  if (text.length > 2048) return false;
  try {
    const url = new URL(text);
    return ['https:', 'http:', 'mailto:'].includes(url.protocol) && url.username === '' && url.password === '';
  } catch {
    return false;
  }
}

/** A file name without any folder, whatever the page suggested. */
export function plainFileName(suggested: string): string {
  const name = path.basename(suggested.replaceAll('\\', '/')).replace(/[\p{Cc}<>:"|?*]/gu, '_');
  return name === '' || name === '.' || name === '..' ? 'daybook' : name;
}

/** Whether a call comes from the top frame of a page of the host at `hostUrl`. */
export function isTrustedSender(event: Pick<IpcMainInvokeEvent, 'senderFrame' | 'sender'>, hostUrl: string): boolean {
  const frame = event.senderFrame;
  return frame != null && frame === event.sender.mainFrame && frame.origin === new URL(hostUrl).origin;
}

/** Asks, then opens an address outside the app. False when it is no web address or the person says no. */
export async function openExternal(url: string, window: BrowserWindow): Promise<boolean> {
  if (!isWebAddress(url)) return false;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: 'Open this address outside Daybook?',
    detail: url,
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  });
  if (response !== 0) return false;
  await shell.openExternal(url);
  return true;
}

async function save(window: BrowserWindow, suggested: string, bytes: () => Promise<Uint8Array>): Promise<boolean> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath: plainFileName(suggested) });
  if (canceled || !filePath) return false;
  await writeFile(filePath, await bytes());
  return true;
}

/** Registers the handlers for pages of the host at `hostUrl()`; returns the function that removes them. */
export function serveNative(hostUrl: () => string): () => void {
  const handle = <C extends keyof typeof arguments_>(
    channel: C,
    work: (window: BrowserWindow, args: z.output<(typeof arguments_)[C]>) => Promise<unknown>,
  ): void => {
    ipcMain.handle(channel, async (event, ...args: unknown[]) => {
      if (!isTrustedSender(event, hostUrl())) throw new Error('This page may not use the desktop.');
      const window = BrowserWindow.fromWebContents(event.sender);
      if (!window) throw new Error('The window is gone.');
      return work(window, arguments_[channel].parse(args) as z.output<(typeof arguments_)[C]>);
    });
  };
  handle(channels.saveFile, (window, [name, bytes]) => save(window, name, () => Promise.resolve(bytes)));
  handle(channels.openExternal, (window, [url]) => openExternal(url, window));
  handle(channels.printToPdf, (window, [name]) =>
    save(window, name, () => window.webContents.printToPDF({ printBackground: true })),
  );
  handle(channels.notify, async (_window, [title, body]) => {
    if (Notification.isSupported()) new Notification({ title, body }).show();
  });
  handle(channels.setTheme, async (_window, [theme]) => {
    nativeTheme.themeSource = theme;
  });
  return () => {
    for (const channel of Object.keys(arguments_)) ipcMain.removeHandler(channel);
  };
}
