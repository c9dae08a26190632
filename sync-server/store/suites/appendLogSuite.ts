/** What every AppendLog must do; run by the tests of each implementation. */
import { describe, expect, it } from 'vitest';
import type { AppendLog, LogRecord } from '../ports.ts';

/** `open` gives a new, empty log at each call. */
export function appendLogSuite(name: string, open: () => Promise<AppendLog>): void {
  describe(`append log, ${name}`, () => {
    it('gives back what was appended, in order and numbered from 1', async () => {
      const log = await open();
      expect(log.lastSeq).toBe(0);
      expect(log.append(16, Buffer.from('loss'))).toBe(1);
      expect(log.append(17, new Uint8Array(0))).toBe(2);
      expect(log.append(65535, Buffer.alloc(300_000, 7))).toBe(3);
      await log.durable();
      expect(log.lastSeq).toBe(3);
      expect(await summary(log)).toEqual([
        [1, 16, 4],
        [2, 17, 0],
        [3, 65535, 300_000],
      ]);
      await log.close();
    });

    it('shows a record to readers only once it is durable', async () => {
      const log = await open();
      log.append(16, Buffer.from('a'));
      await log.durable();
      log.append(16, Buffer.from('b'));
      expect(await seqs(log)).toEqual([1]);
      await log.durable();
      expect(await seqs(log)).toEqual([1, 2]);
      await log.close();
    });

    it('reads from any number on', async () => {
      const log = await open();
      for (let i = 0; i < 10; i += 1) log.append(16, Buffer.from(`${i}`));
      await log.durable();
      expect(await seqs(log, 8)).toEqual([8, 9, 10]);
      expect(await seqs(log, 11)).toEqual([]);
      await log.close();
    });

    it('keeps the bytes as they were when appended', async () => {
      const log = await open();
      const payload = Buffer.from('before');
      log.append(16, payload);
      payload.write('after!');
      await log.durable();
      const [record] = await all(log);
      expect(Buffer.from(record?.payload ?? []).toString()).toBe('before');
      await log.close();
    });

    it('serves many callers at once, each record once', async () => {
      const log = await open();
      await Promise.all(
        Array.from({ length: 20 }, async (_, caller) => {
          for (let i = 0; i < 50; i += 1) await log.durable(log.append(16, Buffer.from(`${caller}/${i}`)));
        }),
      );
      const texts = (await all(log)).map((record) => Buffer.from(record.payload).toString());
      expect(new Set(texts).size).toBe(1000);
      expect(texts.length).toBe(1000);
      for (let caller = 0; caller < 20; caller += 1) {
        const own = texts.filter((text) => text.startsWith(`${caller}/`));
        expect(own).toEqual(Array.from({ length: 50 }, (_, i) => `${caller}/${i}`));
      }
      await log.close();
    });

    it('says when all there is is durable, also with nothing appended', async () => {
      const log = await open();
      await log.durable();
      await log.durable(0);
      await expect(log.durable(1)).rejects.toMatchObject({ code: 'invalid_argument' });
      await log.close();
    });

    it('refuses types that are not 1 to 65535, and anything after closing', async () => {
      const log = await open();
      for (const type of [0, -1, 65536, 1.5, Number.NaN]) {
        expect(() => log.append(type, Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
      }
      await log.close();
      await log.close();
      expect(() => log.append(16, Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'closed' }));
    });

    it('keeps what is not retired', async () => {
      const log = await open();
      for (let i = 0; i < 10; i += 1) await log.durable(log.append(16, Buffer.from(`${i}`)));
      await log.retire(6);
      expect(await seqs(log, 6)).toEqual([6, 7, 8, 9, 10]);
      await log.close();
    });
  });
}

export async function all(log: AppendLog, from?: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const record of log.read(from)) records.push(record);
  return records;
}

export async function seqs(log: AppendLog, from?: number): Promise<number[]> {
  return (await all(log, from)).map((record) => record.seq);
}

/** [seq, type, payload bytes] of each record. */
async function summary(log: AppendLog): Promise<[number, number, number][]> {
  return (await all(log)).map(({ seq, type, payload }) => [seq, type, payload.length]);
}
