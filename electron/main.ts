/**
 * The desktop app: its life cycle, its menu, and one host process per workspace. Everything a person sees is the
 * page that the host serves; everything that is stored is stored by the host. Nothing here touches data.
 */
import { app, BrowserWindow, dialog, Menu, utilityProcess, type MenuItemConstructorOptions, type UtilityProcess } from 'electron';
import path from 'node:path';
import type { MenuCommand } from '#contract';
import { channels } from './channels.ts';
import { hostMessage, type HostMessage } from './hostMessages.ts';
import { openExternal, serveNative } from './native.ts';
import { openWindow } from './windows.ts';

/** One open workspace: its host process and the address of its page. */
interface OpenWorkspace {
  folder: string;
  process: UtilityProcess;
  url: string;
}

/** The folder of the built bundles: this file is dist/electron/main.cjs. */
const built = path.join(__dirname, '..');
const preload = path.join(built, 'electron', 'preload.cjs');
const startLimit = 30_000;
const closeLimit = 10_000;
let open: OpenWorkspace | undefined;

/** Starts the host of a workspace and waits for its address. Rejects with what the host said when it cannot start. */
function startHost(folder: string): Promise<OpenWorkspace> {
  const child = utilityProcess.fork(path.join(built, 'host.mjs'), ['--workspace', folder], {
    serviceName: 'Daybook host',
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill();
      reject(new Error('The host did not start within 30 seconds.'));
    }, startLimit);
    child.on('message', (raw: unknown) => {
      const message: HostMessage | undefined = hostMessage(raw);
      if (!message) return;
      clearTimeout(late);
      if (message.type === 'ready') resolve({ folder, process: child, url: message.url });
      else reject(new Error(message.message));
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`The host ended with code ${code}.`));
    });
  });
}

/** Asks a host to flush and end, and waits for it; ends it by force after ten seconds (it loses nothing acknowledged). */
function stopHost(workspace: OpenWorkspace): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => workspace.process.kill(), closeLimit);
    workspace.process.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    workspace.process.postMessage({ type: 'close' });
  });
}

async function openWorkspace(folder: string): Promise<void> {
  const previous = open;
  open = undefined;
  for (const window of BrowserWindow.getAllWindows()) window.destroy();
  if (previous) await stopHost(previous);
  try {
    open = await startHost(folder);
  } catch (error) {
    dialog.showErrorBox('Daybook cannot open this workspace', `${folder}\n\n${(error as Error).message}`);
    return;
  }
  app.addRecentDocument(folder);
  await showWindow();
}

async function showWindow(): Promise<void> {
  if (open) await openWindow(open.url, preload, (url, window) => void openExternal(url, window));
}

async function chooseWorkspace(): Promise<void> {
  const { canceled, filePaths } = await dialog.showOpenDialog({
    title: 'Open a workspace folder',
    properties: ['openDirectory', 'createDirectory'],
  });
  if (!canceled && filePaths[0]) await openWorkspace(filePaths[0]);
}

function send(command: MenuCommand): void {
  BrowserWindow.getFocusedWindow()?.webContents.send(channels.menu, command);
}

/** The native menu. Items that act on the page send a command; the page does the rest. */
export function menuTemplate(isMac: boolean): MenuItemConstructorOptions[] {
  const item = (label: string, accelerator: string, command: MenuCommand): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => send(command),
  });
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        item('New experiment', 'CmdOrCtrl+N', 'new-experiment'),
        { label: 'Open workspace…', accelerator: 'CmdOrCtrl+O', click: () => void chooseWorkspace() },
        { type: 'separator' },
        item('Settings', 'CmdOrCtrl+,', 'settings'),
        { type: 'separator' },
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        item('Find', 'CmdOrCtrl+F', 'find'),
        item('Show or hide the sidebar', 'CmdOrCtrl+J', 'toggle-sidebar'),
        item('Light or dark', 'Alt+M', 'toggle-theme'),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [item('Keyboard shortcuts', 'CmdOrCtrl+/', 'shortcuts')] },
  ];
}

/** The workspace named on the command line (`--workspace DIR`), else one in the person's documents. */
export function workspaceArgument(argv: readonly string[], documents: string): string {
  const at = argv.indexOf('--workspace');
  const given = at === -1 ? undefined : argv[at + 1];
  return given ? path.resolve(given) : path.join(documents, 'Daybook');
}

/** Runs the app; called once by the bundle's entry. */
export async function runApp(): Promise<void> {
  app.enableSandbox();
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  let closing = false;
  app.on('second-instance', (_event, argv) => void openWorkspace(workspaceArgument(argv, app.getPath('documents'))));
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) void showWindow();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => {
    if (!open || closing) return;
    event.preventDefault();
    closing = true;
    void stopHost(open).finally(() => app.quit());
  });
  await app.whenReady();
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform === 'darwin')));
  serveNative(() => open?.url ?? 'http://127.0.0.1:1');
  await openWorkspace(workspaceArgument(process.argv, app.getPath('documents')));
}
