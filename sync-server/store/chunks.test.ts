import { chmodSync, existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openChunks } from './chunks.ts';
import { createMemoryChunks } from './memory.ts';
import { chunksSuite, list, sha256 } from './suites/chunksSuite.ts';
import { createFaultyFiles, dyingAt } from './suites/faultyFiles.ts';
import { tempFolder } from './suites/tempFolder.ts';

chunksSuite('on disk', () => openChunks({ dir: tempFolder() }));
chunksSuite('in memory', async () => createMemoryChunks());

const fileOf = (dir: string, hash: string) => join(dir, hash.slice(0, 2), hash.slice(2));

it('keeps one plain file for each chunk, and chunks outlive the process', async () => {
  const dir = tempFolder();
  const { hash } = await (await openChunks({ dir })).put(Buffer.from('plain bytes'));
  expect(readFileSync(fileOf(dir, hash), 'utf8')).toBe('plain bytes');
  expect(readdirSync(join(dir, 'incoming'))).toEqual([]);
  expect(await list(await openChunks({ dir }))).toEqual([{ hash, size: 11 }]);
});

it('notices every changed byte, calls the chunk absent from then on, and takes the right bytes again', async () => {
  const dir = tempFolder();
  const bytes = Buffer.from('sixteen bytes ok');
  const chunks = await openChunks({ dir });
  const { hash } = await chunks.put(bytes);
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    writeFileSync(fileOf(dir, hash), changed);
    await expect(chunks.get(hash)).rejects.toMatchObject({ code: 'damaged' });
    expect(await chunks.has(hash)).toBe(false);
    await chunks.put(bytes);
    expect(Buffer.from(await chunks.get(hash)).toString()).toBe('sixteen bytes ok');
  }
});

it('replaces a file that was cut short', async () => {
  const dir = tempFolder();
  const chunks = await openChunks({ dir });
  const { hash } = await chunks.put(Buffer.from('whole'));
  writeFileSync(fileOf(dir, hash), 'who');
  await chunks.put(Buffer.from('whole'));
  expect(Buffer.from(await chunks.get(hash)).toString()).toBe('whole');
});

it('removes what ended processes left half received, and leaves alone what others are receiving', async () => {
  const dir = tempFolder();
  await openChunks({ dir });
  const incoming = join(dir, 'incoming');
  writeFileSync(join(incoming, '4194999-dead.part'), 'half');
  writeFileSync(join(incoming, `${process.pid}-old.part`), 'half');
  utimesSync(join(incoming, `${process.pid}-old.part`), 0, 0);
  writeFileSync(join(incoming, `${process.pid}-live.part`), 'half');
  await openChunks({ dir });
  expect(readdirSync(incoming)).toEqual([`${process.pid}-live.part`]);
});

it('says disk full or what else failed, keeps nothing of it, and goes on afterwards', async () => {
  for (const [fault, code] of [['ENOSPC', 'disk_full'], ['EIO', 'io'], ['EMFILE', 'io']] as const) {
    for (const kind of ['create', 'write', 'sync', 'rename', 'syncFolder'] as const) {
      const dir = tempFolder();
      let broken = false;
      const disk = createFaultyFiles((operation) => (broken && operation.kind === kind ? { code: fault, written: 3 } : undefined));
      const chunks = await openChunks({ dir, files: disk.files });
      broken = true;
      await expect(chunks.put(Buffer.from('some bytes'))).rejects.toMatchObject({ code });
      expect(readdirSync(join(dir, 'incoming'))).toEqual([]);
      broken = false;
      const { hash } = await chunks.put(Buffer.from('some bytes'));
      expect(Buffer.from(await chunks.get(hash)).toString()).toBe('some bytes');
    }
  }
});

it('survives death and power loss at every file operation: what was promised is there, what is there is whole', async () => {
  const texts = ['one', 'two', 'one', 'three'];
  for (const keep of ['all', 'half', 'none'] as const) {
    let died = true;
    for (let n = 1; died; n += 1) {
      const dir = tempFolder();
      const disk = createFaultyFiles(dyingAt(n));
      const promised: string[] = [];
      try {
        const chunks = await openChunks({ dir, files: disk.files });
        for (const text of texts) promised.push((await chunks.put(Buffer.from(text))).hash);
        died = false;
      } catch (error) {
        expect(error).toMatchObject({ code: 'io' });
      }
      await disk.losePower(keep);
      const after = await openChunks({ dir });
      for (const hash of promised) expect(await after.has(hash)).toBe(true);
      for (const { hash } of await list(after)) {
        expect(texts.map(sha256)).toContain(hash);
        await after.get(hash);
      }
    }
  }
});

it('reports a folder that cannot be written', async (context) => {
  if (process.getuid?.() === 0 || process.platform === 'win32') return context.skip();
  const dir = tempFolder();
  chmodSync(dir, 0o500);
  await expect(openChunks({ dir: join(dir, 'chunks') })).rejects.toMatchObject({ code: 'io' });
  expect(existsSync(join(dir, 'chunks'))).toBe(false);
});
