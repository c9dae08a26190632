/** Exposes the OS calls of native.ts to the page as `window.daybook`, and nothing else. Copies data only. */
import { contextBridge, ipcRenderer } from 'electron';
import type { Desktop, MenuCommand } from '#contract';
import { channels } from './channels.ts';

const desktop: Desktop = {
  platform: process.platform,
  saveFile: (name, bytes) => ipcRenderer.invoke(channels.saveFile, name, bytes),
  openExternal: (url) => ipcRenderer.invoke(channels.openExternal, url),
  printToPdf: (name) => ipcRenderer.invoke(channels.printToPdf, name),
  notify: (title, body) => ipcRenderer.invoke(channels.notify, title, body),
  setTheme: (theme) => ipcRenderer.invoke(channels.setTheme, theme),
  onMenu: (listener) => {
    const heard = (_event: unknown, command: MenuCommand): void => listener(command);
    ipcRenderer.on(channels.menu, heard);
    return () => ipcRenderer.off(channels.menu, heard);
  },
};

contextBridge.exposeInMainWorld('daybook', desktop);
