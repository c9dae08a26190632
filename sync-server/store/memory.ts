/**
 * A log and chunks in memory, with the same manners as on disk: for tests, and the smallest example of what another
 * back end has to do. Documents need no twin: `createDocuments({ log: createMemoryLog(), chunks: createMemoryChunks() })`.
 */
import { Readable } from 'node:stream';
import { binaryPieces, checkedChunk, checkHash, checkRange, checkSize, notFound, sha256 } from './chunkName.ts';
import type { AppendLog, Chunks, LogRecord } from './ports.ts';
import { StoreError } from './ports.ts';
import { checkRecord } from './recordFormat.ts';

export function createMemoryLog(): AppendLog {
  let records: LogRecord[] = [];
  let lastSeq = 0;
  let durableSeq = 0;
  let closed = false;
  return {
    get lastSeq() {
      return lastSeq;
    },
    append(type, payload) {
      if (closed) throw new StoreError('closed', 'The log is closed.');
      checkRecord(type, payload);
      lastSeq += 1;
      records.push({ seq: lastSeq, type, payload: new Uint8Array(payload) });
      return lastSeq;
    },
    async durable(seq = lastSeq) {
      if (seq > lastSeq) throw new StoreError('invalid_argument', `seq: ${seq} was not appended yet; the newest is ${lastSeq}.`);
      durableSeq = Math.max(durableSeq, seq);
    },
    async *read(from = 1) {
      const until = durableSeq;
      for (const record of [...records]) if (record.seq >= from && record.seq <= until) yield record;
    },
    async retire(seq) {
      records = records.filter((record) => record.seq >= seq);
    },
    async close() {
      durableSeq = lastSeq;
      closed = true;
    },
  };
}

export function createMemoryChunks(): Chunks {
  const bytesByHash = new Map<string, Uint8Array>();

  function bytesOf(hash: string): Uint8Array {
    checkHash(hash);
    const bytes = bytesByHash.get(hash);
    if (!bytes) throw notFound(hash);
    return bytes;
  }

  return {
    async put(source, expect = {}) {
      if (expect.hash !== undefined) checkHash(expect.hash);
      const bytes = source instanceof Uint8Array ? new Uint8Array(source) : await collect(source, expect.maxBytes);
      const chunk = checkedChunk({ hash: sha256(bytes), size: bytes.length }, expect);
      bytesByHash.set(chunk.hash, bytes);
      return chunk;
    },
    async has(hash) {
      checkHash(hash);
      return bytesByHash.has(hash);
    },
    async info(hash) {
      checkHash(hash);
      const bytes = bytesByHash.get(hash);
      return bytes && { hash, size: bytes.length };
    },
    async get(hash) {
      return new Uint8Array(bytesOf(hash));
    },
    async stream(hash, range) {
      const bytes = bytesOf(hash);
      if (range) checkRange(range, bytes.length);
      const part = Buffer.from(range ? bytes.subarray(range.start, range.end + 1) : bytes);
      return Readable.from(part.length > 0 ? [part] : [], { objectMode: false });
    },
    async *list() {
      for (const hash of [...bytesByHash.keys()].sort()) yield { hash, size: bytesOf(hash).length };
    },
  };
}

async function collect(stream: Readable, maxBytes: number | undefined): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of binaryPieces(stream)) {
    size += part.length;
    checkSize(size, maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
