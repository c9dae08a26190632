/**
 * The bytes of a log segment, `<epoch>-<number>.log`. Little-endian.
 *
 *   header   8 bytes "daybklog",  u16 format = 1,  u16 bytes of the writer id,  u32 epoch,  u32 number,
 *            u48 first: sequence numbers in here start at or above it,
 *            u48 after: newest record known to be stored when this segment was begun,
 *            u32 CRC-32 of all the rest of the header,  writer id (UTF-8)
 *   record   4 bytes DA 79 62 6B,  u32 CRC-32 of the next 16 bytes,
 *            u32 CRC-32 of the payload,  u32 bytes of the payload,  u16 type,  u48 seq,  payload
 *
 * A segment that was closed in good order ends with a record of type 0 without payload; it repeats the last sequence
 * number. `after` makes records void: those of earlier segments *of the same epoch* with a greater number belong to
 * a write that failed and was reported as failed, even if the disk kept its bytes.
 *
 * Anything that is not a header or a record where one is due is a flaw; reading goes on at the next place where a
 * whole valid record begins (hence the four marker bytes). A flaw with nothing valid after it is a torn tail, what a
 * crash leaves behind; a flaw with something valid after it is damage. Nothing is ever deleted or repaired here.
 */
import { crc32 } from 'node:zlib';
import type { LogRecord } from './ports.ts';
import { StoreError } from './ports.ts';

export const logFormat = 1;
/** Bytes a record takes besides its payload. */
export const recordOverhead = 24;
/** Greatest payload of one record, bytes. */
export const maxPayloadBytes = 256 * 1024 * 1024;
/** Type of the record that ends a segment; never handed to readers. */
export const endOfSegment = 0;

const fileMagic = Buffer.from('daybklog');
const fixedHeaderBytes = 36;
const marker = Buffer.from([0xda, 0x79, 0x62, 0x6b]);
const markerValue = marker.readUInt32LE(0);

export interface SegmentHeader {
  writerId: string;
  epoch: number;
  number: number;
  /** Sequence numbers in this segment start at or above it. */
  first: number;
  /** Newest record known to be stored when the segment was begun. */
  after: number;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const writerId = Buffer.from(header.writerId);
  const bytes = Buffer.alloc(fixedHeaderBytes + writerId.length);
  fileMagic.copy(bytes, 0);
  bytes.writeUInt16LE(logFormat, 8);
  bytes.writeUInt16LE(writerId.length, 10);
  bytes.writeUInt32LE(header.epoch, 12);
  bytes.writeUInt32LE(header.number, 16);
  bytes.writeUIntLE(header.first, 20, 6);
  bytes.writeUIntLE(header.after, 26, 6);
  writerId.copy(bytes, fixedHeaderBytes);
  bytes.writeUInt32LE(headerChecksum(bytes), 32);
  return bytes;
}

/** The header at the start of a segment and its length in bytes; undefined when it is damaged or cut. StoreError `too_new`. */
export function decodeSegmentHeader(bytes: Buffer): { header: SegmentHeader; size: number } | undefined {
  if (bytes.length < fixedHeaderBytes || !bytes.subarray(0, 8).equals(fileMagic)) return undefined;
  const size = fixedHeaderBytes + bytes.readUInt16LE(10);
  if (bytes.length < size || bytes.readUInt32LE(32) !== headerChecksum(bytes.subarray(0, size))) return undefined;
  const format = bytes.readUInt16LE(8);
  if (format > logFormat) {
    throw new StoreError('too_new', `This log has format ${format}; this version reads up to ${logFormat}. Update Daybook.`);
  }
  const header = {
    writerId: bytes.toString('utf8', fixedHeaderBytes, size),
    epoch: bytes.readUInt32LE(12),
    number: bytes.readUInt32LE(16),
    first: bytes.readUIntLE(20, 6),
    after: bytes.readUIntLE(26, 6),
  };
  return { header, size };
}

function headerChecksum(header: Buffer): number {
  return crc32(header.subarray(fixedHeaderBytes), crc32(header.subarray(0, 32)));
}

