/**
 * The three ports of storage. Everything a replica keeps goes through one of them:
 * an append-only log (small, ordered, checksummed), chunks (immutable bytes by hash)
 * and documents (Yjs documents built from the other two). `suites/` holds the tests
 * that every implementation must pass; file and memory implementations live beside this file.
 */
import type * as Y from 'yjs';
import type { Readable } from 'node:stream';

/** Record types in a log. 1–15 belong to documents, 16–31 to the tracking facts of a host. */
export const recordType = {
  /** payload: varString document name, varUint8Array Yjs V1 update */
  documentUpdate: 1,
  /** payload: varString document name, varString chunk hash, varUint last sequence number it covers */
  documentSnapshot: 2,
  /** metric points of one run */
  points: 16,
  /** params of one run */
  params: 17,
  /** one artifact file of one run or logged model */
  artifact: 18,
  /** facts of one run up to a sequence number now stand in its document and chunks */
  sealed: 19,
} as const;

export interface LogRecord {
  /** 1, 2, 3 … within one host's log; never reused. */
  seq: number;
  type: number;
  payload: Uint8Array;
}

/** What may go wrong in a store, by name. `io` and `disk_full` leave everything acknowledged intact. */
export type StoreErrorCode = 'disk_full' | 'io' | 'damaged' | 'closed' | 'too_new' | 'not_found' | 'invalid_argument';

export class StoreError extends Error {
  constructor(
    readonly code: StoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StoreError';
  }
}

/** An append-only log with one writer. */
export interface AppendLog {
  /** Sequence number of the newest record, 0 when empty. */
  readonly lastSeq: number;
  /** Buffers a record and returns its sequence number; nothing is promised until `durable`. */
  append(type: number, payload: Uint8Array): number;
  /**
   * Resolves once every record up to `seq` (default: all appended so far) is fsynced. Calls made
   * while an fsync is under way share the next one. Rejects with a StoreError when it cannot be written;
   * those records are then known not to be stored. It speaks for record `seq`; whoever appended several with awaiting
   * between names the first of them as `from` and is told of a failure of any. Records appended in one go share one fate.
   */
  durable(seq?: number, from?: number): Promise<void>;
  /** Every stored record with `seq >= from`, in order, damaged ones skipped (see `verify`). */
  read(from?: number): AsyncIterable<LogRecord>;
  /** Deletes whole closed segments all of whose records are below `seq`. */
  retire(seq: number): Promise<void>;
  /** Flushes, fsyncs and closes. */
  close(): Promise<void>;
}

export interface ChunkInfo {
  /** 64 lower-case hex digits: SHA-256 of the bytes. */
  hash: string;
  /** Bytes. */
  size: number;
}

/** Immutable bytes by hash. `put` resolves only when bytes and name are fsynced. */
export interface Chunks {
  put(bytes: Uint8Array | Readable, expect?: { hash?: string; maxBytes?: number }): Promise<ChunkInfo>;
  has(hash: string): Promise<boolean>;
  info(hash: string): Promise<ChunkInfo | undefined>;
  /** The whole chunk, hash checked. StoreError `not_found` or `damaged`. */
  get(hash: string): Promise<Uint8Array>;
  /** A stream of bytes `start`..`end` (inclusive, like HTTP ranges); not hash checked. */
  stream(hash: string, range?: { start: number; end: number }): Promise<Readable>;
  list(): AsyncIterable<ChunkInfo>;
}

/** One open document. Its Y.Doc is live: every update applied to it is appended to the log. */
export interface OpenDocument {
  readonly name: string;
  readonly doc: Y.Doc;
  /** Resolves once every update applied so far is fsynced. */
  durable(): Promise<void>;
  /** Called in order, for each update, after it is fsynced. `origin` is the Yjs transaction origin. Returns its undo. */
  onStored(listener: (update: Uint8Array, origin: unknown) => void): () => void;
  /** Gives this opening back; the document is unloaded when the last one is given back. */
  close(): void;
}

export interface DocumentProblem {
  name: string;
  /** A snapshot chunk that is missing or damaged, or an update that Yjs cannot apply. */
  kind: 'snapshot' | 'update';
  message: string;
}

export interface Documents {
  /**
   * Takes a document record met while the log is read at start; false when it is of another type. Bytes are copied.
   * `foreign` records come from another writer's log: they add to the document, but their numbers mean nothing here.
   */
  replay(record: LogRecord, from?: { foreign: boolean }): boolean;
  names(): string[];
  /** Sequence number of the newest record of this document, 0 when there is none. */
  position(name: string): number;
  /** Loads (or creates) a document; counted, close each opening once. */
  open(name: string): Promise<OpenDocument>;
  /** Writes the document's state as a chunk and a snapshot record, so that older updates may be retired. */
  snapshot(name: string): Promise<void>;
  /** Whether so much was written since the last snapshot that a new one pays. */
  snapshotDue(name: string): boolean;
  /** Snapshots every document that has newer updates and renews the others' records: `neededFrom` then nears the log's end. */
  compact(): Promise<void>;
  /** Tries again to store what could not be stored, in all documents. Rejects with the first StoreError. */
  durable(): Promise<void>;
  /** What could not be read when documents were opened: nothing is hidden, nothing stops. */
  problems(): DocumentProblem[];
  /** The smallest sequence number still needed to rebuild every document. */
  neededFrom(): number;
  close(): Promise<void>;
}
