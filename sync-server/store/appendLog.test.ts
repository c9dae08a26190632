import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAppendLog } from './appendLog.ts';
import { readLogDir } from './logFolder.ts';
import { createMemoryLog } from './memory.ts';
import { all, appendLogSuite, seqs } from './suites/appendLogSuite.ts';
import { tempFolder } from './suites/tempFolder.ts';

appendLogSuite('on disk', () => openAppendLog({ dir: tempFolder(), writerId: 'host-a' }));
appendLogSuite('on disk, a segment for each write', () => openAppendLog({ dir: tempFolder(), writerId: 'host-a', segmentBytes: 1 }));
appendLogSuite('in memory', async () => createMemoryLog());

describe('append log on disk', () => {
  it('goes on counting after closing and opening, in a file of its own', async () => {
    const dir = tempFolder();
    const first = await openAppendLog({ dir, writerId: 'host-a' });
    first.append(16, Buffer.from('1'));
    first.append(16, Buffer.from('2'));
    await first.close();
    const second = await openAppendLog({ dir, writerId: 'host-a' });
    expect(second.lastSeq).toBe(2);
    expect(second.append(16, Buffer.from('3'))).toBe(3);
    await second.durable();
    expect(await seqs(second)).toEqual([1, 2, 3]);
    await second.close();
    expect(readdirSync(dir)).toEqual(['00000001-000001.log', '00000002-000001.log']);
  });

  it('makes no file before there is something to write', async () => {
    const dir = tempFolder();
    await (await openAppendLog({ dir, writerId: 'host-a' })).close();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('begins a new segment when one is full', async () => {
    const dir = tempFolder();
    const log = await openAppendLog({ dir, writerId: 'host-a', segmentBytes: 1000 });
    for (let i = 0; i < 30; i += 1) await log.durable(log.append(16, Buffer.alloc(100)));
    expect(readdirSync(dir).length).toBeGreaterThan(3);
    expect((await seqs(log)).length).toBe(30);
    await log.close();
  });

  it('deletes closed segments that nobody needs, and still goes on counting', async () => {
    const dir = tempFolder();
    let log = await openAppendLog({ dir, writerId: 'host-a', segmentBytes: 1 });
    for (let i = 0; i < 10; i += 1) await log.durable(log.append(16, Buffer.from(`${i}`)));
    await log.retire(8);
    expect(await seqs(log)).toEqual([8, 9, 10]);
    await log.retire(1000);
    expect(await seqs(log)).toEqual([10]);
    await log.close();
    log = await openAppendLog({ dir, writerId: 'host-a', segmentBytes: 1 });
    await log.retire(1000);
    expect(await seqs(log)).toEqual([10]);
    expect(log.append(16, Buffer.from('x'))).toBe(11);
    await log.durable();
    await log.retire(11);
    expect(await seqs(log)).toEqual([11]);
    await log.close();
  });

  it('keeps both when two openings write at once, each in its own files', async () => {
    const dir = tempFolder();
    const one = await openAppendLog({ dir, writerId: 'host-a' });
    await one.durable(one.append(16, Buffer.from('one')));
    const two = await openAppendLog({ dir, writerId: 'host-a' });
    await two.durable(two.append(16, Buffer.from('two')));
    await one.durable(one.append(16, Buffer.from('one again')));
    await one.close();
    await two.close();
    const after = await openAppendLog({ dir, writerId: 'host-a' });
    const texts = (await all(after)).map(({ payload }) => Buffer.from(payload).toString());
    expect(texts.sort()).toEqual(['one', 'one again', 'two']);
    await after.close();
  });

  it('refuses the second when two openings would write the same file', async () => {
    const dir = tempFolder();
    const one = await openAppendLog({ dir, writerId: 'host-a' });
    const two = await openAppendLog({ dir, writerId: 'host-a' });
    await one.durable(one.append(16, Buffer.from('one')));
    await expect(two.durable(two.append(16, Buffer.from('two')))).rejects.toMatchObject({ code: 'io' });
    await two.close();
    expect((await all(one)).map(({ payload }) => Buffer.from(payload).toString())).toEqual(['one']);
    await one.close();
  });

  it("refuses another writer's folder", async () => {
    const dir = tempFolder();
    const log = await openAppendLog({ dir, writerId: 'host-a' });
    log.append(16, Buffer.from('x'));
    await log.close();
    await expect(openAppendLog({ dir, writerId: 'host-b' })).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('lets others read while it is being written', async () => {
    const dir = tempFolder();
    const log = await openAppendLog({ dir, writerId: 'host-a' });
    const numbers = async () => {
      const found: number[] = [];
      for await (const record of readLogDir(dir)) found.push(record.seq);
      return found;
    };
    await log.durable(log.append(16, Buffer.from('1')));
    expect(await numbers()).toEqual([1]);
    await log.durable(log.append(16, Buffer.from('2')));
    expect(await numbers()).toEqual([1, 2]);
    await log.close();
    expect(await numbers()).toEqual([1, 2]);
    for await (const record of readLogDir(join(dir, 'nobody'))) expect(record).toBeUndefined();
  });
});
