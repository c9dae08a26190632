/**
 * A series chunk: metric points of ONE run, several keys, as immutable bytes. Points of a key are a set on
 * (step, time, value) and stand in that order. One key can be read without decompressing the others.
 *
 *   "DBSR", u8 format = 1, varUint packed size of the directory, varUint its unpacked size
 *   directory (compressed):
 *     varString run id
 *     varUint keys, then varString each
 *     varUint blocks, then for each: varUint packed size, varUint unpacked size, varUint plain size,
 *       varUint segments, then for each: varUint index of its key, varUint points, float64 least step, float64 greatest step
 *   blocks, one after another: packed bytes (compressed), plain bytes (as they are)
 *
 * A segment is up to 32,768 consecutive points of one key. A block holds one large segment or many small ones, about
 * 8,192 points at least, so that a run with a thousand short metrics compresses as well as one long metric.
 * Unpacked, a block is: varUint size of the heads, the heads, the planes; see `column.ts`, which is asked for
 * step, time and value of each segment in turn. Compression is raw DEFLATE (RFC 1951), done by whoever calls.
 *
 *   const bytes = await encodeSeries(runId, columnsByKey, compress);
 *   const chunk = await openSeries(bytes, decompress);
 *   const { step, time, value } = await chunk.read('loss');
 *
 * Chunks come from teammates too: every length is checked against what is there and against the limits below
 * before anything is allocated; whatever is wrong is a SeriesError.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { readColumn, writeColumn, type ColumnStreams } from './column.ts';

export const seriesFormat = 1;

/** What a reader accepts; a writer stays below. */
export const seriesLimits = {
  /** Points in one chunk: 96 MB once read. */
  points: 4_000_000,
  /** Bytes of one chunk. */
  bytes: 128 * 2 ** 20,
  /** Unpacked bytes of the directory. */
  directory: 64 * 2 ** 20,
  blockPoints: 65_536,
  /** Unpacked bytes of one block: 24 bytes a point, and heads. */
  block: 8 * 2 ** 20,
} as const;

export class SeriesError extends Error {
  constructor(
    readonly code: 'damaged' | 'too_new',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'SeriesError';
  }
}

/** Points as columns of equal length. `time` in milliseconds since the epoch. */
export interface PointColumns {
  step: Float64Array;
  time: Float64Array;
  value: Float64Array;
}

export type Compress = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
/** Must refuse, without allocating more, when the result would be longer than `length`. */
export type Decompress = (bytes: Uint8Array, length: number) => Uint8Array | Promise<Uint8Array>;

/**
 * The points of one run as a chunk. Columns must be ordered by (step, time, value), free of repeats, their steps and
 * times finite; empty ones are left out. Equal content gives equal bytes. RangeError above `seriesLimits`.
 */
export async function encodeSeries(runId: string, series: ReadonlyMap<string, PointColumns>, compress: Compress): Promise<Uint8Array> {
  const keys = [...series.keys()].filter((key) => series.get(key)!.step.length > 0).sort();
  const points = keys.reduce((sum, key) => sum + series.get(key)!.step.length, 0);
  if (points > seriesLimits.points) throw new RangeError(`a series chunk takes at most ${seriesLimits.points} points, not ${points}`);
  const directory = encoding.createEncoder();
  encoding.writeVarString(directory, runId);
  encoding.writeVarUint(directory, keys.length);
  for (const key of keys) encoding.writeVarString(directory, key);
  const blocks = planBlocks(keys.map((key) => series.get(key)!));
  encoding.writeVarUint(directory, blocks.length);
  const parts: Uint8Array[] = [];
  for (const segments of blocks) {
    const streams: ColumnStreams = { head: encoding.createEncoder(), packed: [], plain: [] };
    for (const { columns } of segments) {
      writeColumn(columns.step, streams);
      writeColumn(columns.time, streams);
      writeColumn(columns.value, streams);
    }
    const head = encoding.toUint8Array(streams.head);
    const unpacked = concat([varUint(head.length), head, ...streams.packed]);
    const packed = await compress(unpacked);
    const plain = concat(streams.plain);
    parts.push(packed, plain);
    for (const size of [packed.length, unpacked.length, plain.length, segments.length]) encoding.writeVarUint(directory, size);
    for (const { key, columns } of segments) {
      encoding.writeVarUint(directory, key);
      encoding.writeVarUint(directory, columns.step.length);
      encoding.writeFloat64(directory, columns.step[0]!);
      encoding.writeFloat64(directory, columns.step[columns.step.length - 1]!);
    }
  }
  const unpacked = encoding.toUint8Array(directory);
  const packed = await compress(unpacked);
  const bytes = concat([magic, Uint8Array.of(seriesFormat), varUint(packed.length), varUint(unpacked.length), packed, ...parts]);
  if (unpacked.length > seriesLimits.directory || bytes.length > seriesLimits.bytes) throw new RangeError('the names of these metrics are too many and too long for one series chunk');
  return bytes;
}

