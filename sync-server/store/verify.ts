/**
 * Checks everything that a store holds, read-only: every record of every log, every chunk against its name, and that
 * the snapshot each document rests on is there. `daybook verify` prints its report. Safe while a host is running.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isHash } from './chunkName.ts';
import { decodeDocumentRecord, isDocumentRecord } from './documentRecord.ts';
import { asStoreError, systemCode } from './files.ts';
import { readLogDir } from './logFolder.ts';

export interface StoreReport {
  /** Valid records in all logs. */
  records: number;
  /** Chunks whose bytes match their name. */
  chunks: number;
  /** Bytes of valid payloads and chunks. */
  bytes: number;
  /** Stretches of a log that cannot be read though valid records follow, last records that are complete but wrong, or whole files of a newer format. */
  damaged: StoreFlaw[];
  /** What a crash left unfinished at the end of a log file; nothing acknowledged is lost by it. */
  tornTails: StoreFlaw[];
  /** Chunk files whose bytes do not match their name. */
  badChunks: string[];
  /** Documents whose newest snapshot in a log is neither there nor intact. */
  missingSnapshotChunks: { document: string; hash: string }[];
}

export interface StoreFlaw {
  file: string;
  /** Byte at which it starts. */
  offset: number;
  why: string;
}

/** StoreError `io` when a folder cannot be read, `too_new` when a log was written by a newer version. */
export async function verifyStore({ logDirs, chunksDir }: { logDirs: string[]; chunksDir: string }): Promise<StoreReport> {
  const report: StoreReport = { records: 0, chunks: 0, bytes: 0, damaged: [], tornTails: [], badChunks: [], missingSnapshotChunks: [] };
  const snapshots: { document: string; hash: string }[] = [];
  for (const dir of logDirs) snapshots.push(...(await verifyLog(dir, report)));
  const intact = await verifyChunks(chunksDir, report);
  report.missingSnapshotChunks = snapshots.filter(({ hash }) => !intact.has(hash));
  return report;
}

/** Counts a log into the report; answers with the newest snapshot of each document in it. */
async function verifyLog(dir: string, report: StoreReport): Promise<{ document: string; hash: string }[]> {
  const newest = new Map<string, string>();
  const records = readLogDir(dir, {
    // A cut-off end is what a crash leaves; a last record that is all there and wrong may well have been acknowledged.
    onFlaw: ({ kind, file, offset, why, whole }) => (kind === 'torn' && !whole ? report.tornTails : report.damaged).push({ file, offset, why }),
  });
  for await (const record of records) {
    report.records += 1;
    report.bytes += record.payload.length;
    if (!isDocumentRecord(record)) continue;
    const decoded = decodeDocumentRecord(record);
    if (!decoded) report.damaged.push({ file: dir, offset: 0, why: `record ${record.seq} is a malformed document record` });
    else if (decoded.kind === 'snapshot') newest.set(decoded.name, decoded.hash);
  }
  return [...newest].map(([document, hash]) => ({ document, hash }));
}

async function verifyChunks(dir: string, report: StoreReport): Promise<Set<string>> {
  const intact = new Set<string>();
  for (const folder of await namesIn(dir)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const rest of await namesIn(join(dir, folder))) {
      // What file managers leave in folders is none of ours.
      if (!isHash(folder + rest)) continue;
      const file = join(dir, folder, rest);
      const { hash, size } = await hashFile(file);
      if (hash !== folder + rest) {
        report.badChunks.push(file);
        continue;
      }
      intact.add(hash);
      report.chunks += 1;
      report.bytes += size;
    }
  }
  return intact;
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw asStoreError(error, 'Reading the chunks');
  }
}

async function hashFile(path: string): Promise<{ hash: string; size: number }> {
  const digest = createHash('sha256');
  let size = 0;
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      digest.update(piece);
      size += piece.length;
    }
  } catch (error) {
    throw asStoreError(error, 'Reading a chunk');
  }
  return { hash: digest.digest('hex'), size };
}
