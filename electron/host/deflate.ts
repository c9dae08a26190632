/**
 * Raw DEFLATE for series chunks. Small pieces are done at once, large ones in Node's thread pool, so that sealing a
 * long metric does not hold up requests.
 */
import { promisify } from 'node:util';
import { constants, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';

const inThreadPool = 64 * 1024;
const deflateLater = promisify<Uint8Array, { level: number }, Buffer>(deflateRaw);
const inflateLater = promisify<Uint8Array, { maxOutputLength: number; chunkSize: number }, Buffer>(inflateRaw);
/** Noise is kept away from the compressor, so a thorough level costs little. */
const options = { level: 6 };

export function compress(bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
  return bytes.length < inThreadPool ? deflateRawSync(bytes, options) : deflateLater(bytes, options);
}

/** Fails when there would be more than `length` bytes; never allocates much beyond them. */
export function decompress(bytes: Uint8Array, length: number): Uint8Array | Promise<Uint8Array> {
  const limits = { maxOutputLength: Math.max(1, length), chunkSize: Math.max(constants.Z_MIN_CHUNK, length) };
  return length < inThreadPool ? inflateRawSync(bytes, limits) : inflateLater(bytes, limits);
}
