/** What Documents must do over any log and chunks; run over the disk's and the memory's. */
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createDocuments } from '../documents.ts';
import type { DocumentsOptions } from '../documents.ts';
import { encodeUpdateRecord } from '../documentRecord.ts';
import type { AppendLog, Chunks, Documents } from '../ports.ts';
import { recordType } from '../ports.ts';
import { seqs } from './appendLogSuite.ts';

export interface Storage {
  log: AppendLog;
  chunks: Chunks;
}

/** Documents as after a start: the log replayed, other writers' logs too. */
export async function startDocuments(storage: Storage, foreign: AppendLog[] = [], options: Partial<DocumentsOptions> = {}): Promise<Documents> {
  const documents = createDocuments({ ...storage, ...options });
  for await (const record of storage.log.read()) documents.replay(record);
  for (const log of foreign) for await (const record of log.read()) documents.replay(record, { foreign: true });
  return documents;
}

/** The map `m` of a document, as plain values. */
export async function contents(documents: Documents, name: string): Promise<Record<string, unknown>> {
  const opening = await documents.open(name);
  const found = opening.doc.getMap('m').toJSON();
  opening.close();
  return found;
}

/** Sets one field of the map `m` and waits until it is stored. */
export async function setField(documents: Documents, name: string, key: string, value: unknown): Promise<void> {
  const opening = await documents.open(name);
  opening.doc.getMap('m').set(key, value);
  await opening.durable();
  opening.close();
}

