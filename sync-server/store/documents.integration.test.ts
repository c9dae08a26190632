import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAppendLog } from './appendLog.ts';
import { openChunks } from './chunks.ts';
import type { Files } from './files.ts';
import { createMemoryChunks, createMemoryLog } from './memory.ts';
import type { StoreError } from './ports.ts';
import { contents, documentsSuite, setField, startDocuments } from './suites/documentsSuite.ts';
import type { Storage } from './suites/documentsSuite.ts';
import { createFaultyFiles, dyingAt } from './suites/faultyFiles.ts';
import { tempFolder } from './suites/tempFolder.ts';
import { verifyStore } from './verify.ts';

async function openStorage(dir: string, files?: Files): Promise<Storage> {
  return {
    log: await openAppendLog({ dir: join(dir, 'log'), writerId: 'host-a', segmentBytes: 400, files }),
    chunks: await openChunks({ dir: join(dir, 'chunks'), files }),
  };
}

documentsSuite('on disk', () => openStorage(tempFolder()));
documentsSuite('in memory', async () => ({ log: createMemoryLog(), chunks: createMemoryChunks() }));

describe('documents on a failing disk', () => {
  it('keep edits while the disk is full, announce none of them, and store all of them once there is room', async () => {
    const dir = tempFolder();
    let full = false;
    const disk = createFaultyFiles(({ kind }) => (full && (kind === 'write' || kind === 'create') ? { code: 'ENOSPC', written: 9 } : undefined));
    const storage = await openStorage(dir, disk.files);
    const states: (StoreError | undefined)[] = [];
    const documents = await startDocuments(storage, [], { onStoring: (failure) => states.push(failure) });
    const opening = await documents.open('note/a');
    const announced: unknown[] = [];
    opening.onStored((_update, origin) => announced.push(origin));
    const edit = (i: number) => opening.doc.transact(() => opening.doc.getMap('m').set(`k${i}`, i), i);
    edit(0);
    await opening.durable();
    full = true;
    for (const i of [1, 2, 3]) {
      edit(i);
      await expect(opening.durable()).rejects.toMatchObject({ code: 'disk_full' });
    }
    expect([announced, states.map((state) => state?.code)]).toEqual([[0], ['disk_full']]);
    full = false;
    await documents.durable();
    expect([announced, states.map((state) => state?.code)]).toEqual([[0, 1, 2, 3], ['disk_full', undefined]]);
    opening.close();
    await documents.close();
    await storage.log.close();
    expect(await contents(await startDocuments(await openStorage(dir)), 'note/a')).toEqual({ k0: 0, k1: 1, k2: 2, k3: 3 });
  });

  it('stay loaded after the last opening is given back until all is stored', async () => {
    const dir = tempFolder();
    let full = true;
    const disk = createFaultyFiles(({ kind }) => (full && kind === 'write' ? { code: 'ENOSPC' } : undefined));
    const documents = await startDocuments(await openStorage(dir, disk.files));
    const opening = await documents.open('note/a');
    opening.doc.getMap('m').set('k', 1);
    await expect(opening.durable()).rejects.toMatchObject({ code: 'disk_full' });
    opening.close();
    expect(await contents(documents, 'note/a')).toEqual({ k: 1 });
    full = false;
    await documents.close();
    expect(await contents(await startDocuments(await openStorage(dir)), 'note/a')).toEqual({ k: 1 });
  });

  for (const keep of ['all', 'half', 'none'] as const) {
    it(`lose no durable edit when the process ends at any file operation and of unsynced bytes the disk keeps: ${keep}`, async () => {
      let died = true;
      for (let n = 1; died; n += 1) {
        const dir = tempFolder();
        const disk = createFaultyFiles(dyingAt(n));
        const durable: Record<string, unknown> = {};
        try {
          const storage = await openStorage(dir, disk.files);
          const documents = await startDocuments(storage);
          for (let i = 0; i < 8; i += 1) {
            await setField(documents, 'note/a', `k${i}`, i);
            durable[`k${i}`] = i;
            if (i === 2) await documents.snapshot('note/a');
            if (i === 5) await documents.compact();
            if (i >= 5) await storage.log.retire(documents.neededFrom());
          }
          await documents.close();
          await storage.log.close();
          died = false;
        } catch (error) {
          expect(error).toMatchObject({ message: expect.stringMatching(/injected by a test/) });
        }
        await disk.losePower(keep);
        const report = await verifyStore({ logDirs: [join(dir, 'log')], chunksDir: join(dir, 'chunks') });
        expect([report.damaged, report.badChunks, report.missingSnapshotChunks]).toEqual([[], [], []]);
        const after = await startDocuments(await openStorage(dir));
        expect(await contents(after, 'note/a')).toMatchObject(durable);
        expect(after.problems()).toEqual([]);
      }
    });
  }
});
