/**
 * One column of numbers ⇄ bytes, lossless (any NaN comes back as NaN, -0 as -0). A column is stored as
 * *byte planes*: first the lowest byte of every value, then the next byte of every value, and so on, because
 * bytes of equal weight resemble each other and a general compressor then finds what there is to find.
 *
 *   kind 0, decimals   every value is k / 10^e with an integer |k| ≤ 2^50, 0 ≤ e ≤ 6: steps, times, counts and
 *                      rounded metrics. The k are stored as differences of order 0, 1 or 2 (whichever is smallest),
 *                      zigzag, in as few planes as the greatest needs – none at all for evenly spaced steps.
 *   kind 1, float32    every value survives `Math.fround` (what most frameworks log): 4 planes.
 *   kind 2, float64    anything else: 8 planes.
 *
 * A column is written to three streams, each shared by several columns: `head` (below), `packed` (planes worth
 * compressing) and `plain` (planes of noise, on which a compressor would only lose time):
 *
 *   head: u8 kind | e << 2 | order << 5,  u8 number of planes,  u8 bit p set = plane p is in `plain`,
 *         for kind 0 the first `order` of: first k, first difference (varint each, signed)
 *
 * The count of values is not stored; the reader knows it. Float planes are in little-endian order.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

export interface ColumnStreams {
  head: encoding.Encoder;
  packed: Uint8Array[];
  plain: Uint8Array[];
}

/** Appends one column to the streams. */
export function writeColumn(values: Float64Array, to: ColumnStreams): void {
  const decimals = toDecimals(values);
  if (decimals) return writeDecimals(decimals, to);
  const float32 = isFloat32(values);
  const bytes = littleEndianBytes(float32 ? Float32Array.from(values) : values);
  writeHead(to, float32 ? kind.float32 : kind.float64, splitPlanes(bytes, float32 ? 4 : 8, values.length));
}

export interface ColumnSource {
  head: decoding.Decoder;
  packed: ByteCursor;
  plain: ByteCursor;
}

/** A stream being read, and how far. */
export interface ByteCursor {
  bytes: Uint8Array;
  at: number;
}

/** Reads the next column of `count` values into `into` at `offset`; without `into`, only steps over it. Throws when bytes are malformed. */
export function readColumn(from: ColumnSource, count: number, into?: Float64Array, offset = 0): void {
  const first = decoding.readUint8(from.head);
  const width = decoding.readUint8(from.head);
  const plainMask = decoding.readUint8(from.head);
  const columnKind = first & 3;
  const exponent = (first >> 2) & 7;
  const order = first >> 5;
  const firsts: number[] = [];
  if (columnKind === kind.decimals) {
    if (exponent > maxExponent || order > 2 || order > count || width > 7) throw new Error('a decimal column has an impossible header');
    for (let i = 0; i < order; i += 1) firsts.push(decoding.readVarInt(from.head));
  } else if (first >> 2 !== 0 || width !== floatWidth(columnKind)) throw new Error('a column has an impossible header');
  const rows = count - order;
  const planes: Uint8Array[] = [];
  for (let p = 0; p < width; p += 1) {
    const stream = (plainMask >> p) & 1 ? from.plain : from.packed;
    const start = stream.at;
    stream.at += rows;
    if (stream.at > stream.bytes.length) throw new Error('a column is cut short');
    if (into) planes.push(stream.bytes.subarray(start, stream.at));
  }
  if (!into) return;
  const target = into.subarray(offset, offset + count);
  if (columnKind === kind.decimals) joinDecimals(planes, firsts, scales[exponent]!, target);
  else joinFloats(planes, target);
}

const kind = { decimals: 0, float32: 1, float64: 2 } as const;
const scales = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6] as const;
const maxExponent = scales.length - 1;
/** So that differences of second order, zigzag, stay below 2^53. */
const maxInteger = 2 ** 50;

interface Decimals {
  integers: Float64Array;
  exponent: number;
}

function toDecimals(values: Float64Array): Decimals | undefined {
  let exponent = 0;
  for (let i = 0; i < values.length; i += 1) {
    while (!isDecimal(values[i]!, scales[exponent]!)) {
      exponent += 1;
      if (exponent > maxExponent) return undefined;
    }
  }
  const scale = scales[exponent]!;
  const integers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    // A value that fitted a smaller exponent may be too large for this one.
    if (exponent > 0 && !isDecimal(values[i]!, scale)) return undefined;
    integers[i] = Math.round(values[i]! * scale);
  }
  return { integers, exponent };
}

function isDecimal(value: number, scale: number): boolean {
  const integer = Math.round(value * scale);
  return integer / scale === value && integer <= maxInteger && integer >= -maxInteger && (integer !== 0 || !Object.is(value, -0));
}

function writeDecimals({ integers, exponent }: Decimals, to: ColumnStreams): void {
  const order = bestOrder(integers);
  const residuals = differences(integers, order);
  const firsts = order === 0 ? [] : order === 1 ? [integers[0]!] : [integers[0]!, integers[1]! - integers[0]!];
  let greatest = 0;
  for (let i = 0; i < residuals.length; i += 1) if (residuals[i]! > greatest) greatest = residuals[i]!;
  let width = 0;
  while (greatest >= 256 ** width) width += 1;
  const planes: Uint8Array[] = [];
  for (let p = 0; p < width; p += 1) planes.push(plane(residuals, p));
  writeHead(to, kind.decimals | (exponent << 2) | (order << 5), planes, firsts);
}

