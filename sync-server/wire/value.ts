/**
 * Plain values as bytes: lib0's `any` encoding plus one type of its own, Float64Array, so that a chart's columns
 * travel as they lie in memory. NaN, ±Infinity, -0, undefined, bigint and Uint8Array survive the way.
 *
 *   lib0 `any`    127 undefined · 126 null · 125 integer · 124 float32 · 123 float64 · 122 bigint · 121 false · 120 true
 *                 119 string · 118 object · 117 array · 116 Uint8Array
 *   here          115 Float64Array: varUint length in numbers, then 8 little-endian bytes each
 *
 * Reading is safe with hostile bytes: depth is limited, `__proto__` is no key, nothing is allocated before its bytes are there.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

const typeObject = 118;
const typeArray = 117;
const typeFloat64Array = 115;
const maxDepth = 64;

/** The bytes were not written by `writeValue`, or not all of them arrived. */
export class WireError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WireError';
  }
}

/** Appends one value. Functions and symbols are written as undefined; `undefined` fields of objects are left out. */
export function writeValue(encoder: encoding.Encoder, value: unknown, depth = 0): void {
  if (depth > maxDepth) throw new WireError(`The value is nested deeper than ${maxDepth} levels.`);
  if (value instanceof Float64Array) {
    encoding.writeUint8(encoder, typeFloat64Array);
    encoding.writeVarUint(encoder, value.length);
    encoding.writeUint8Array(encoder, littleEndian(value));
  } else if (Array.isArray(value)) {
    encoding.writeUint8(encoder, typeArray);
    encoding.writeVarUint(encoder, value.length);
    for (const item of value) writeValue(encoder, item, depth + 1);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    encoding.writeUint8(encoder, typeObject);
    encoding.writeVarUint(encoder, fields.length);
    for (const [key, field] of fields) {
      encoding.writeVarString(encoder, key);
      writeValue(encoder, field, depth + 1);
    }
  } else {
    encoding.writeAny(encoder, value as Scalar);
  }
}

/** Reads one value. Throws WireError (or lib0's own error) when the bytes make no sense. */
export function readValue(decoder: decoding.Decoder, depth = 0): unknown {
  if (depth > maxDepth) throw new WireError(`The value is nested deeper than ${maxDepth} levels.`);
  const type = decoder.arr[decoder.pos];
  if (type === typeFloat64Array) {
    decoder.pos += 1;
    return readFloats(decoder);
  }
  if (type === typeArray) {
    decoder.pos += 1;
    const length = readCount(decoder);
    return Array.from({ length }, () => readValue(decoder, depth + 1));
  }
  if (type === typeObject) {
    decoder.pos += 1;
    return readObject(decoder, depth);
  }
  if (type === undefined || type < 116 || type > 127) throw new WireError('The message holds an unknown type of value.');
  return decoding.readAny(decoder);
}

type Scalar = undefined | null | number | bigint | boolean | string | Uint8Array;

function readObject(decoder: decoding.Decoder, depth: number): Record<string, unknown> {
  const count = readCount(decoder);
  const object: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const key = decoding.readVarString(decoder);
    if (key === '__proto__') throw new WireError('The message uses a forbidden key.');
    object[key] = readValue(decoder, depth + 1);
  }
  return object;
}

/** A number of items, each of which takes a byte at least. */
function readCount(decoder: decoding.Decoder): number {
  const count = decoding.readVarUint(decoder);
  if (count > decoder.arr.length - decoder.pos) throw new WireError('The message is shorter than it says.');
  return count;
}

function readFloats(decoder: decoding.Decoder): Float64Array {
  const count = decoding.readVarUint(decoder);
  if (count * 8 > decoder.arr.length - decoder.pos) throw new WireError('The message is shorter than it says.');
  const bytes = decoding.readUint8Array(decoder, count * 8).slice();
  if (hostIsLittleEndian) return new Float64Array(bytes.buffer);
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: count }, (_, i) => view.getFloat64(i * 8, true));
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function littleEndian(values: Float64Array): Uint8Array {
  if (hostIsLittleEndian) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const view = new DataView(new ArrayBuffer(values.byteLength));
  values.forEach((value, i) => view.setFloat64(i * 8, value, true));
  return new Uint8Array(view.buffer);
}
