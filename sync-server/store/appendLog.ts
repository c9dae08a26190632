/**
 * An append-only log in a folder of segments (bytes: `recordFormat.ts`), with one writer.
 *
 *   const log = await openAppendLog({ dir, writerId });
 *   const seq = log.append(recordType.points, payload);
 *   await log.durable(seq);          // now it survives a power loss
 *
 * Group commit: records gather while one write + fdatasync is under way and share the next. Records appended in one
 * go, without awaiting between, are always stored or refused together.
 *
 * Every opening writes to files of its own (a new epoch), so a torn tail is never appended to. After a failed write or
 * sync the file is given up for good, because the system may have dropped the pages that it then calls clean: the
 * batch is refused, cut off the file, and the next one begins a new segment whose header declares it void. A refused
 * record can come back only if cutting failed too and the process ended before it stored anything else.
 */
import { dirname, join } from 'node:path';
import type { Files, WritableFile } from './files.ts';
import { asStoreError, diskFiles, systemCode } from './files.ts';
import type { LogFlaw } from './logFolder.ts';
import { listSegments, readLogDir, readSegment, segmentFile } from './logFolder.ts';
import type { AppendLog } from './ports.ts';
import { StoreError } from './ports.ts';
import { checkRecord, encodeSegmentHeader, endOfSegment, recordOverhead, scanSegment, writeRecordHead } from './recordFormat.ts';

export interface AppendLogOptions {
  /** The folder of this writer alone; made when missing. */
  dir: string;
  /** Who writes; stands in every segment's header. At most 200 bytes. */
  writerId: string;
  /** A segment that has grown to this size is closed and the next one begun; 16 MB. */
  segmentBytes?: number;
  /** Told of torn tails and damage met by `read`. */
  onFlaw?: (flaw: LogFlaw) => void;
  files?: Files;
}

interface Batch {
  first: number;
  last: number;
  parts: Uint8Array[];
  bytes: number;
  done: Promise<void>;
  resolve: () => void;
  reject: (error: StoreError) => void;
}

interface OpenSegment {
  name: string;
  file: WritableFile;
  /** Bytes that are synced; 0 until the header is. */
  size: number;
}

const slabBytes = 256 * 1024;
const largeRecord = 64 * 1024;
const flushUnasked = 4 * 1024 * 1024;

