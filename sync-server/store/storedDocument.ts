/**
 * One Yjs document and what is stored of it: its newest snapshot chunk, the updates after it, and what other writers'
 * logs add. Loaded on the first opening, unloaded after the last is given back and everything is stored; in between
 * every update that the Y.Doc emits joins a queue that is written to the log in order.
 */
import * as Y from 'yjs';
import type { DocumentRecord } from './documentRecord.ts';
import { decodeDocumentRecord, encodeSnapshotRecord, encodeUpdateRecord } from './documentRecord.ts';
import { asStoreError } from './files.ts';
import type { AppendLog, Chunks, DocumentProblem, OpenDocument } from './ports.ts';
import { recordType, StoreError } from './ports.ts';

export interface DocumentContext {
  log: AppendLog;
  chunks: Chunks;
  onProblem: (problem: DocumentProblem) => void;
  /** After each attempt to store; undefined when it went well. */
  onStoring: (failure: StoreError | undefined) => void;
}

export interface StoredDocument {
  readonly name: string;
  /** Number of its newest stored record in this log; 0 when there is none. */
  readonly position: number;
  /** Nothing is stored of it, nothing is to be, and nobody has it open. */
  readonly empty: boolean;
  /** What was stored since the last snapshot. `broken`: that snapshot could not be read. */
  readonly sinceSnapshot: { updates: number; bytes: number; broken: boolean };
  /** Smallest sequence number it needs; Infinity when it needs none. */
  neededFrom(): number;
  /** A record met while a log is read; `seq` undefined when it is another writer's. */
  replay(record: DocumentRecord, seq: number | undefined): void;
  open(): Promise<OpenDocument>;
  durable(): Promise<void>;
  snapshot(): Promise<void>;
  /** Writes the record of the present snapshot again, at the log's end. */
  renewSnapshot(): Promise<void>;
  /** Lets go of the Y.Doc, stored or not. */
  discard(): void;
}

interface Queued {
  update: Uint8Array;
  origin: unknown;
  /** 0 until it is appended. */
  seq: number;
}

type StoredListener = (update: Uint8Array, origin: unknown) => void;

