import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const root = path.join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
/** electron-builder's own loader and validator; a deep import, so the version is pinned. */
const builder = require('app-builder-lib/out/util/config/config.js') as {
  getConfig(dir: string, file: string | null, extra: object | null): Promise<object>;
  validateConfiguration(config: object, log: { add(...args: unknown[]): void; isEnabled: boolean }): Promise<void>;
};
const log = { add: () => undefined, isEnabled: false };
const targets: Record<string, string[]> = { linux: ['AppImage', 'deb'], mac: ['dmg'], win: ['nsis'] };

it('passes electron-builder’s own check', async () => {
  const config = await builder.getConfig(root, null, null);
  await builder.validateConfiguration(config, log);
  await expect(builder.validateConfiguration({ ...config, nope: 1 }, log)).rejects.toThrow(/nope/);
});

it('builds what the three systems install, with icons that exist', async () => {
  const config = parse(await readFile(path.join(root, 'electron-builder.yml'), 'utf8')) as Record<
    string,
    { icon: string; target: { target: string }[] }
  >;
  for (const [system, names] of Object.entries(targets)) {
    expect(config[system]?.target.map((entry) => entry.target)).toEqual(names);
    expect(existsSync(path.join(root, config[system]?.icon ?? 'missing')), system).toBe(true);
  }
});
