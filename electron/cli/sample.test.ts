import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dataFolder, sampleWorkspace } from './sample.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'daybook-sample-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

it('a person’s data belong where the system says', () => {
  const home = path.join(folder, 'home');
  expect(dataFolder({}, 'linux', home)).toBe(path.join(home, '.local', 'share', 'daybook'));
  expect(dataFolder({ XDG_DATA_HOME: folder }, 'linux', home)).toBe(path.join(folder, 'daybook'));
  expect(dataFolder({ XDG_DATA_HOME: 'relative' }, 'linux', home)).toBe(path.join(home, '.local', 'share', 'daybook'));
  expect(dataFolder({}, 'darwin', home)).toBe(path.join(home, 'Library', 'Application Support', 'Daybook'));
  expect(dataFolder({ APPDATA: folder }, 'win32', home)).toBe(path.join(folder, 'Daybook'));
});

it('the sample is copied once and then left as it is', async () => {
  const shipped = path.join(folder, 'shipped');
  await mkdir(path.join(shipped, 'log'), { recursive: true });
  await writeFile(path.join(shipped, 'log', 'a'), 'first');
  const data = path.join(folder, 'data');
  const [workspace, same] = await Promise.all([sampleWorkspace(shipped, data), sampleWorkspace(path.join(shipped, '.'), path.join(folder, 'other'))]);
  expect(await readFile(path.join(workspace, 'log', 'a'), 'utf8')).toBe('first');
  expect(same).not.toBe(workspace);
  await writeFile(path.join(workspace, 'log', 'a'), 'edited');
  expect(await sampleWorkspace(shipped, data)).toBe(workspace);
  expect(await readFile(path.join(workspace, 'log', 'a'), 'utf8')).toBe('edited');
  expect(await readdir(data)).toEqual(['sample']);
});

it('without a shipped sample an empty workspace opens', async () => {
  expect(await readdir(await sampleWorkspace(path.join(folder, 'nothing'), folder))).toEqual([]);
});
