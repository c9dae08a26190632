/**
 * Payload of a `points` record: metric points of one run as one request brought them. Written once per request, so it
 * is made to be written fast; what is small for ever is the chunk (`#model` series.ts) that the points end up in.
 * Little-endian:
 *
 *   u8 format = 1
 *   u8 flags: 1 = one step for all points, 2 = one time for all, 4 = point i is of key i
 *   u16 bytes of the run id,  u32 points,  u32 keys
 *   run id, UTF-8;  for each key: u16 bytes, UTF-8
 *   unless flag 4 or there is one key: index of each point's key, in 1, 2 or 4 bytes as the number of keys needs
 *   steps (float64, one or all), times (likewise; ms since the epoch), values (float64)
 *
 * Payload of a `sealed` record (lib0 encoding): varString run id, varUint sequence number. Facts of that run up to
 * and including that number stand in its document and chunks.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Point } from '#model';
import { DaybookError } from '#contract';
import { StoreError } from '#store';

/** Points in one record; 28 MB at most. */
export const maxRecordPoints = 1_000_000;

/** DaybookError `invalid_argument` for a step or time that is no finite number, a name of more than 65,535 bytes, too many points. */
export function encodePoints(runId: string, points: readonly Point[]): Uint8Array {
  const { length } = points;
  if (length > maxRecordPoints) throw new DaybookError('invalid_argument', `Log at most ${maxRecordPoints} points at once, not ${length}.`, 'points');
  const { keys, keyOf } = numberKeys(points);
  let flags = 0;
  if (sameSteps(points)) flags |= flag.oneStep;
  if (sameTimes(points)) flags |= flag.oneTime;
  if (keys.length === length) flags |= flag.keyPerPoint;
  const indexBytes = flags & flag.keyPerPoint || keys.length === 1 ? 0 : indexSize(keys.length);

  let size = headerSize + 3 * runId.length + length * (indexBytes + 24);
  for (const key of keys) size += 2 + 3 * key.length;
  const bytes = Buffer.allocUnsafe(size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  let at = writeText(bytes, headerSize, runId, 'runId');
  view.setUint8(0, pointsFormat);
  view.setUint8(1, flags);
  view.setUint16(2, at - headerSize, true);
  view.setUint32(4, length, true);
  view.setUint32(8, keys.length, true);
  for (const key of keys) {
    const end = writeText(bytes, at + 2, key, 'key');
    view.setUint16(at, end - at - 2, true);
    at = end;
  }
  if (indexBytes === 1) for (let i = 0; i < length; i += 1, at += 1) bytes[at] = keyOf[i]!;
  else if (indexBytes === 2) for (let i = 0; i < length; i += 1, at += 2) view.setUint16(at, keyOf[i]!, true);
  else if (indexBytes === 4) for (let i = 0; i < length; i += 1, at += 4) view.setUint32(at, keyOf[i]!, true);
  const steps = flags & flag.oneStep ? Math.min(1, length) : length;
  for (let i = 0; i < steps; i += 1, at += 8) view.setFloat64(at, finite(points[i]!.step, 'step', i), true);
  const times = flags & flag.oneTime ? Math.min(1, length) : length;
  for (let i = 0; i < times; i += 1, at += 8) view.setFloat64(at, finite(points[i]!.time, 'time', i), true);
  for (let i = 0; i < length; i += 1, at += 8) view.setFloat64(at, points[i]!.value, true);
  return bytes.subarray(0, at);
}

export interface PointsRecord {
  runId: string;
  keys: string[];
  points: number;
  /** Calls back with each point in order; `key` is an index into `keys`. */
  forEach(take: (key: number, step: number, time: number, value: number) => void): void;
}

/** StoreError `too_new` for a newer format, `damaged` when the payload does not add up. */
export function decodePoints(payload: Uint8Array): PointsRecord {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (payload.length < headerSize) throw damaged();
  if (view.getUint8(0) > pointsFormat) throw new StoreError('too_new', 'The log holds metric points in a newer format. Update Daybook.');
  const flags = view.getUint8(1);
  const points = view.getUint32(4, true);
  const keyCount = view.getUint32(8, true);
  let at = headerSize;
  function text(length: number): string {
    at += length;
    if (at > payload.length) throw damaged();
    return utf8.decode(payload.subarray(at - length, at));
  }
  const runId = text(view.getUint16(2, true));
  const keys: string[] = [];
  for (let i = 0; i < keyCount; i += 1) {
    if (at + 2 > payload.length) throw damaged();
    at += 2;
    keys.push(text(view.getUint16(at - 2, true)));
  }
  const keyPerPoint = (flags & flag.keyPerPoint) !== 0;
  const indexBytes = keyPerPoint || keys.length === 1 ? 0 : indexSize(keys.length);
  const indexAt = at;
  const stepAt = indexAt + indexBytes * points;
  const stepStride = flags & flag.oneStep ? 0 : 8;
  const timeAt = stepAt + (stepStride ? 8 * points : Math.min(8, 8 * points));
  const timeStride = flags & flag.oneTime ? 0 : 8;
  const valueAt = timeAt + (timeStride ? 8 * points : Math.min(8, 8 * points));
  if (view.getUint8(0) !== pointsFormat || valueAt + 8 * points !== payload.length || (keyPerPoint && keys.length !== points)) throw damaged();

  function keyAt(i: number): number {
    if (indexBytes === 0) return keyPerPoint ? i : 0;
    if (indexBytes === 1) return view.getUint8(indexAt + i);
    return indexBytes === 2 ? view.getUint16(indexAt + 2 * i, true) : view.getUint32(indexAt + 4 * i, true);
  }
  return {
    runId,
    keys,
    points,
    forEach(take) {
      for (let i = 0; i < points; i += 1) {
        const key = keyAt(i);
        if (key >= keys.length) throw damaged();
        take(key, view.getFloat64(stepAt + stepStride * i, true), view.getFloat64(timeAt + timeStride * i, true), view.getFloat64(valueAt + 8 * i, true));
      }
    },
  };
}

export interface SealedRecord {
  runId: string;
  /** Facts of the run up to and including this sequence number are sealed. */
  upTo: number;
}

export function encodeSealed({ runId, upTo }: SealedRecord): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, runId);
    encoding.writeVarUint(encoder, upTo);
  });
}

