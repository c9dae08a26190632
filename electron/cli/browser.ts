/** Opening the page in the person's browser, where there is a person and a browser. */
import { spawnSync } from 'node:child_process';
import open from 'open';

/** Whether this machine can show a window: a display, and not a continuous-integration job. */
export function hasDisplay(): boolean {
  if (process.env.CI) return false;
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** Opens an address in the default browser; false when there is none. Never rejects, never waits for the browser. */
export async function openBrowser(url: string): Promise<boolean> {
  if (!hasDisplay()) return false;
  // The package brings its own xdg-open, which answers "fine" even when no browser is installed.
  if (process.platform === 'linux' && !process.env.BROWSER && !browsers.some(isInstalled)) return false;
  try {
    const child = await open(url);
    child.on('error', () => undefined);
    child.unref();
    return true;
  } catch {
    return false;
  }
}

const browsers = ['x-www-browser', 'www-browser', 'firefox', 'google-chrome', 'chromium', 'chromium-browser', 'brave-browser', 'microsoft-edge', 'epiphany', 'konqueror', 'wslview'];

function isInstalled(name: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name], { stdio: 'ignore' }).status === 0;
}