/** The order of differences whose sum of magnitudes is least. */
function bestOrder(values: Float64Array): number {
  if (values.length < 2) return values.length;
  let sum0 = Math.abs(values[0]!) + Math.abs(values[1]!);
  let delta = values[1]! - values[0]!;
  let sum1 = Math.abs(delta);
  let sum2 = 0;
  for (let i = 2; i < values.length; i += 1) {
    const next = values[i]! - values[i - 1]!;
    sum0 += Math.abs(values[i]!);
    sum1 += Math.abs(next);
    sum2 += Math.abs(next - delta);
    delta = next;
  }
  return sum2 < sum1 && sum2 < sum0 ? 2 : sum1 <= sum0 ? 1 : 0;
}

/** Zigzag differences of an order; the first `order` values are left out. */
function differences(values: Float64Array, order: number): Float64Array {
  const out = new Float64Array(values.length - order);
  for (let i = order; i < values.length; i += 1) {
    const d = order === 0 ? values[i]! : order === 1 ? values[i]! - values[i - 1]! : values[i]! - 2 * values[i - 1]! + values[i - 2]!;
    out[i - order] = d >= 0 ? 2 * d : -2 * d - 1;
  }
  return out;
}

function plane(values: Float64Array, index: number): Uint8Array {
  const out = new Uint8Array(values.length);
  if (index < 4) for (let i = 0; i < values.length; i += 1) out[i] = (values[i]! >>> 0) >>> (8 * index);
  else for (let i = 0; i < values.length; i += 1) out[i] = Math.floor(values[i]! / 2 ** 32) >>> (8 * (index - 4));
  return out;
}

function joinDecimals(planes: Uint8Array[], firsts: number[], scale: number, into: Float64Array): void {
  const order = firsts.length;
  if (planes.length <= 3) joinSmall(planes, into.subarray(order));
  else joinLarge(planes, into.subarray(order));
  let value = firsts[0] ?? 0;
  let delta = firsts[1] ?? 0;
  if (order > 0) into[0] = value;
  if (order > 1) into[1] = value += delta;
  if (order === 1) for (let i = 1; i < into.length; i += 1) into[i] = value += into[i]!;
  else if (order === 2) for (let i = 2; i < into.length; i += 1) into[i] = value += delta += into[i]!;
  if (scale !== 1) for (let i = 0; i < into.length; i += 1) into[i]! /= scale;
}

/** Up to three planes fit an integer of the processor, which is several times faster; nearly all columns do. */
function joinSmall([low, middle, high]: Uint8Array[], into: Float64Array): void {
  for (let i = 0; i < into.length; i += 1) {
    const zigzag = (low ? low[i]! : 0) | (middle ? middle[i]! << 8 : 0) | (high ? high[i]! << 16 : 0);
    into[i] = (zigzag >>> 1) ^ -(zigzag & 1);
  }
}

function joinLarge(planes: Uint8Array[], into: Float64Array): void {
  into.fill(0);
  planes.forEach((bytes, p) => {
    const weight = 256 ** p;
    for (let i = 0; i < bytes.length; i += 1) into[i]! += bytes[i]! * weight;
  });
  for (let i = 0; i < into.length; i += 1) {
    const half = Math.floor(into[i]! / 2);
    into[i] = half * 2 === into[i] ? half : -half - 1;
  }
}

function isFloat32(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (Math.fround(value) !== value && value === value) return false;
  }
  return true;
}

function splitPlanes(bytes: Uint8Array, width: number, count: number): Uint8Array[] {
  const planes: Uint8Array[] = [];
  for (let p = 0; p < width; p += 1) {
    const out = new Uint8Array(count);
    for (let i = 0, at = p; i < count; i += 1, at += width) out[i] = bytes[at]!;
    planes.push(out);
  }
  return planes;
}

function joinFloats(planes: Uint8Array[], into: Float64Array): void {
  const width = planes.length;
  const floats = width === 4 ? new Float32Array(into.length) : new Float64Array(into.length);
  const bytes = new Uint8Array(floats.buffer);
  planes.forEach((source, p) => {
    for (let i = 0, at = p; i < source.length; i += 1, at += width) bytes[at] = source[i]!;
  });
  into.set(floats);
}

/** Every machine this runs on is little-endian; typed arrays show their bytes in that order. */
function littleEndianBytes(values: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function floatWidth(columnKind: number): number {
  return columnKind === kind.float32 ? 4 : columnKind === kind.float64 ? 8 : -1;
}

function writeHead(to: ColumnStreams, first: number, planes: Uint8Array[], firsts: number[] = []): void {
  let plainMask = 0;
  planes.forEach((bytes, p) => {
    if (isNoise(bytes)) {
      plainMask |= 1 << p;
      to.plain.push(bytes);
    } else to.packed.push(bytes);
  });
  encoding.writeUint8(to.head, first);
  encoding.writeUint8(to.head, planes.length);
  encoding.writeUint8(to.head, plainMask);
  for (const value of firsts) encoding.writeVarInt(to.head, value);
}

/** Whether bytes are so evenly distributed (> 7.8 bits each) that compressing them is not worth the time. */
function isNoise(bytes: Uint8Array): boolean {
  // Of fewer bytes the distribution cannot be told.
  if (bytes.length < 4096) return false;
  const counts = new Uint32Array(256);
  for (let i = 0; i < bytes.length; i += 1) counts[bytes[i]!]! += 1;
  let bits = 0;
  for (const count of counts) if (count > 0) bits += count * Math.log2(bytes.length / count);
  return bits > 7.8 * bytes.length;
}