/** StoreError `io`, `too_new`, or `invalid_argument` when the folder belongs to another writer. */
export async function openAppendLog(options: AppendLogOptions): Promise<AppendLog> {
  const { dir, writerId, segmentBytes = 16 * 1024 * 1024, files = diskFiles, onFlaw } = options;
  if (!writerId || Buffer.byteLength(writerId) > 200) throw new StoreError('invalid_argument', 'writerId: give 1 to 200 bytes.');
  try {
    await files.createFolder(dir);
    // Also when it was there: whoever made it may have ended before its name was synced.
    await files.syncFolder(dirname(dir));
  } catch (error) {
    throw asStoreError(error, 'Creating the log folder');
  }
  const { epoch, newest } = await lastState(dir, writerId);

  let lastSeq = newest;
  /** Newest record known to be stored. */
  let storedSeq = newest;
  /** Every record up to here is stored or refused. */
  let settledSeq = newest;
  const refused: { first: number; last: number; error: StoreError }[] = [];
  let segment: OpenSegment | undefined;
  let nextNumber = 1;
  let gathering: Batch | undefined;
  let writing: Batch | undefined;
  let scheduled = false;
  let closing: Promise<void> | undefined;
  /** Greatest sequence number of closed segments whose records are all valid. */
  const greatest = new Map<string, number>();
  /** Files given up after a failure, and how many of their bytes count. */
  const givenUp = new Map<string, number>();
  let slab = Buffer.allocUnsafeSlow(slabBytes);
  let slabUsed = 0;

  function schedule(): void {
    if (scheduled || writing || !gathering) return;
    scheduled = true;
    // After the callbacks that are due now, so that all who were just woken share this write.
    setImmediate(() => {
      scheduled = false;
      void writeGathered();
    });
  }

  async function writeGathered(): Promise<void> {
    const batch = gathering;
    if (!batch || writing) return;
    gathering = undefined;
    writing = batch;
    try {
      await writeBatch(batch);
      storedSeq = batch.last;
      settledSeq = batch.last;
      writing = undefined;
      // Before anyone is woken: while they work on their answers, the disk works on what came meanwhile.
      void writeGathered();
      batch.resolve();
    } catch (error) {
      const failure = asStoreError(error, 'Writing to the log');
      await abandonSegment();
      refuse(batch, failure);
      settledSeq = batch.last;
      writing = undefined;
      batch.reject(failure);
      schedule();
    }
  }

  async function writeBatch(batch: Batch): Promise<void> {
    if (segment && segment.size >= segmentBytes) await finishSegment();
    if (segment) {
      await segment.file.write(batch.parts);
      await segment.file.sync();
      segment.size += batch.bytes;
      return;
    }
    const number = nextNumber;
    nextNumber += 1;
    const name = segmentFile(epoch, number);
    const file = await files.create(join(dir, name), 'often').catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
      throw new StoreError('io', 'Another program writes to this log. Close it, then start again.', { cause: error });
    });
    segment = { name, file, size: 0 };
    const header = encodeSegmentHeader({ writerId, epoch, number, first: batch.first, after: storedSeq });
    await file.write([header, ...batch.parts]);
    await file.sync();
    await files.syncFolder(dir);
    segment.size = header.length + batch.bytes;
  }

  /** Closes a full segment in good order. Its records are stored already, so a failure here loses nothing. */
  async function finishSegment(): Promise<void> {
    const finished = segment;
    if (!finished) return;
    segment = undefined;
    greatest.set(finished.name, storedSeq);
    const end = Buffer.alloc(recordOverhead);
    writeRecordHead(end, 0, endOfSegment, storedSeq, new Uint8Array(0));
    try {
      await finished.file.write([end]);
      await finished.file.sync();
    } catch {
      await finished.file.truncate(finished.size).catch(ignore);
    }
    await finished.file.close().catch(ignore);
  }

  /** After a failure: cuts off what was refused and never touches the file again. */
  async function abandonSegment(): Promise<void> {
    const failed = segment;
    if (!failed) return;
    segment = undefined;
    givenUp.set(failed.name, failed.size);
    await failed.file.truncate(failed.size).catch(ignore);
    await failed.file.close().catch(ignore);
    if (failed.size === 0) await files.remove(join(dir, failed.name)).catch(ignore);
    else greatest.set(failed.name, storedSeq);
  }

  function refuse(batch: Batch, error: StoreError): void {
    const before = refused.at(-1);
    if (before && before.last === batch.first - 1) Object.assign(before, { last: batch.last, error });
    else refused.push({ first: batch.first, last: batch.last, error });
  }

  /** Room for a record: a piece of the slab that small ones are gathered in, or a buffer of its own. */
  function recordRoom(size: number): Buffer {
    if (size > largeRecord) return Buffer.allocUnsafeSlow(size);
    if (slabUsed + size > slab.length) {
      slab = Buffer.allocUnsafeSlow(slabBytes);
      slabUsed = 0;
    }
    slabUsed += size;
    return slab.subarray(slabUsed - size, slabUsed);
  }

  function addPart(batch: Batch, part: Uint8Array): void {
    const before = batch.parts.at(-1);
    // Neighbours in one slab become one part: fewer, larger pieces to write.
    if (before && before.buffer === part.buffer && before.byteOffset + before.length === part.byteOffset) {
      batch.parts[batch.parts.length - 1] = Buffer.from(before.buffer, before.byteOffset, before.length + part.length);
    } else {
      batch.parts.push(part);
    }
    batch.bytes += part.length;
  }

  const log: AppendLog = {
    get lastSeq() {
      return lastSeq;
    },

    append(type, payload) {
      if (closing) throw new StoreError('closed', 'The log is closed.');
      checkRecord(type, payload);
      const seq = lastSeq + 1;
      gathering ??= newBatch(seq);
      const record = recordRoom(recordOverhead + payload.length);
      writeRecordHead(record, 0, type, seq, payload);
      record.set(payload, recordOverhead);
      addPart(gathering, record);
      lastSeq = seq;
      gathering.last = seq;
      if (gathering.bytes > flushUnasked) schedule();
      return seq;
    },

    durable(seq = lastSeq, from = seq) {
      if (seq > lastSeq) return Promise.reject(new StoreError('invalid_argument', `seq: ${seq} was not appended yet; the newest is ${lastSeq}.`));
      const failure = refused.findLast((range) => range.first <= seq && range.last >= from);
      if (failure) return Promise.reject(failure.error);
      if (seq <= settledSeq) return Promise.resolve();
      if (writing && seq <= writing.last) return writing.done;
      schedule();
      const rest = gathering?.done ?? Promise.resolve();
      return writing && from <= writing.last ? Promise.all([writing.done, rest]).then(ignore) : rest;
    },

    read(from = 1) {
      const limit = (file: string) => (file === segment?.name ? segment.size : givenUp.get(file));
      const skip = (file: string) => (greatest.get(file) ?? Infinity) < from || limit(file) === 0;
      return readLogDir(dir, { from, onFlaw, limit, skip });
    },

    async retire(seq) {
      const closed = (await listSegments(dir)).filter(({ file }) => file !== segment?.name);
      // The newest segment stays: without it the next opening would not know where numbers go on.
      if (!segment) closed.pop();
      let removed = false;
      for (const { file } of closed) {
        if (!greatest.has(file)) greatest.set(file, await greatestSeq(join(dir, file)));
        if ((greatest.get(file) ?? Infinity) >= seq) continue;
        await files.remove(join(dir, file));
        greatest.delete(file);
        removed = true;
      }
      if (removed) await files.syncFolder(dir);
    },

    close() {
      closing ??= (async () => {
        let failure: unknown;
        while (gathering || writing) {
          schedule();
          await (writing ?? gathering)?.done.catch((error: unknown) => (failure = error));
        }
        await finishSegment();
        if (failure) throw failure;
      })();
      return closing;
    },
  };
  return log;
}

