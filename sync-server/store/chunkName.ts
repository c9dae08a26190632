/** What every implementation of chunks checks alike: names, sizes, ranges, kinds of stream. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ChunkInfo } from './ports.ts';
import { StoreError } from './ports.ts';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Call it before any path is built from a hash. StoreError `invalid_argument`. */
export function checkHash(hash: string): void {
  if (!isHash(hash)) throw new StoreError('invalid_argument', 'hash: give 64 lower-case hex digits.');
}

export function checkSize(size: number, maxBytes = Infinity): void {
  if (size > maxBytes) throw new StoreError('invalid_argument', `bytes: more than the ${maxBytes} allowed here.`);
}

/** `start`..`end`, inclusive, must lie inside the chunk's bytes. */
export function checkRange({ start, end }: { start: number; end: number }, size: number): void {
  if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end < size) return;
  throw new StoreError('invalid_argument', `range: ${start}-${end} does not lie inside the chunk's ${size} bytes.`);
}

/** Passes the chunk on when it is what the sender said it would be. StoreError `invalid_argument`. */
export function checkedChunk(chunk: ChunkInfo, expect: { hash?: string; maxBytes?: number }): ChunkInfo {
  checkSize(chunk.size, expect.maxBytes);
  if (expect.hash !== undefined && expect.hash !== chunk.hash) {
    throw new StoreError('invalid_argument', `hash: the bytes have the hash ${chunk.hash}, not ${expect.hash}. Send them again.`);
  }
  return chunk;
}

export function notFound(hash: string): StoreError {
  return new StoreError('not_found', `Chunk ${hash} is not here.`);
}

/** The pieces of a stream of bytes; a stream's own error is passed on as it is. */
export async function* binaryPieces(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) {
    if (!(piece instanceof Uint8Array)) throw new StoreError('invalid_argument', 'bytes: the stream gives text; give bytes.');
    yield piece;
  }
}
