import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { menuCommands } from './contract.ts';
import type { createFakeElectron } from './fakeElectron.ts';
import { channels } from './channels.ts';
import { hostMessage } from './hostMessages.ts';

const fake = vi.hoisted(() => ({ current: undefined as unknown as ReturnType<typeof createFakeElectron> }));
vi.mock('electron', async () => {
  const { createFakeElectron: create } = await import('./fakeElectron.ts');
  fake.current = create();
  return fake.current.module;
});
const { windowOptions, isHostPage, openWindow } = await import('./windows.ts');
const { isTrustedSender, isWebAddress, plainFileName, serveNative } = await import('./native.ts');
const { menuTemplate, workspaceArgument } = await import('./main.ts');

const host = 'http://127.0.0.1:5001/';

beforeEach(() => {
  fake.current.windows.length = 0;
  fake.current.opened.length = 0;
  fake.current.handlers.clear();
  fake.current.answers.messageBox = 0;
  fake.current.answers.savePath = undefined;
});

describe('windows', () => {
  it('locks every page down', () => {
    expect(windowOptions('/preload.cjs').webPreferences).toEqual({
      preload: '/preload.cjs',
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
    });
  });

  it('tells the host’s pages from all others by parsed address', () => {
    for (const own of [host, 'http://127.0.0.1:5001/runs/1?x#y']) expect(isHostPage(host, own)).toBe(true);
    for (const other of [
      'http://127.0.0.1:5002/',
      'https://127.0.0.1:5001/',
      'http://127.0.0.1:5001.evil.example/',
      'http://127.0.0.1:5001@evil.example/',
      'http://localhost:5001/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'data:text/html,x',
      'about:blank',
      '',
    ])
      expect(isHostPage(host, other), other).toBe(false);
  });

  it('shows the host, denies permissions, popups, webviews and navigation', async () => {
    const asked: string[] = [];
    await openWindow(host, '/preload.cjs', (url) => void asked.push(url));
    const window = fake.current.windows[0]!;
    expect(window.loaded).toBe(host);
    expect(window.shown).toBe(true);
    const { session } = window.webContents;
    const answers: boolean[] = [];
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'unknown'] as const)
      session.request?.(window.webContents as never, permission, (granted) => answers.push(granted), {} as never);
    expect(answers).toEqual([false, false, false, false, false]);
    expect(session.check?.(null, 'media', host, {} as never)).toBe(false);
    expect(session.device?.({} as never)).toBe(false);

    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate'] as const) {
      const prevented = vi.fn();
      window.webContents.emit(event, { preventDefault: prevented, url: 'https://evil.example/' });
      expect(prevented, event).toHaveBeenCalled();
      const stayed = vi.fn();
      window.webContents.emit(event, { preventDefault: stayed, url: `${host}runs/1` });
      expect(stayed, event).not.toHaveBeenCalled();
    }
    const webview = vi.fn();
    window.webContents.emit('will-attach-webview', { preventDefault: webview });
    expect(webview).toHaveBeenCalled();
    expect(window.webContents.openHandler?.({ url: 'file:///etc/passwd' } as never)).toEqual({ action: 'deny' });
    expect(window.webContents.openHandler?.({ url: 'https://example.org/' } as never)).toEqual({ action: 'deny' });
    expect(asked).toEqual(['https://evil.example/', 'https://evil.example/', 'https://example.org/']);
  });
});

describe('addresses for the OS', () => {
  it.each(['https://example.org/a?b#c', 'http://example.org', 'mailto:team@example.org'])('lets %s out', (url) => {
    expect(isWebAddress(url)).toBe(true);
  });
  it.each([
    'file:///etc/passwd',
    'file://server/share',
    'smb://server/share',
    '\\\\server\\share',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    'blob:http://127.0.0.1/x',
    'about:blank',
    'ftp://example.org',
    'ssh://example.org',
    'ms-msdt:/id',
    'ms-officecmd:x',
    'ms-settings:privacy',
    'search-ms:query=x',
    'obsidian://open',
    'vscode://file/x',
    'slack://open',
    'steam://run',
    'tel:123',
    'sms:123',
    'facetime:x',
    'itms-apps://x',
    'intent://x',
    'chrome://settings',
    'devtools://x',
    'view-source:https://example.org',
    'app://lab',
    'ws://example.org',
    'https://user:secret@example.org/',
    'https://user@example.org/',
    'http://',
    'example.org',
    '//example.org',
    '',
    ' ',
    `https://example.org/${'a'.repeat(2048)}`,
  ])('keeps %s in', (url) => {
    expect(isWebAddress(url)).toBe(false);
  });
});