/** StoreError `invalid_argument` for what no record can hold. */
export function checkRecord(type: number, payload: Uint8Array): void {
  if (!Number.isInteger(type) || type < 1 || type > 0xffff) {
    throw new StoreError('invalid_argument', `type: ${type} is not an integer from 1 to 65535.`);
  }
  if (payload.length > maxPayloadBytes) {
    throw new StoreError('invalid_argument', `payload: ${payload.length} bytes are more than the ${maxPayloadBytes} of one record. Split it.`);
  }
}

/** Writes the 24 bytes that stand before a payload. */
export function writeRecordHead(into: Buffer, at: number, type: number, seq: number, payload: Uint8Array): void {
  into.writeUInt32LE(markerValue, at);
  into.writeUInt32LE(payload.length === 0 ? 0 : crc32(payload), at + 8);
  into.writeUInt32LE(payload.length, at + 12);
  into.writeUInt16LE(type, at + 16);
  into.writeUIntLE(seq, at + 18, 6);
  into.writeUInt32LE(crc32(into.subarray(at + 8, at + recordOverhead)), at + 4);
}

/** Something in a segment that is no valid record. */
export interface SegmentFlaw {
  /** `torn`: nothing valid follows, as after a crash. `damaged`: valid records follow. */
  kind: 'torn' | 'damaged';
  /** Where it starts and how many bytes cannot be read. */
  offset: number;
  length: number;
  why: string;
  /** A record with all its bytes stands here and does not match its checksum: damage, or the rare write that a power cut left half done. */
  whole: boolean;
}

export type SegmentPart = { header: SegmentHeader } | { record: LogRecord; offset: number } | { flaw: SegmentFlaw };

/**
 * The parts of one segment in order. Payloads are views of `bytes`; copy what outlives them.
 * StoreError `too_new` when the segment has a newer format.
 */
export function* scanSegment(bytes: Buffer): Generator<SegmentPart> {
  let at = 0;
  let lastSeq = 0;
  const decoded = decodeSegmentHeader(bytes);
  if (decoded) {
    yield { header: decoded.header };
    at = decoded.size;
    lastSeq = Math.max(0, decoded.header.first - 1);
  }
  let why = decoded ? '' : bytes.length === 0 ? 'the file is empty' : 'the file header is damaged';
  while (at < bytes.length || why) {
    const found = why ? undefined : recordAt(bytes, at, lastSeq);
    if (found && 'record' in found) {
      yield { record: found.record, offset: at };
      lastSeq = found.record.seq;
      at = found.end;
      continue;
    }
    if (found) why = found.why;
    const next = nextRecord(bytes, at + 1, lastSeq);
    const end = next ?? bytes.length;
    yield { flaw: { kind: next === undefined ? 'torn' : 'damaged', offset: at, length: end - at, why, whole: found !== undefined && 'whole' in found } };
    at = end;
    why = '';
  }
}

function recordAt(bytes: Buffer, at: number, lastSeq: number): { record: LogRecord; end: number } | { why: string; whole?: true } {
  if (at + recordOverhead > bytes.length) return { why: 'the record is cut off' };
  if (bytes.readUInt32LE(at) !== markerValue) return { why: 'no record begins here' };
  if (crc32(bytes.subarray(at + 8, at + recordOverhead)) !== bytes.readUInt32LE(at + 4)) return { why: 'the record head does not match its checksum' };
  const start = at + recordOverhead;
  const end = start + bytes.readUInt32LE(at + 12);
  if (end > bytes.length) return { why: 'the record is cut off' };
  const payload = bytes.subarray(start, end);
  if ((payload.length === 0 ? 0 : crc32(payload)) !== bytes.readUInt32LE(at + 8)) return { why: 'the payload does not match its checksum', whole: true };
  const type = bytes.readUInt16LE(at + 16);
  const seq = bytes.readUIntLE(at + 18, 6);
  if (type === endOfSegment ? seq < lastSeq : seq <= lastSeq) return { why: `record ${seq} stands after record ${lastSeq}` };
  return { record: { seq, type, payload }, end };
}

/** Where the next valid record begins, from `from` on. */
function nextRecord(bytes: Buffer, from: number, lastSeq: number): number | undefined {
  for (let at = bytes.indexOf(marker, from); at >= 0; at = bytes.indexOf(marker, at + 1)) {
    if ('record' in recordAt(bytes, at, lastSeq)) return at;
  }
  return undefined;
}
