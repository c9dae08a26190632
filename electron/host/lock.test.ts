import { copyFile, mkdtemp, readdir, readFile, rm, writeFile, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHolder, takeLock } from './lock.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-lock-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});
const options = () => ({ path: join(dir, 'lock'), workspace: dir, machine: 'm' });

test('a held lock names its holder; a released one is free', async () => {
  const lock = await takeLock(options());
  await lock.tell('http://127.0.0.1:5001');
  await expect(takeLock(options())).rejects.toMatchObject({ code: 'wrong_state', message: expect.stringContaining(`process ${process.pid} at http://127.0.0.1:5001`) as string });
  expect(await lockHolder(options())).toEqual({ pid: process.pid, address: 'http://127.0.0.1:5001' });
  await lock.release();
  expect(await lockHolder(options())).toBeUndefined();
  await (await takeLock(options())).release();
  expect(await readdir(dir)).toEqual([]);
});

test.each([
  ['its process is gone', { pid: 2 ** 22 + 1 }],
  ['its process id belongs to another process by now', { started: '1' }],
  ['the machine was restarted since', { boot: 'another' }],
  ['the folder was copied from another place', { workspace: '/elsewhere' }],
  ['the folder came from another machine', { machine: 'other' }],
])('a lock is taken over when %s', async (_why, change) => {
  await takeLock(options());
  const owner = JSON.parse(await readFile(join(dir, 'lock'), 'utf8')) as Record<string, unknown>;
  await writeFile(join(dir, 'lock'), JSON.stringify({ ...owner, ...change }));
  const lock = await takeLock(options());
  expect(await lockHolder(options())).toEqual({ pid: process.pid });
  await lock.release();
});

test.each(['', 'null', '{}', '\0\0\0'])('a lock file with %j in it is taken over', async (content) => {
  await writeFile(join(dir, 'lock'), content);
  await (await takeLock(options())).release();
});

test('of many who find a dead lock one gets it', async () => {
  await takeLock(options());
  const dead = JSON.stringify({ ...(JSON.parse(await readFile(join(dir, 'lock'), 'utf8')) as object), pid: 2 ** 22 + 1 });
  for (let round = 0; round < 60; round += 1) {
    await writeFile(join(dir, 'lock'), dead);
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(options())));
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await rm(join(dir, 'lock'));
  }
});

test('a takeover that was cut short does not keep the next one out', async () => {
  await takeLock(options());
  const dead = JSON.stringify({ ...(JSON.parse(await readFile(join(dir, 'lock'), 'utf8')) as object), pid: 2 ** 22 + 1 });
  await writeFile(join(dir, 'lock'), dead);
  await writeFile(join(dir, 'lock.takeover'), '');
  await utimes(join(dir, 'lock.takeover'), 1, 1);
  const lock = await takeLock(options());
  await lock.release();
  expect(await readdir(dir)).toEqual([]);
});

test('a lock that somebody else took over is not released', async () => {
  const lock = await takeLock(options());
  await copyFile(join(dir, 'lock'), join(dir, 'mine'));
  const mine = JSON.parse(await readFile(join(dir, 'mine'), 'utf8')) as object;
  await writeFile(join(dir, 'lock'), JSON.stringify({ ...mine, nonce: 'another' }));
  await lock.release();
  expect(await readdir(dir)).toContain('lock');
});
