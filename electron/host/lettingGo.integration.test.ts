/** What the log may let go of, and what an acknowledgement rests on: one moment each that once lost something. */
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as Y from 'yjs';
import { documentName } from '#model';
import { createFaultyFiles, type Fault, type Files, type FileOperation } from '#store';
import { openWorkspace, type Workspace } from './workspace.ts';

let dir: string;
let fault: (operation: FileOperation) => Fault | undefined;
let opened: Workspace[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-letting-go-'));
  fault = () => undefined;
  opened = [];
});
afterEach(async () => {
  fault = () => undefined;
  for (const workspace of opened) await workspace.close().catch(() => undefined);
  await rm(dir, { recursive: true });
});

/** Every part of its log is closed after one write, so that a checkpoint lets go of all it may. */
async function open(options: { files?: Files; share?: () => Promise<void>; segmentBytes?: number } = {}): Promise<Workspace> {
  const workspace = await openWorkspace({ dir, segmentBytes: 1, files: createFaultyFiles((operation) => fault(operation)).files, ...options });
  opened.push(workspace);
  return workspace;
}

/** Ends a workspace as a crash does: nothing more is written. */
async function crash(workspace: Workspace): Promise<void> {
  fault = () => ({ code: 'EIO' });
  await workspace.close().catch(() => undefined);
  fault = () => undefined;
}

/** The real disk, whose syncs wait while the gate is shut. */
function gatedFiles() {
  const { files } = createFaultyFiles((operation) => fault(operation));
  let release = (): void => undefined;
  let gate = Promise.resolve();
  let arrived = (): void => undefined;
  return {
    shut() {
      gate = new Promise((resolve) => (release = resolve));
      return new Promise<void>((resolve) => (arrived = resolve));
    },
    open: () => release(),
    files: {
      ...files,
      async create(path: string) {
        const file = await files.create(path);
        const sync = async (): Promise<void> => {
          if (path.endsWith('.log')) arrived();
          await gate;
          await file.sync();
        };
        return { ...file, sync };
      },
    },
  };
}

const point = (step: number) => ({ key: 'loss', step, time: step, value: step });

test('a param that comes while its run is being sealed outlives the log it was written to', async () => {
  const disk = gatedFiles();
  let sealing = (): void => undefined;
  const workspace = await open({ files: disk.files, share: async () => sealing() });
  const { id } = await workspace.tracking.createRun({ experimentId: '0' });
  await workspace.tracking.logBatch(id, { points: [point(1)] });
  await workspace.durable();

  const written = new Promise<void>((resolve) => {
    sealing = () => void disk.shut().then(resolve);
  });
  const checkpoint = workspace.checkpoint();
  await written;
  const logged = workspace.tracking.logBatch(id, { params: [{ key: 'late', value: '1' }] });
  sealing = () => undefined;
  disk.open();
  await Promise.all([checkpoint, logged]);
  await workspace.checkpoint();
  await workspace.checkpoint();
  await workspace.close();

  const again = await open();
  expect(again.catalog.run(id)!.params).toEqual({ late: '1' });
});

test('more points of a run than one chunk takes are all sealed before the log lets go of them', async () => {
  const workspace = await open();
  const { id } = await workspace.tracking.createRun({ experimentId: '0' });
  const batches = Array.from({ length: 4 }, (_, batch) => Array.from({ length: 700_000 }, (_point, i) => point(batch * 700_000 + i)));
  await Promise.all(batches.map((points) => workspace.tracking.logBatch(id, { points })));
  await workspace.checkpoint();
  await crash(workspace);
  const again = await open();
  expect((await again.series.read(id, 'loss')).step.length).toBe(2_800_000);
  expect(again.catalog.run(id)!.metrics.loss!.count).toBe(2_800_000);
}, 60_000);

test('facts of a run that no document knows stay in the log, and show when the run comes back', async () => {
  const first = await open();
  const { id } = await first.tracking.createRun({ experimentId: '0' });
  const document = await first.documents.open(documentName.experiment('0'));
  const before = Y.encodeStateAsUpdate(document.doc);
  document.close();
  await first.checkpoint();
  const snapshots = await chunkFiles();
  await first.tracking.logBatch(id, { points: [point(1)], params: [{ key: 'lr', value: '1' }] });
  await crash(first);
  for (const file of snapshots) await rm(file);
  await rm(join(dir, 'state'), { recursive: true });

  const second = await open();
  expect(second.catalog.run(id)).toBeUndefined();
  await second.checkpoint();
  await second.close();

  const third = await open();
  const found = await third.documents.open(documentName.experiment('0'));
  Y.applyUpdate(found.doc, before);
  await found.durable();
  await expect.poll(() => third.catalog.run(id)?.params).toEqual({ lr: '1' });
  expect([...(await third.series.read(id, 'loss')).step]).toEqual([1]);
  found.close();
});

