/**
 * A stand-in for Electron's runtime, typed with Electron's own definitions: what the shell's unit tests load, since
 * importing the real module without a runtime starts a download. It records what the shell registers and asks for.
 */
import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';

type Listener = (...args: unknown[]) => unknown;

export function createFakeElectron() {
  const handlers = new Map<string, Listener>();
  const windows: FakeWindow[] = [];
  const answers = { messageBox: 0, savePath: undefined as string | undefined };
  const opened: string[] = [];
  const theme = { themeSource: 'system' as Electron.NativeTheme['themeSource'] };

  class FakeWebContents extends EventEmitter {
    openHandler: ((details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse) | undefined;
    readonly session = {
      request: undefined as Parameters<Electron.Session['setPermissionRequestHandler']>[0] | undefined,
      check: undefined as Parameters<Electron.Session['setPermissionCheckHandler']>[0] | undefined,
      device: undefined as Parameters<Electron.Session['setDevicePermissionHandler']>[0] | undefined,
      setPermissionRequestHandler(handler: Parameters<Electron.Session['setPermissionRequestHandler']>[0]) {
        this.request = handler;
      },
      setPermissionCheckHandler(handler: Parameters<Electron.Session['setPermissionCheckHandler']>[0]) {
        this.check = handler;
      },
      setDevicePermissionHandler(handler: Parameters<Electron.Session['setDevicePermissionHandler']>[0]) {
        this.device = handler;
      },
    };
    readonly mainFrame: Partial<Electron.WebFrameMain>;
    constructor(url: string) {
      super();
      this.mainFrame = { url, origin: new URL(url).origin };
    }
    setWindowOpenHandler(handler: (details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse): void {
      this.openHandler = handler;
    }
    printToPDF(): Promise<Buffer> {
      return Promise.resolve(Buffer.from('%PDF-1.4'));
    }
  }

  class FakeWindow extends EventEmitter {
    readonly webContents = new FakeWebContents('http://127.0.0.1:5001/');
    loaded: string | undefined;
    shown = false;
    constructor(readonly options: Electron.BrowserWindowConstructorOptions) {
      super();
      windows.push(this);
    }
    async loadURL(url: string): Promise<void> {
      this.loaded = url;
      this.emit('ready-to-show');
    }
    show(): void {
      this.shown = true;
    }
    static fromWebContents(contents: unknown): FakeWindow | null {
      return windows.find((window) => window.webContents === contents) ?? null;
    }
    static getAllWindows(): FakeWindow[] {
      return windows;
    }
    static getFocusedWindow(): FakeWindow | null {
      return windows[0] ?? null;
    }
  }

  return {
    handlers,
    windows,
    answers,
    opened,
    theme,
    module: {
      BrowserWindow: FakeWindow,
      ipcMain: {
        handle: (channel: string, listener: Listener) => void handlers.set(channel, listener),
        removeHandler: (channel: string) => void handlers.delete(channel),
      },
      dialog: {
        showMessageBox: () => Promise.resolve({ response: answers.messageBox, checkboxChecked: false }),
        showSaveDialog: () => Promise.resolve({ canceled: answers.savePath === undefined, filePath: answers.savePath ?? '' }),
      },
      shell: {
        openExternal: (url: string) => {
          opened.push(url);
          return Promise.resolve();
        },
      },
      nativeTheme: theme,
      Notification: class {
        static isSupported(): boolean {
          return false;
        }
      },
      app: {},
      Menu: {},
      utilityProcess: {},
    },
  };
}