export interface SeriesKey {
  points: number;
  minStep: number;
  maxStep: number;
}

export interface SeriesChunk {
  readonly runId: string;
  readonly keys: ReadonlyMap<string, SeriesKey>;
  /** All points of a key in order; empty columns when it is not here. Rejects with a SeriesError. */
  read(key: string): Promise<PointColumns>;
  /** All keys, each block unpacked once. Rejects with a SeriesError. */
  readAll(): Promise<Map<string, PointColumns>>;
}

/** Reads the directory of a chunk. Keeps `bytes`, and the last unpacked block of small segments: who reads one short metric reads its neighbours next. Rejects with a SeriesError `damaged` or `too_new`. */
export async function openSeries(bytes: Uint8Array, decompress: Decompress): Promise<SeriesChunk> {
  const directory = await readDirectory(bytes, decompress).catch(asSeriesError);
  let lastBlock: Block | undefined;
  let lastUnpacked: Uint8Array = Uint8Array.of();

  async function unpackBlock(block: Block): Promise<Uint8Array> {
    if (block === lastBlock) return lastUnpacked;
    const unpacked = await unpack(bytes.subarray(block.offset, block.offset + block.packed), block.unpacked, decompress);
    if (block.segments.length === 1) return unpacked;
    lastBlock = block;
    return (lastUnpacked = unpacked);
  }

  return {
    runId: directory.runId,
    keys: directory.keys,
    async read(key) {
      const series = await readKeys(bytes, directory, new Set([key]), unpackBlock).catch(asSeriesError);
      return series.get(key) ?? emptyColumns(0);
    },
    readAll: () => readKeys(bytes, directory, directory.keys, unpackBlock).catch(asSeriesError),
  };
}

const magic = Uint8Array.of(0x44, 0x42, 0x53, 0x52);
const maxSegment = 32_768;
const fullBlock = 8_192;
/** Bytes of a segment in the directory, at least. */
const segmentSize = 18;

interface Segment {
  /** Index of its key. */
  key: number;
  columns: PointColumns;
}

function planBlocks(series: PointColumns[]): Segment[][] {
  const blocks: Segment[][] = [];
  let room = 0;
  series.forEach((columns, key) => {
    for (let from = 0; from < columns.step.length; from += maxSegment) {
      if (room <= 0) {
        blocks.push([]);
        room = fullBlock;
      }
      const segment = slice(columns, from, from + maxSegment);
      blocks[blocks.length - 1]!.push({ key, columns: segment });
      room -= segment.step.length;
    }
  });
  return blocks;
}

interface Block {
  offset: number;
  packed: number;
  unpacked: number;
  plain: number;
  segments: { key: string; points: number; minStep: number; maxStep: number }[];
}

interface Directory {
  runId: string;
  keys: Map<string, SeriesKey>;
  blocks: Block[];
}

async function readDirectory(bytes: Uint8Array, decompress: Decompress): Promise<Directory> {
  check(bytes.length <= seriesLimits.bytes, `it has ${bytes.length} bytes, more than ${seriesLimits.bytes}`);
  check(
    magic.every((byte, i) => bytes[i] === byte),
    'it does not begin with "DBSR"',
  );
  const format = bytes[4] ?? 0;
  if (format > seriesFormat) throw new SeriesError('too_new', `This series chunk has format ${format}; this version reads up to ${seriesFormat}. Update Daybook.`);
  check(format === seriesFormat, `it has format ${format}`);
  const start = decoding.createDecoder(bytes.subarray(5));
  const packed = decoding.readVarUint(start);
  const unpacked = decoding.readVarUint(start);
  const from = 5 + start.pos;
  check(unpacked <= seriesLimits.directory, `its directory declares ${unpacked} bytes, more than ${seriesLimits.directory}`);
  check(from + packed <= bytes.length, 'it is cut short in the directory');
  const decoder = decoding.createDecoder(await unpack(bytes.subarray(from, from + packed), unpacked, decompress));
  const runId = decoding.readVarString(decoder);
  const names: string[] = [];
  // Each key has at least a length here and a segment later.
  for (let left = count(decoder, 1 + segmentSize, 'keys'); left > 0; left -= 1) names.push(decoding.readVarString(decoder));
  check(new Set(names).size === names.length, 'it names a key twice');
  const directory: Directory = { runId, keys: new Map(), blocks: [] };
  let offset = from + packed;
  let total = 0;
  for (let left = count(decoder, 4, 'blocks'); left > 0; left -= 1) {
    const block = readBlock(decoder, offset, names);
    offset += block.packed + block.plain;
    check(offset <= bytes.length, 'it is cut short in a block');
    for (const segment of block.segments) {
      total += segment.points;
      const known = directory.keys.get(segment.key);
      if (!known) directory.keys.set(segment.key, { points: segment.points, minStep: segment.minStep, maxStep: segment.maxStep });
      else {
        known.points += segment.points;
        known.minStep = Math.min(known.minStep, segment.minStep);
        known.maxStep = Math.max(known.maxStep, segment.maxStep);
      }
    }
    directory.blocks.push(block);
  }
  check(directory.keys.size === names.length, 'a key has no points');
  check(total <= seriesLimits.points, `it declares ${total} points, more than ${seriesLimits.points}`);
  check(offset === bytes.length && !decoding.hasContent(decoder), 'it has bytes left over');
  return directory;
}

