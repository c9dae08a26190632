/**
 * The app's windows: one per workspace, all with the same locked-down options. A window shows the host's
 * loopback address and nothing else; every other navigation, popup, permission or webview is refused.
 */
import { BrowserWindow, type BrowserWindowConstructorOptions, type Session } from 'electron';
import { isWebAddress } from './native.ts';

/** Every window's options. `preload` is the absolute path of the bundled preload script. */
export function windowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 560,
    show: false,
    backgroundColor: '#FBFAF8',
    autoHideMenuBar: false,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: true,
    },
  };
}

/** Whether `target` is a page of the host at `hostUrl`: same scheme, name and port, by parsed address. */
export function isHostPage(hostUrl: string, target: string): boolean {
  try {
    return new URL(target).origin === new URL(hostUrl).origin;
  } catch {
    return false;
  }
}

/** Denies every permission on a session: Electron's default is to allow. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

/**
 * Opens the window of the workspace whose host answers at `hostUrl`. `openExternal` gets web and mail
 * addresses that the page wanted to open; it decides (and asks) itself.
 */
export async function openWindow(
  hostUrl: string,
  preload: string,
  openExternal: (url: string, window: BrowserWindow) => void,
): Promise<BrowserWindow> {
  const window = new BrowserWindow(windowOptions(preload));
  const { webContents } = window;
  denyPermissions(webContents.session);
  const stay = (event: { preventDefault(): void }, url: string): void => {
    if (isHostPage(hostUrl, url)) return;
    event.preventDefault();
    if (isWebAddress(url)) openExternal(url, window);
  };
  webContents.on('will-navigate', (event) => stay(event, event.url));
  webContents.on('will-redirect', (event) => stay(event, event.url));
  webContents.on('will-frame-navigate', (event) => {
    if (!isHostPage(hostUrl, event.url)) event.preventDefault();
  });
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  webContents.setWindowOpenHandler(({ url }) => {
    if (isWebAddress(url)) openExternal(url, window);
    return { action: 'deny' };
  });
  window.once('ready-to-show', () => window.show());
  await window.loadURL(hostUrl);
  return window;
}