function newBatch(first: number): Batch {
  let resolve: Batch['resolve'] = ignore;
  let reject: Batch['reject'] = ignore;
  const done = new Promise<void>((onStored, onRefused) => {
    resolve = onStored;
    reject = onRefused;
  });
  // Whoever asked with `durable` gets the rejection; nobody may have asked.
  done.catch(ignore);
  return { first, last: first, parts: [], bytes: 0, done, resolve, reject };
}

/** The epoch for a new opening and the newest sequence number in use. */
async function lastState(dir: string, writerId: string): Promise<{ epoch: number; newest: number }> {
  const segments = await listSegments(dir);
  let newest = 0;
  for (const { file } of segments.toReversed()) {
    let headerFound = false;
    const bytes = await readSegment(join(dir, file));
    for (const part of scanSegment(bytes ?? Buffer.alloc(0))) {
      if ('record' in part) newest = Math.max(newest, part.record.seq);
      if (!('header' in part)) continue;
      headerFound = true;
      newest = Math.max(newest, part.header.first - 1);
      if (part.header.writerId !== writerId) {
        throw new StoreError('invalid_argument', `writerId: this log belongs to ${part.header.writerId}, not to ${writerId}.`);
      }
    }
    // An intact header says what came before it, so older segments need no look.
    if (headerFound) break;
  }
  return { epoch: (segments.at(-1)?.epoch ?? 0) + 1, newest };
}

/** Greatest sequence number in a closed segment; Infinity when it is damaged, so that it is kept for a repair. */
async function greatestSeq(path: string): Promise<number> {
  let greatest = 0;
  for (const part of scanSegment((await readSegment(path)) ?? Buffer.alloc(0))) {
    if ('flaw' in part && part.flaw.kind === 'damaged') return Infinity;
    if ('record' in part) greatest = Math.max(greatest, part.record.seq);
  }
  return greatest;
}

function ignore(): void {
  // Used where a failure changes nothing that was promised.
}