function readBlock(decoder: decoding.Decoder, offset: number, names: string[]): Block {
  const packed = decoding.readVarUint(decoder);
  const unpacked = decoding.readVarUint(decoder);
  const plain = decoding.readVarUint(decoder);
  check(unpacked <= seriesLimits.block, `a block declares ${unpacked} bytes, more than ${seriesLimits.block}`);
  const segments: Block['segments'] = [];
  let points = 0;
  for (let left = count(decoder, segmentSize, 'segments'); left > 0; left -= 1) {
    const key = names[decoding.readVarUint(decoder)];
    check(key !== undefined, 'a segment is of no key');
    const segment = { key, points: decoding.readVarUint(decoder), minStep: decoding.readFloat64(decoder), maxStep: decoding.readFloat64(decoder) };
    check(segment.points > 0, 'a segment is empty');
    points += segment.points;
    segments.push(segment);
  }
  check(points <= seriesLimits.blockPoints, `a block declares ${points} points, more than ${seriesLimits.blockPoints}`);
  return { offset, packed, unpacked, plain, segments };
}

interface Wanted {
  has(key: string): boolean;
}

async function readKeys(
  bytes: Uint8Array,
  directory: Directory,
  wanted: Wanted,
  unpackBlock: (block: Block) => Promise<Uint8Array>,
): Promise<Map<string, PointColumns>> {
  const series = new Map<string, PointColumns>();
  const filled = new Map<string, number>();
  for (const [key, { points }] of directory.keys) if (wanted.has(key)) series.set(key, emptyColumns(points));
  for (const block of directory.blocks) {
    if (!block.segments.some(({ key }) => wanted.has(key))) continue;
    const unpacked = await unpackBlock(block);
    const start = decoding.createDecoder(unpacked);
    const head = decoding.readVarUint8Array(start);
    const plainFrom = block.offset + block.packed;
    const source = {
      head: decoding.createDecoder(head),
      packed: { bytes: unpacked, at: start.pos },
      plain: { bytes: bytes.subarray(plainFrom, plainFrom + block.plain), at: 0 },
    };
    for (const segment of block.segments) {
      const columns = series.get(segment.key);
      const at = filled.get(segment.key) ?? 0;
      readColumn(source, segment.points, columns?.step, at);
      readColumn(source, segment.points, columns?.time, at);
      readColumn(source, segment.points, columns?.value, at);
      if (!columns) continue;
      checkSegment(columns, at, segment);
      filled.set(segment.key, at + segment.points);
    }
    check(source.packed.at === unpacked.length && source.plain.at === block.plain, 'a block has bytes left over');
  }
  return series;
}

function checkSegment({ step, time }: PointColumns, from: number, { points, minStep, maxStep }: Block['segments'][number]): void {
  for (let i = from; i < from + points; i += 1) {
    check(step[i]! >= minStep && step[i]! <= maxStep && Number.isFinite(step[i]), 'a step is outside the range in the directory');
    check(Number.isFinite(time[i]), 'a time is not a finite number');
  }
}

async function unpack(packed: Uint8Array, length: number, decompress: Decompress): Promise<Uint8Array> {
  const bytes = await decompress(packed, length);
  check(bytes.length === length, `a part unpacks to ${bytes.length} bytes instead of ${length}`);
  return bytes;
}

/** A declared number of entries, refused when the bytes that are left cannot hold so many. */
function count(decoder: decoding.Decoder, entrySize: number, what: string): number {
  const declared = decoding.readVarUint(decoder);
  check(declared * entrySize <= decoder.arr.length - decoder.pos, `it declares ${declared} ${what}, more than there is room for`);
  return declared;
}

function check(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new SeriesError('damaged', `This series chunk is damaged: ${problem}.`);
}

function asSeriesError(error: unknown): never {
  if (error instanceof SeriesError) throw error;
  const reason = error instanceof Error ? error.message : String(error);
  throw new SeriesError('damaged', `This series chunk is damaged: ${reason}.`, { cause: error });
}

function emptyColumns(points: number): PointColumns {
  return { step: new Float64Array(points), time: new Float64Array(points), value: new Float64Array(points) };
}

function slice(columns: PointColumns, from: number, to: number): PointColumns {
  return { step: columns.step.subarray(from, to), time: columns.time.subarray(from, to), value: columns.value.subarray(from, to) };
}

function varUint(value: number): Uint8Array {
  return encoding.encode((encoder) => encoding.writeVarUint(encoder, value));
}

function concat(parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