/** `open` gives new, empty storage at each call. */
export function documentsSuite(name: string, open: () => Promise<Storage>): void {
  describe(`documents, ${name}`, () => {
    it('has after a restart what was durable before', async () => {
      const storage = await open();
      const before = await startDocuments(storage);
      await setField(before, 'experiment/1', 'lr', 0.1);
      await setField(before, 'note/a', 'text', 'hello');
      await before.close();
      const after = await startDocuments(storage);
      expect(after.names().sort()).toEqual(['experiment/1', 'note/a']);
      expect(await contents(after, 'experiment/1')).toEqual({ lr: 0.1 });
      expect([after.position('experiment/1'), after.position('note/a'), after.position('note/b')]).toEqual([1, 2, 0]);
    });

    it('gives the same Y.Doc to all openings and unloads it after the last', async () => {
      const documents = await startDocuments(await open());
      const [one, two] = await Promise.all([documents.open('note/a'), documents.open('note/a')]);
      expect(one.doc).toBe(two.doc);
      one.doc.getMap('m').set('k', 1);
      one.close();
      one.close();
      two.doc.getMap('m').set('l', 2);
      await two.durable();
      two.close();
      const three = await documents.open('note/a');
      expect(three.doc).not.toBe(two.doc);
      expect(three.doc.getMap('m').toJSON()).toEqual({ k: 1, l: 2 });
    });

    it('stores an edit made just before the last opening is given back', async () => {
      const storage = await open();
      const documents = await startDocuments(storage);
      const opening = await documents.open('note/a');
      opening.doc.getMap('m').set('last', 'words');
      opening.close();
      await documents.close();
      expect(await contents(await startDocuments(storage), 'note/a')).toEqual({ last: 'words' });
    });

    it('announces updates in order, with their origin, once they are stored', async () => {
      const storage = await open();
      const documents = await startDocuments(storage);
      const opening = await documents.open('note/a');
      const copy = new Y.Doc();
      const origins: unknown[] = [];
      const stop = opening.onStored((update, origin) => {
        Y.applyUpdate(copy, update);
        origins.push(origin);
      });
      for (let i = 0; i < 20; i += 1) opening.doc.transact(() => opening.doc.getMap('m').set('i', i), `edit ${i}`);
      expect(origins).toEqual([]);
      await opening.durable();
      expect(origins).toEqual(Array.from({ length: 20 }, (_, i) => `edit ${i}`));
      expect(copy.getMap('m').toJSON()).toEqual({ i: 19 });
      stop();
      opening.doc.getMap('m').set('i', 20);
      await opening.durable();
      expect(origins.length).toBe(20);
    });

    it('needs nothing older than its newest snapshot', async () => {
      const storage = await open();
      const documents = await startDocuments(storage, [], { snapshotUpdates: 5 });
      for (let i = 0; i < 6; i += 1) await setField(documents, 'experiment/1', `k${i}`, i);
      expect(documents.snapshotDue('experiment/1')).toBe(true);
      expect(documents.neededFrom()).toBe(1);
      await documents.snapshot('experiment/1');
      expect(documents.snapshotDue('experiment/1')).toBe(false);
      expect(documents.neededFrom()).toBe(7);
      await setField(documents, 'experiment/1', 'later', true);
      await documents.close();
      await storage.log.retire(7);
      const after = await startDocuments(storage);
      expect(await contents(after, 'experiment/1')).toEqual({ k0: 0, k1: 1, k2: 2, k3: 3, k4: 4, k5: 5, later: true });
      expect([after.neededFrom(), after.position('experiment/1')]).toEqual([7, 8]);
    });

    it('compacts so that the whole older log may go, quiet documents included', async () => {
      const storage = await open();
      const documents = await startDocuments(storage);
      await setField(documents, 'note/quiet', 'k', 'old');
      await documents.compact();
      for (let i = 0; i < 10; i += 1) await setField(documents, 'note/busy', 'k', i);
      await documents.compact();
      await documents.close();
      const needed = documents.neededFrom();
      expect(needed).toBeGreaterThan(11);
      await storage.log.retire(needed);
      expect((await seqs(storage.log, needed)).length).toBe(2);
      const after = await startDocuments(storage);
      expect([await contents(after, 'note/quiet'), await contents(after, 'note/busy')]).toEqual([{ k: 'old' }, { k: 9 }]);
    });

    it('needs nothing when there is nothing, and an opened empty document leaves no trace', async () => {
      const storage = await open();
      const documents = await startDocuments(storage);
      (await documents.open('note/a')).close();
      await documents.snapshot('note/a');
      expect([documents.names(), documents.neededFrom(), documents.snapshotDue('note/a')]).toEqual([[], 1, false]);
      await documents.close();
      await expect(documents.open('note/a')).rejects.toMatchObject({ code: 'closed' });
    });

    it("adds what other writers' logs hold, whose numbers mean nothing here", async () => {
      const mine = await open();
      const theirs = await open();
      const my = await startDocuments(mine);
      await setField(my, 'experiment/1', 'mine', 1);
      const their = await startDocuments(theirs);
      for (let i = 0; i < 5; i += 1) await setField(their, 'experiment/1', 'theirs', i);
      await setField(their, 'note/only-theirs', 'k', 'v');
      await Promise.all([my.close(), their.close()]);
      const both = await startDocuments(mine, [theirs.log]);
      expect(await contents(both, 'experiment/1')).toEqual({ mine: 1, theirs: 4 });
      expect(await contents(both, 'experiment/1')).toEqual({ mine: 1, theirs: 4 });
      expect(await contents(both, 'note/only-theirs')).toEqual({ k: 'v' });
      expect([both.position('experiment/1'), both.position('note/only-theirs'), both.neededFrom()]).toEqual([1, 0, 1]);
      await both.snapshot('experiment/1');
      await both.close();
      expect(await contents(await startDocuments(mine), 'experiment/1')).toEqual({ mine: 1, theirs: 4 });
    });

    it('skips an update that Yjs cannot apply, says so, and shows the rest', async () => {
      const storage = await open();
      const documents = await startDocuments(storage);
      await setField(documents, 'note/a', 'before', 1);
      storage.log.append(recordType.documentUpdate, encodeUpdateRecord('note/a', Buffer.from([1, 255, 255, 255, 3, 9, 9])));
      storage.log.append(recordType.documentUpdate, Buffer.from([200]));
      await storage.log.durable();
      await setField(documents, 'note/a', 'after', 2);
      await documents.close();
      const after = await startDocuments(storage);
      expect(await contents(after, 'note/a')).toEqual({ before: 1, after: 2 });
      expect(after.problems().map(({ name: document, kind }) => [document, kind])).toEqual([
        ['', 'update'],
        ['note/a', 'update'],
      ]);
    });

    it('falls back to older snapshots and the log when the newest snapshot is gone', async () => {
      const storage = await open();
      const documents = await startDocuments(storage);
      await setField(documents, 'note/a', 'k', 1);
      await documents.snapshot('note/a');
      await setField(documents, 'note/a', 'l', 2);
      await documents.snapshot('note/a');
      await setField(documents, 'note/a', 'm', 3);
      await documents.close();
      const older = await documentSnapshots(storage);
      const holed: Chunks = {
        ...storage.chunks,
        get: (hash) => storage.chunks.get(hash === older.at(-1) ? '0'.repeat(64) : hash),
      };
      const after = await startDocuments({ log: storage.log, chunks: holed });
      expect(await contents(after, 'note/a')).toEqual({ k: 1, l: 2, m: 3 });
      expect(after.problems().map(({ kind }) => kind)).toEqual(['snapshot']);
      expect(after.snapshotDue('note/a')).toBe(true);
    });

    it('takes records of documents only, and of none that is open', async () => {
      const documents = await startDocuments(await open());
      expect(documents.replay({ seq: 1, type: recordType.points, payload: new Uint8Array(0) })).toBe(false);
      await documents.open('note/a');
      const record = { seq: 1, type: recordType.documentUpdate, payload: encodeUpdateRecord('note/a', Y.encodeStateAsUpdate(new Y.Doc())) };
      expect(() => documents.replay(record)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    });
  });
}

/** Hashes of all chunks, oldest snapshot first; every chunk here is a snapshot. */
async function documentSnapshots(storage: Storage): Promise<string[]> {
  const bySize: { hash: string; size: number }[] = [];
  for await (const chunk of storage.chunks.list()) bySize.push(chunk);
  return bySize.sort((a, b) => a.size - b.size).map(({ hash }) => hash);
}
