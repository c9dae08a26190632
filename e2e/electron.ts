/** Where Electron's runtime is, if it is; looking never starts its download. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Absolute path of the Electron executable, or undefined when it has not been downloaded or cannot show a window. */
export function electronRuntime(): string | undefined {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return undefined;
  const folder = path.join(import.meta.dirname, '..', 'node_modules', 'electron');
  const name = path.join(folder, 'path.txt');
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(folder, 'dist');
  const executable = path.join(dist, existsSync(name) ? readFileSync(name, 'utf8') : 'electron');
  return existsSync(executable) ? executable : undefined;
}