describe('native calls', () => {
  const event = (frame: unknown, sender: unknown) => ({ senderFrame: frame, sender }) as never;

  it('answers only the top frame of the host’s page', () => {
    const main = { origin: 'http://127.0.0.1:5001' };
    expect(isTrustedSender(event(main, { mainFrame: main }), host)).toBe(true);
    expect(isTrustedSender(event({ origin: 'http://127.0.0.1:5001' }, { mainFrame: main }), host)).toBe(false);
    expect(isTrustedSender(event(null, { mainFrame: main }), host)).toBe(false);
    const other = { origin: 'https://evil.example' };
    expect(isTrustedSender(event(other, { mainFrame: other }), host)).toBe(false);
  });

  it('saves where the person says, and nowhere when they cancel', async () => {
    await openWindow(host, '/preload.cjs', () => undefined);
    const contents = fake.current.windows[0]!.webContents;
    const stop = serveNative(() => host);
    const saveFile = fake.current.handlers.get(channels.saveFile)!;
    const fromPage = { senderFrame: contents.mainFrame, sender: contents };
    expect(await saveFile(fromPage, 'chart.csv', new TextEncoder().encode('a,b'))).toBe(false);
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'daybook-shell-')), 'chart.csv');
    fake.current.answers.savePath = file;
    expect(await saveFile(fromPage, 'chart.csv', new TextEncoder().encode('a,b'))).toBe(true);
    expect(await readFile(file, 'utf8')).toBe('a,b');
    await expect(saveFile(fromPage, 'chart.csv', '/etc/passwd')).rejects.toThrow();
    await expect(saveFile({ senderFrame: { origin: 'x' }, sender: contents }, 'a', new Uint8Array())).rejects.toThrow('may not');
    stop();
    expect(fake.current.handlers.size).toBe(0);
  });

  it('opens addresses outside only after the person agrees', async () => {
    await openWindow(host, '/preload.cjs', () => undefined);
    const contents = fake.current.windows[0]!.webContents;
    serveNative(() => host);
    const open = fake.current.handlers.get(channels.openExternal)!;
    const fromPage = { senderFrame: contents.mainFrame, sender: contents };
    fake.current.answers.messageBox = 1;
    expect(await open(fromPage, 'https://example.org/')).toBe(false);
    fake.current.answers.messageBox = 0;
    expect(await open(fromPage, 'file:///etc/passwd')).toBe(false);
    expect(await open(fromPage, 'https://example.org/')).toBe(true);
    expect(fake.current.opened).toEqual(['https://example.org/']);
  });

  it('suggests plain file names only', () => {
    expect(plainFileName('../../etc/passwd')).toBe('passwd');
    expect(plainFileName('..\\..\\run.csv')).toBe('run.csv');
    expect(plainFileName('a:b|c?.csv')).toBe('a_b_c_.csv');
    expect(plainFileName('..')).toBe('daybook');
  });
});

describe('the app', () => {
  it('sends only commands that the page knows, each once', () => {
    for (const isMac of [true, false]) {
      const sent: string[] = [];
      const focused = { webContents: { send: (_channel: string, command: string) => sent.push(command) } };
      vi.spyOn(fake.current.module.BrowserWindow, 'getFocusedWindow').mockReturnValue(focused as never);
      const click = (items: ReturnType<typeof menuTemplate>): void => {
        for (const item of items) {
          if (Array.isArray(item.submenu)) click(item.submenu);
          else if (item.label !== 'Open workspace…') item.click?.({} as never, undefined, {} as never);
        }
      };
      click(menuTemplate(isMac));
      expect([...sent].sort()).toEqual([...menuCommands].sort());
      vi.restoreAllMocks();
    }
  });

  it('opens the workspace named on the command line, else one in the documents folder', () => {
    expect(workspaceArgument(['daybook', '--workspace', '/data/lab'], '/docs')).toBe(path.resolve('/data/lab'));
    expect(workspaceArgument(['daybook'], '/docs')).toBe(path.join('/docs', 'Daybook'));
  });

  it('understands its host and nothing else', () => {
    expect(hostMessage({ type: 'ready', url: 'http://127.0.0.1:5001' })).toEqual({ type: 'ready', url: 'http://127.0.0.1:5001' });
    for (const odd of [null, 1, 'ready', {}, { type: 'ready' }, { type: 'ready', url: 'x' }]) expect(hostMessage(odd)).toBeUndefined();
  });

  it('keeps the preload script to thirty lines', async () => {
    const lines = (await readFile(path.join(import.meta.dirname, 'preload.ts'), 'utf8')).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(30);
  });
});