export function decodeSealed(payload: Uint8Array): SealedRecord {
  const decoder = decoding.createDecoder(payload);
  return { runId: decoding.readVarString(decoder), upTo: decoding.readVarUint(decoder) };
}

const pointsFormat = 1;
const headerSize = 12;
const flag = { oneStep: 1, oneTime: 2, keyPerPoint: 4 } as const;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function indexSize(keys: number): number {
  return keys <= 0x100 ? 1 : keys <= 0x1_0000 ? 2 : 4;
}

function numberKeys(points: readonly Point[]): { keys: string[]; keyOf: Uint32Array } {
  const keyOf = new Uint32Array(points.length);
  const keys: string[] = [];
  const numbers = new Map<string, number>();
  let last = '';
  let lastNumber = -1;
  for (let i = 0; i < points.length; i += 1) {
    const { key } = points[i]!;
    if (key !== last || lastNumber < 0) {
      last = key;
      lastNumber = numbers.get(key) ?? -1;
      if (lastNumber < 0) {
        lastNumber = keys.push(key) - 1;
        numbers.set(key, lastNumber);
      }
    }
    keyOf[i] = lastNumber;
  }
  return { keys, keyOf };
}

function sameSteps(points: readonly Point[]): boolean {
  for (let i = 1; i < points.length; i += 1) if (points[i]!.step !== points[0]!.step) return false;
  return true;
}

function sameTimes(points: readonly Point[]): boolean {
  for (let i = 1; i < points.length; i += 1) if (points[i]!.time !== points[0]!.time) return false;
  return true;
}

/** Points are ordered by step and time; one that has no place in an order would spoil its neighbours'. -0 becomes 0. */
function finite(value: number, name: 'step' | 'time', index: number): number {
  if (!Number.isFinite(value)) throw new DaybookError('invalid_argument', `${name} must be a finite number, not ${value}.`, `points[${index}].${name}`);
  return value + 0;
}

/** Writes UTF-8 and returns where it ends. Names are short and ASCII nearly always, which a loop writes fastest. */
function writeText(bytes: Buffer, start: number, text: string, field: string): number {
  let at = start;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) {
      at = start + bytes.write(text, start, 'utf8');
      break;
    }
    bytes[at++] = code;
  }
  if (at - start > 0xffff) throw new DaybookError('invalid_argument', `${field} has ${at - start} bytes; a name has at most 65,535.`, field);
  return at;
}

function damaged(): StoreError {
  return new StoreError('damaged', 'A record of metric points in the log does not add up.');
}