test('facts of a moved folder that no document knows yet are adopted once it does', async () => {
  const first = await open();
  const { id } = await first.tracking.createRun({ experimentId: '0' });
  const document = await first.documents.open(documentName.experiment('0'));
  const before = Y.encodeStateAsUpdate(document.doc);
  document.close();
  await first.checkpoint();
  const snapshots = await chunkFiles();
  await first.tracking.logBatch(id, { points: [point(1)], params: [{ key: 'lr', value: '1' }] });
  await crash(first);
  for (const file of snapshots) await rm(file);
  await rm(join(dir, 'state'), { recursive: true });
  await rename(dir, `${dir}-moved`);
  dir = `${dir}-moved`;

  const second = await open();
  expect(second.hostId).not.toBe(first.hostId);
  expect(second.catalog.run(id)).toBeUndefined();
  const other = await second.tracking.createRun({ experimentId: '0' });
  const found = await second.documents.open(documentName.experiment('0'));
  Y.applyUpdate(found.doc, before);
  await found.durable();
  found.close();
  await second.close();

  for (let opening = 0; opening < 2; opening += 1) {
    const third = await open();
    expect(third.catalog.run(id)).toMatchObject({ params: { lr: '1' }, metrics: { loss: { count: 1 } } });
    expect(third.catalog.run(other.id)).toBeDefined();
    await third.close();
  }
});

async function chunkFiles(): Promise<string[]> {
  const entries = await readdir(join(dir, 'chunks'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test('a batch that a full disk refuses is refused whole, is not shown, and can be sent again', async () => {
  const workspace = await open();
  const { id } = await workspace.tracking.createRun({ experimentId: '0' });
  const batches = [
    { points: [point(1)], params: [{ key: 'lr', value: '1' }] },
    { points: [point(2)], params: [{ key: 'wd', value: '1' }], tags: [{ key: 'a', value: 'b' }] },
    { points: [point(3)] },
  ];
  fault = ({ kind }) => (kind === 'write' || kind === 'create' ? { code: 'ENOSPC' } : undefined);
  const outcomes = await Promise.allSettled(batches.map((batch) => workspace.tracking.logBatch(id, batch)));
  expect(outcomes).toMatchObject(batches.map(() => ({ status: 'rejected', reason: { code: 'disk_full' } })));
  expect(workspace.failure()).toContain('full');
  expect(workspace.catalog.run(id)).toMatchObject({ params: {}, metrics: {} });
  expect((await workspace.series.read(id, 'loss')).step).toHaveLength(0);
  fault = () => undefined;
  for (const batch of batches) await workspace.tracking.logBatch(id, batch);
  expect(workspace.failure()).toBeUndefined();
  await crash(workspace);

  const again = await open();
  expect(again.catalog.run(id)).toMatchObject({ params: { lr: '1', wd: '1' }, tags: { a: 'b' }, metrics: { loss: { count: 3 } } });
});

test('nothing is acknowledged of a run or experiment whose own beginning is not stored', async () => {
  const workspace = await open();
  fault = ({ kind }) => (kind === 'write' || kind === 'create' ? { code: 'ENOSPC' } : undefined);
  await expect(workspace.tracking.createExperiment({ name: 'mnist' })).rejects.toMatchObject({ code: 'disk_full' });
  await expect(workspace.tracking.createRun({ experimentId: '0', name: 'seen' })).rejects.toMatchObject({ code: 'disk_full' });
  fault = () => undefined;
  // They are in memory and stay there: others may have seen them by now, and go on from there.
  const [seen] = [...workspace.catalog.runs('0')];
  await workspace.tracking.logBatch(seen!.id, { points: [point(1)] });
  const { id } = await workspace.tracking.createRun({ experimentId: workspace.catalog.experimentByName('mnist')!.id });
  await crash(workspace);

  const again = await open();
  expect(again.catalog.run(seen!.id)).toMatchObject({ name: 'seen', metrics: { loss: { count: 1 } } });
  expect(again.catalog.experiment(again.catalog.run(id)!.experimentId)?.name).toBe('mnist');
});

test('the same param again is acknowledged only when the first was stored', async () => {
  const disk = gatedFiles();
  const workspace = await open({ files: disk.files, segmentBytes: 100_000 });
  const { id } = await workspace.tracking.createRun({ experimentId: '0' });
  const writing = disk.shut();
  const first = workspace.tracking.logBatch(id, { params: [{ key: 'lr', value: '1' }] });
  await writing;
  const other = workspace.tracking.logBatch(id, { points: [point(1)] });
  const second = workspace.tracking.logBatch(id, { params: [{ key: 'lr', value: '1' }] });
  let failures = 1;
  fault = ({ kind }) => (kind === 'sync' && failures-- > 0 ? { code: 'EIO' } : undefined);
  disk.open();
  expect((await Promise.allSettled([first, other, second])).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  expect(workspace.catalog.run(id)!.params).toEqual({});
});
