/**
 * Reading a log's folder: its segments in order, their records in order, flaws reported and stepped over. Read-only, so
 * it also serves another writer's folder, even while that writer is writing: `for await (const r of readLogDir(dir)) …`
 */
import { open, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asStoreError, systemCode } from './files.ts';
import type { LogRecord } from './ports.ts';
import type { SegmentFlaw, SegmentHeader } from './recordFormat.ts';
import { decodeSegmentHeader, endOfSegment, scanSegment } from './recordFormat.ts';

export interface SegmentName {
  /** Name of the file in its folder. */
  file: string;
  epoch: number;
  number: number;
}

/** A flaw and the file (full path) it is in. */
export type LogFlaw = SegmentFlaw & { file: string };

export interface ReadOptions {
  /** Only records with this sequence number or a greater one; 1. */
  from?: number;
  /** Told of every torn tail and damaged stretch that is met. */
  onFlaw?: (flaw: LogFlaw) => void;
  /** Files not to be read, e.g. as known to hold only older records. */
  skip?: (file: string) => boolean;
  /** How many bytes of a file count; all when undefined. A writer hides what it has not synced yet. */
  limit?: (file: string) => number | undefined;
}

export function segmentFile(epoch: number, number: number): string {
  return `${String(epoch).padStart(8, '0')}-${String(number).padStart(6, '0')}.log`;
}

/** The segments of a folder, oldest first; other files are ignored, a missing folder is an empty one. */
export async function listSegments(dir: string): Promise<SegmentName[]> {
  const files = await readdir(dir).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw asStoreError(error, 'Reading the log folder');
  });
  return files
    .flatMap((file) => {
      const [, epoch, number] = /^(\d{1,10})-(\d{1,10})\.log$/.exec(file) ?? [];
      return epoch && number ? [{ file, epoch: Number(epoch), number: Number(number) }] : [];
    })
    .sort((a, b) => a.epoch - b.epoch || a.number - b.number);
}

/** The header of a segment; undefined when it is damaged or the file is gone. StoreError `too_new`. */
export async function readSegmentHeader(path: string): Promise<SegmentHeader | undefined> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw asStoreError(error, 'Reading the log');
  });
  if (!handle) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1024), 0, 1024, 0);
    return decodeSegmentHeader(buffer.subarray(0, bytesRead))?.header;
  } finally {
    await handle.close();
  }
}

/** A segment's bytes; undefined when it was retired meanwhile. */
export async function readSegment(path: string, limit?: number): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(path);
    return limit === undefined ? bytes : bytes.subarray(0, limit);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw asStoreError(error, 'Reading the log');
  }
}

/**
 * Every stored record of a log folder in order. Payloads are views of a whole segment; copy what is kept for long.
 * StoreError `io`, or `too_new` when a segment was written by a newer version.
 */
export async function* readLogDir(dir: string, options: ReadOptions = {}): AsyncGenerator<LogRecord> {
  const from = options.from ?? 1;
  const segments = await listSegments(dir);
  for (const [index, segment] of segments.entries()) {
    if (options.skip?.(segment.file)) continue;
    const path = join(dir, segment.file);
    const bytes = await readSegment(path, options.limit?.(segment.file));
    if (!bytes) continue;
    const newest = await newestValid(dir, segments, index);
    for (const part of scanSegment(bytes)) {
      if ('flaw' in part) options.onFlaw?.({ ...part.flaw, file: path });
      else if ('record' in part && part.record.type !== endOfSegment && part.record.seq >= from && part.record.seq <= newest) {
        yield part.record;
      }
    }
  }
}

/** Records above this number are void in segment `index`: the next segment of its epoch says that their write had failed. */
async function newestValid(dir: string, segments: readonly SegmentName[], index: number): Promise<number> {
  const epoch = segments[index]?.epoch;
  for (const later of segments.slice(index + 1)) {
    if (later.epoch !== epoch) break;
    const header = await readSegmentHeader(join(dir, later.file));
    if (header) return header.after;
  }
  return Number.MAX_SAFE_INTEGER;
}
