import { appendFileSync, mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAppendLog } from './appendLog.ts';
import type { LogFlaw } from './logFolder.ts';
import { readLogDir } from './logFolder.ts';
import { encodeSegmentHeader, logFormat } from './recordFormat.ts';
import { tempFolder } from './suites/tempFolder.ts';
import { verifyStore } from './verify.ts';

const texts = ['first', 'second', 'third, a longer one', '', 'fifth'];

/** A log folder with one segment; `closed` in good order or as a killed process leaves it. */
async function sampleLog(closed: boolean): Promise<{ dir: string; file: string; bytes: Buffer }> {
  const dir = tempFolder();
  const log = await openAppendLog({ dir, writerId: 'host-a' });
  for (const text of texts) log.append(16, Buffer.from(text));
  await log.durable();
  const file = join(dir, readdirSync(dir)[0] ?? '');
  const open = readFileSync(file);
  await log.close();
  if (!closed) writeFileSync(file, open);
  return { dir, file, bytes: readFileSync(file) };
}

async function readAll(dir: string): Promise<{ texts: string[]; flaws: LogFlaw[] }> {
  const flaws: LogFlaw[] = [];
  const found: string[] = [];
  for await (const record of readLogDir(dir, { onFlaw: (flaw) => flaws.push(flaw) })) found.push(Buffer.from(record.payload).toString());
  return { texts: found, flaws };
}

describe('torn tails', () => {
  it('cut at any byte: whole records stay, the rest is one torn tail, and the log goes on', async () => {
    const { dir, file, bytes } = await sampleLog(false);
    for (let size = bytes.length; size >= 0; size -= 1) {
      writeFileSync(file, bytes);
      truncateSync(file, size);
      const after = await readAll(dir);
      expect(after.texts).toEqual(texts.slice(0, after.texts.length));
      expect(after.flaws.length).toBeLessThanOrEqual(1);
      if (after.flaws[0]) expect(after.flaws[0].kind).toBe('torn');
      expect((after.flaws[0]?.offset ?? size) + (after.flaws[0]?.length ?? 0)).toBe(size);
      if (size === bytes.length) expect(after).toEqual({ texts, flaws: [] });
    }
  });

  it('are never appended to', async () => {
    const { dir, file, bytes } = await sampleLog(false);
    truncateSync(file, bytes.length - 3);
    const log = await openAppendLog({ dir, writerId: 'host-a' });
    expect(log.append(16, Buffer.from('after the crash'))).toBe(5);
    await log.close();
    expect(readFileSync(file).length).toBe(bytes.length - 3);
    const after = await readAll(dir);
    expect(after.texts).toEqual([...texts.slice(0, 4), 'after the crash']);
    expect(after.flaws.map(({ kind }) => kind)).toEqual(['torn']);
  });

  it('of garbage or zeros are reported and change nothing', async () => {
    for (const tail of [...Array.from({ length: 64 }, (_, i) => Buffer.alloc(i + 1, 0xda)), Buffer.alloc(4096), Buffer.from('DA79626B'.repeat(9), 'hex')]) {
      const { dir, file, bytes } = await sampleLog(false);
      appendFileSync(file, tail);
      const after = await readAll(dir);
      expect(after.texts).toEqual(texts);
      expect(after.flaws).toMatchObject([{ kind: 'torn', offset: bytes.length, length: tail.length }]);
    }
  });
});

describe('damage', () => {
  it('of any single byte is noticed, costs one record at most, and nothing is deleted', async () => {
    const { dir, file, bytes } = await sampleLog(true);
    const header = encodeSegmentHeader({ writerId: 'host-a', epoch: 1, number: 1, first: 1, after: 0 }).length;
    for (const flip of [0x01, 0x80, 0xff]) {
      for (let at = 0; at < bytes.length; at += 1) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        writeFileSync(file, changed);
        const after = await readAll(dir);
        expect(after.flaws.length, `byte ${at}`).toBe(1);
        const endRecord = at >= bytes.length - 24;
        expect(after.texts.length).toBe(at < header || endRecord ? 5 : 4);
        expect(after.texts).toEqual(texts.filter((text) => after.texts.includes(text)));
        expect(after.flaws[0]?.kind).toBe(endRecord ? 'torn' : 'damaged');
        const report = await verifyStore({ logDirs: [dir], chunksDir: join(dir, 'no-chunks') });
        expect(report.damaged.length + report.tornTails.length).toBe(1);
        expect(statSync(file).size).toBe(bytes.length);
      }
    }
  });

  it('does not keep the log from being opened and going on, with numbers that were never used', async () => {
    const { dir, file, bytes } = await sampleLog(true);
    for (let at = 0; at < bytes.length; at += 1) {
      const copy = tempFolder();
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x20;
      writeFileSync(join(copy, file.slice(dir.length + 1)), changed);
      const log = await openAppendLog({ dir: copy, writerId: 'host-a' });
      const seq = log.append(16, Buffer.from('goes on'));
      // The end record and the last record both say how far numbers went; one byte cannot spoil both.
      expect(seq).toBe(6);
      await log.close();
      expect((await readAll(copy)).texts.at(-1)).toBe('goes on');
    }
  });

  it('of missing or inserted bytes costs only what it touched', async () => {
    const { dir, file, bytes } = await sampleLog(true);
    for (let at = 40; at < bytes.length - 24; at += 1) {
      writeFileSync(file, Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]));
      expect((await readAll(dir)).texts.length).toBeGreaterThanOrEqual(4);
      writeFileSync(file, Buffer.concat([bytes.subarray(0, at), Buffer.from('oops'), bytes.subarray(at)]));
      expect((await readAll(dir)).texts.length).toBeGreaterThanOrEqual(4);
    }
  });

  it('keeps a segment from being retired, so that it can still be repaired', async () => {
    const { dir, file, bytes } = await sampleLog(true);
    const changed = Buffer.from(bytes);
    changed[60] = (changed[60] ?? 0) ^ 1;
    writeFileSync(file, changed);
    const log = await openAppendLog({ dir, writerId: 'host-a' });
    await log.durable(log.append(16, Buffer.from('newer')));
    await log.retire(1000);
    expect(readdirSync(dir).length).toBe(2);
    await log.close();
  });

  it('is not suspected where a payload merely looks like a record', async () => {
    const { bytes } = await sampleLog(true);
    const dir = tempFolder();
    const log = await openAppendLog({ dir, writerId: 'host-a' });
    log.append(16, bytes);
    log.append(16, Buffer.from('end'));
    await log.close();
    const after = await readAll(dir);
    expect(after.flaws).toEqual([]);
    expect(after.texts.length).toBe(2);
  });
});

it('refuses a log of a newer format and leaves it alone', async () => {
  const { dir, file, bytes } = await sampleLog(true);
  const newer = Buffer.from(bytes);
  newer.writeUInt16LE(logFormat + 1, 8);
  // The checksum of the header must be right, else it would count as damage.
  const { crc32 } = await import('node:zlib');
  newer.writeUInt32LE(crc32(newer.subarray(36, 42), crc32(newer.subarray(0, 32))), 32);
  writeFileSync(file, newer);
  await expect(openAppendLog({ dir, writerId: 'host-a' })).rejects.toMatchObject({ code: 'too_new' });
  expect(readFileSync(file)).toEqual(newer);
});

it('ignores files that are no segments', async () => {
  const { dir } = await sampleLog(true);
  writeFileSync(join(dir, 'notes.txt'), 'mine');
  mkdirSync(join(dir, 'quarantine'));
  expect((await readAll(dir)).texts).toEqual(texts);
});
