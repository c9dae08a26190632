/** What every Chunks must do; run by the tests of each implementation. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ChunkInfo, Chunks } from '../ports.ts';

/** `open` gives a new, empty store at each call. */
export function chunksSuite(name: string, open: () => Promise<Chunks>): void {
  describe(`chunks, ${name}`, () => {
    it('names bytes by their SHA-256', async () => {
      const chunks = await open();
      const info = await chunks.put(Buffer.from('weights'));
      expect(info).toEqual({ hash: sha256('weights'), size: 7 });
      expect(Buffer.from(await chunks.get(info.hash)).toString()).toBe('weights');
      expect(await chunks.has(info.hash)).toBe(true);
      expect(await chunks.info(info.hash)).toEqual(info);
    });

    it('stores a stream, and nothing at all, like any bytes', async () => {
      const chunks = await open();
      const bytes = randomBytes(3_000_000);
      const info = await chunks.put(Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]));
      expect(info).toEqual({ hash: sha256(bytes), size: 3_000_000 });
      expect(Buffer.compare(await chunks.get(info.hash), bytes)).toBe(0);
      const empty = await chunks.put(Readable.from([]));
      expect(empty.size).toBe(0);
      expect((await chunks.get(empty.hash)).length).toBe(0);
    });

    it('streams the whole or a range', async () => {
      const chunks = await open();
      const { hash } = await chunks.put(Buffer.from('0123456789'));
      expect(await text(await chunks.stream(hash))).toBe('0123456789');
      expect(await text(await chunks.stream(hash, { start: 2, end: 4 }))).toBe('234');
      for (const range of [{ start: 4, end: 2 }, { start: 0, end: 10 }, { start: -1, end: 2 }]) {
        await expect(chunks.stream(hash, range)).rejects.toMatchObject({ code: 'invalid_argument' });
      }
    });

    it('refuses bytes of another hash or too many, and keeps nothing of them', async () => {
      const chunks = await open();
      const wrong = { hash: sha256('something else') };
      await expect(chunks.put(Buffer.from('bytes'), wrong)).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(chunks.put(Readable.from([Buffer.from('bytes')]), wrong)).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(chunks.put(Buffer.from('bytes'), { maxBytes: 4 })).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(chunks.put(endless(), { maxBytes: 1_000_000 })).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(await list(chunks)).toEqual([]);
      await chunks.put(Buffer.from('bytes'), { hash: sha256('bytes'), maxBytes: 5 });
      expect((await list(chunks)).length).toBe(1);
    });

    it("passes a stream's own failure on and keeps nothing of it", async () => {
      const chunks = await open();
      await expect(chunks.put(Readable.from(broken()))).rejects.toThrow('the sender went away');
      expect(await list(chunks)).toEqual([]);
    });

    it('takes the same bytes many times at once', async () => {
      const chunks = await open();
      const bytes = randomBytes(50_000);
      const infos = await Promise.all(Array.from({ length: 20 }, (_, i) => chunks.put(i % 2 ? bytes : Readable.from([bytes]))));
      expect(new Set(infos.map((info) => info.hash))).toEqual(new Set([sha256(bytes)]));
      expect(await list(chunks)).toEqual([{ hash: sha256(bytes), size: 50_000 }]);
    });

    it('knows what it has not, and refuses what is no hash', async () => {
      const chunks = await open();
      const absent = sha256('absent');
      expect(await chunks.has(absent)).toBe(false);
      expect(await chunks.info(absent)).toBeUndefined();
      await expect(chunks.get(absent)).rejects.toMatchObject({ code: 'not_found' });
      await expect(chunks.stream(absent)).rejects.toMatchObject({ code: 'not_found' });
      for (const hash of ['', '../../etc/passwd', absent.toUpperCase(), `${absent}0`, absent.slice(1), `${absent.slice(0, 62)}/.`]) {
        const refusal = { code: 'invalid_argument' };
        await expect(chunks.get(hash)).rejects.toMatchObject(refusal);
        await expect(chunks.has(hash)).rejects.toMatchObject(refusal);
        await expect(chunks.info(hash)).rejects.toMatchObject(refusal);
        await expect(chunks.stream(hash)).rejects.toMatchObject(refusal);
        await expect(chunks.put(Buffer.from('x'), { hash })).rejects.toMatchObject(refusal);
      }
    });

    it('lists all there is', async () => {
      const chunks = await open();
      const infos = await Promise.all(Array.from({ length: 30 }, (_, i) => chunks.put(Buffer.from(`chunk ${i}`))));
      expect(await list(chunks)).toEqual(infos.sort((a, b) => (a.hash < b.hash ? -1 : 1)));
    });
  });
}

export async function list(chunks: Chunks): Promise<ChunkInfo[]> {
  const infos: ChunkInfo[] = [];
  for await (const info of chunks.list()) infos.push(info);
  return infos;
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function text(stream: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

function endless(): Readable {
  return new Readable({
    read() {
      this.push(Buffer.alloc(65_536));
    },
  });
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('first part');
  throw new Error('the sender went away');
}
