import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openAppendLog } from './appendLog.ts';
import { chunkPath, openChunks } from './chunks.ts';
import { setField, startDocuments } from './suites/documentsSuite.ts';
import { tempFolder } from './suites/tempFolder.ts';
import { verifyStore } from './verify.ts';

/** A store with one document that has a snapshot, and one chunk besides. */
async function sampleStore() {
  const dir = tempFolder();
  const places = { logDirs: [join(dir, 'log')], chunksDir: join(dir, 'chunks') };
  const log = await openAppendLog({ dir: join(dir, 'log'), writerId: 'host-a' });
  const chunks = await openChunks({ dir: places.chunksDir });
  const { hash } = await chunks.put(Buffer.from('weights'));
  const documents = await startDocuments({ log, chunks });
  await setField(documents, 'note/a', 'k', 1);
  await documents.snapshot('note/a');
  await setField(documents, 'note/a', 'k', 2);
  await documents.close();
  await log.close();
  const segment = join(dir, 'log', readdirSync(join(dir, 'log'))[0] ?? '');
  return { places, segment, chunkFile: chunkPath(places.chunksDir, hash), hash };
}

it('counts what is there and finds nothing wrong with a sound store', async () => {
  const { places } = await sampleStore();
  const report = await verifyStore(places);
  expect(report).toMatchObject({ records: 3, chunks: 2, damaged: [], tornTails: [], badChunks: [], missingSnapshotChunks: [] });
  expect(report.bytes).toBeGreaterThan(7);
});

it('finds nothing in a store that was never written', async () => {
  const dir = tempFolder();
  const report = await verifyStore({ logDirs: [join(dir, 'log')], chunksDir: join(dir, 'chunks') });
  expect(report).toMatchObject({ records: 0, chunks: 0, bytes: 0 });
});

it('takes one wrong bit in the last record for damage, not for a write that was cut off', async () => {
  const { places, segment } = await sampleStore();
  const bytes = readFileSync(segment);
  // As after kill -9: the file ends with its last record, without the one that closes a segment.
  const last = bytes.lastIndexOf(Buffer.from([0xda, 0x79, 0x62, 0x6b]), bytes.length - 25);
  const open = bytes.subarray(0, last + 24 + bytes.readUInt32LE(last + 12));
  writeFileSync(segment, open);
  const healthy = await verifyStore(places);
  expect(healthy).toMatchObject({ damaged: [], tornTails: [] });
  open[open.length - 1]! ^= 1;
  writeFileSync(segment, open);
  expect(await verifyStore(places)).toMatchObject({ records: healthy.records - 1, damaged: [{ file: segment, offset: last }], tornTails: [] });
  writeFileSync(segment, open.subarray(0, open.length - 1));
  expect(await verifyStore(places)).toMatchObject({ damaged: [], tornTails: [{ file: segment, offset: last }] });
});

it('names damage, torn tails, bad chunks and missing snapshots, and changes no file', async () => {
  const { places, segment, chunkFile } = await sampleStore();
  const bytes = readFileSync(segment);
  bytes[60] = (bytes[60] ?? 0) ^ 4;
  writeFileSync(segment, bytes);
  appendFileSync(segment, 'half a record');
  writeFileSync(chunkFile, 'weighty');
  const torn = readFileSync(segment);
  const report = await verifyStore(places);
  expect(report).toMatchObject({ records: 2, chunks: 1, badChunks: [chunkFile] });
  expect(report.damaged).toMatchObject([{ file: segment }]);
  expect(report.tornTails).toMatchObject([{ file: segment, offset: bytes.length }]);
  expect(readFileSync(segment)).toEqual(torn);
  expect(readFileSync(chunkFile, 'utf8')).toBe('weighty');

  rmSync(places.chunksDir, { recursive: true });
  expect((await verifyStore(places)).missingSnapshotChunks).toMatchObject([{ document: 'note/a' }]);
});