export function createStoredDocument(name: string, context: DocumentContext): StoredDocument {
  const { log, chunks, onProblem, onStoring } = context;
  let snapshot: { hash: string; covers: number; seq: number } | undefined;
  let broken = false;
  /** Updates after the snapshot: their numbers always, their bytes only while the document is not loaded. */
  let since: { seq: number; bytes: number }[] = [];
  let kept: { seq: number; update: Uint8Array }[] = [];
  let foreignUpdates: Uint8Array[] = [];
  let foreignSnapshots: string[] = [];
  /** The Y.Doc holds what only other writers' logs have. */
  let mixed = false;
  let position = 0;

  let openings = 0;
  let loading: Promise<Y.Doc> | undefined;
  let doc: Y.Doc | undefined;
  const queue: Queued[] = [];
  let applied = 0;
  let stored = 0;
  let storing: Promise<void> | undefined;
  let draining = false;
  const listeners = new Set<StoredListener>();

  async function load(): Promise<Y.Doc> {
    const parts = [...(await snapshotParts()), ...foreignUpdates, ...kept.map((item) => item.update)];
    const loaded = new Y.Doc({ gc: true });
    for (const part of parts) applyPart(loaded, part);
    loaded.on('update', enqueue);
    kept = [];
    mixed ||= foreignUpdates.length + foreignSnapshots.length > 0;
    foreignUpdates = [];
    foreignSnapshots = [];
    doc = loaded;
    return loaded;
  }

  async function snapshotParts(): Promise<Uint8Array[]> {
    const own = snapshot ? await readSnapshot(snapshot.hash) : undefined;
    const parts = own ? [own] : [];
    if (snapshot && !own) {
      broken = true;
      parts.push(...(await everythingLeft()));
    }
    for (const hash of foreignSnapshots) {
      const bytes = await readSnapshot(hash);
      if (bytes) parts.push(bytes);
    }
    return parts;
  }

  /** A snapshot's bytes; undefined, and a problem, when they are missing or damaged. */
  async function readSnapshot(hash: string): Promise<Uint8Array | undefined> {
    try {
      return await chunks.get(hash);
    } catch (error) {
      if (!(error instanceof StoreError) || (error.code !== 'not_found' && error.code !== 'damaged' && error.code !== 'invalid_argument')) throw error;
      onProblem({ name, kind: 'snapshot', message: error.message });
      return undefined;
    }
  }

  /** Without the newest snapshot: all that this log still has, older snapshots included. */
  async function everythingLeft(): Promise<Uint8Array[]> {
    const parts: Uint8Array[] = [];
    const older = new Set<string>();
    for await (const record of log.read()) {
      if (record.type !== recordType.documentUpdate && record.type !== recordType.documentSnapshot) continue;
      const decoded = decodeDocumentRecord(record);
      if (decoded?.name !== name) continue;
      if (decoded.kind === 'update') parts.push(decoded.update);
      else if (decoded.hash !== snapshot?.hash) older.add(decoded.hash);
    }
    for (const hash of older) {
      const bytes = await readSnapshot(hash);
      if (bytes) parts.unshift(bytes);
    }
    return parts;
  }

  /** One update that Yjs cannot apply must not keep the rest from being read. */
  function applyPart(to: Y.Doc, update: Uint8Array): void {
    try {
      Y.applyUpdate(to, update);
    } catch (error) {
      onProblem({ name, kind: 'update', message: `An update of ${update.length} bytes was skipped: ${String(error)}` });
    }
  }

  function enqueue(update: Uint8Array, origin: unknown): void {
    queue.push({ update, origin, seq: 0 });
    applied += 1;
    if (!draining) void drain();
  }

  /** Stores until nothing is left or something fails; whoever waits in `durable` is told, and the next edit tries again. */
  async function drain(): Promise<void> {
    draining = true;
    try {
      while (queue.length > 0) await storeNext();
    } catch {
      // Reported through onStoring.
    } finally {
      draining = false;
    }
    unloadWhenIdle();
  }

  function storeNext(): Promise<void> {
    storing ??= storeBatch().finally(() => (storing = undefined));
    return storing;
  }

  async function storeBatch(): Promise<void> {
    const batch = queue.slice();
    const first = batch[0];
    if (!first) return;
    try {
      for (const item of batch) item.seq = log.append(recordType.documentUpdate, encodeUpdateRecord(name, item.update));
      await log.durable(batch.at(-1)?.seq, first.seq);
    } catch (error) {
      for (const item of batch) item.seq = 0;
      const failure = asStoreError(error, `Storing ${name}`);
      onStoring(failure);
      throw failure;
    }
    queue.splice(0, batch.length);
    stored += batch.length;
    for (const item of batch) {
      position = item.seq;
      since.push({ seq: item.seq, bytes: item.update.length });
    }
    onStoring(undefined);
    for (const item of batch) for (const listener of [...listeners]) listener(item.update, item.origin);
  }

  async function durable(): Promise<void> {
    const target = applied;
    while (stored < target) await storeNext();
  }

  function unloadWhenIdle(): void {
    if (openings > 0 || queue.length > 0 || !doc) return;
    const inSnapshot = snapshot && !broken && since.length === 0 && !mixed;
    const bytes = inSnapshot ? undefined : Y.encodeStateAsUpdate(doc);
    if (bytes && bytes.length > emptyUpdateBytes) kept = [{ seq: position, update: bytes }];
    discard();
  }

  function discard(): void {
    doc?.off('update', enqueue);
    doc?.destroy();
    doc = undefined;
    loading = undefined;
  }

  async function open(): Promise<OpenDocument> {
    openings += 1;
    const mine = (loading ??= load());
    const loaded = await mine.catch((error: unknown) => {
      openings -= 1;
      if (loading === mine) loading = undefined;
      throw error;
    });
    const undo = new Set<() => void>();
    let closed = false;
    return {
      name,
      doc: loaded,
      durable,
      onStored(listener) {
        const own: StoredListener = (update, origin) => listener(update, origin);
        listeners.add(own);
        const remove = () => {
          listeners.delete(own);
          undo.delete(remove);
        };
        undo.add(remove);
        return remove;
      },
      close() {
        if (closed) return;
        closed = true;
        for (const remove of [...undo]) remove();
        openings -= 1;
        if (queue.length > 0 && !draining) void drain();
        else unloadWhenIdle();
      },
    };
  }

  async function writeSnapshotRecord(hash: string, covers: number): Promise<void> {
    const seq = log.append(recordType.documentSnapshot, encodeSnapshotRecord(name, hash, covers));
    await log.durable(seq);
    setSnapshot({ hash, covers, seq });
  }

  function setSnapshot(next: { hash: string; covers: number; seq: number }): void {
    if (snapshot && next.covers < snapshot.covers) return;
    snapshot = next;
    broken = false;
    since = since.filter((item) => item.seq > next.covers);
    position = Math.max(position, next.seq);
  }

  return {
    name,
    get position() {
      return position;
    },
    get empty() {
      return !snapshot && since.length + kept.length + foreignUpdates.length + foreignSnapshots.length + queue.length + openings === 0;
    },
    get sinceSnapshot() {
      return { updates: since.length, bytes: since.reduce((sum, item) => sum + item.bytes, 0), broken };
    },

    neededFrom() {
      const queued = queue.find((item) => item.seq > 0)?.seq ?? Infinity;
      return Math.min(snapshot?.seq ?? Infinity, since[0]?.seq ?? Infinity, queued);
    },

    replay(record, seq) {
      if (loading) throw new StoreError('invalid_argument', `${name} is open; replay records before opening it.`);
      if (seq === undefined) {
        if (record.kind === 'update') foreignUpdates.push(record.update);
        else foreignSnapshots.push(record.hash);
        return;
      }
      position = Math.max(position, seq);
      if (record.kind === 'update') {
        since.push({ seq, bytes: record.update.length });
        kept.push({ seq, update: record.update });
        return;
      }
      setSnapshot({ hash: record.hash, covers: record.covers, seq });
      kept = kept.filter((item) => item.seq > record.covers);
    },

    open,
    durable,

    async snapshot() {
      const opening = await open();
      try {
        await durable();
        const covers = position;
        const stateVector = Y.encodeStateVector(opening.doc);
        const { hash } = await chunks.put(Y.encodeStateAsUpdate(opening.doc));
        verifySnapshot(name, await chunks.get(hash), stateVector);
        await writeSnapshotRecord(hash, covers);
      } finally {
        opening.close();
      }
    },

    async renewSnapshot() {
      if (snapshot) await writeSnapshotRecord(snapshot.hash, snapshot.covers);
    },

    discard,
  };
}

/** An update with no structs and no deletions. */
const emptyUpdateBytes = 2;

function verifySnapshot(name: string, bytes: Uint8Array, stateVector: Uint8Array): void {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, bytes);
  const same = Buffer.compare(Y.encodeStateVector(copy), stateVector) === 0;
  copy.destroy();
  if (!same) throw new StoreError('damaged', `The snapshot of ${name} reads back differently; the older state stays in use.`);
}
