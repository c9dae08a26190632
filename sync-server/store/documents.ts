/**
 * Yjs documents kept in a log and chunks: a document is its newest snapshot chunk plus the update records after it,
 * plus whatever other writers' logs hold of it; Yjs makes a union of them.
 *
 *   const documents = createDocuments({ log, chunks });
 *   for await (const record of log.read()) documents.replay(record);
 *   const note = await documents.open('note/run-…');
 *   note.doc.getText('text').insert(0, 'lr too high');
 *   await note.durable();
 *   note.close();
 *
 * An update that could not be stored (disk full) stays in the Y.Doc and in a queue; each later edit and each
 * `durable()` tries again, in order. Storing an update twice is harmless.
 */
import { decodeDocumentRecord, isDocumentRecord } from './documentRecord.ts';
import type { AppendLog, Chunks, DocumentProblem, Documents } from './ports.ts';
import { StoreError } from './ports.ts';
import type { StoredDocument } from './storedDocument.ts';
import { createStoredDocument } from './storedDocument.ts';

export interface DocumentsOptions {
  log: AppendLog;
  chunks: Chunks;
  /** A snapshot is due after more than this many updates, 500, … */
  snapshotUpdates?: number;
  /** … or more than this many bytes of them, 1 MB. */
  snapshotBytes?: number;
  /** Told when updates cannot be stored, and with undefined when they can be again. */
  onStoring?: (failure: StoreError | undefined) => void;
}

export function createDocuments(options: DocumentsOptions): Documents {
  const { log, chunks, snapshotUpdates = 500, snapshotBytes = 1_000_000, onStoring } = options;
  const documents = new Map<string, StoredDocument>();
  const problems = new Map<string, DocumentProblem>();
  let closed = false;
  let failing = false;

  const context = {
    log,
    chunks,
    onProblem(problem: DocumentProblem) {
      problems.set(`${problem.kind} ${problem.name} ${problem.message}`, problem);
    },
    onStoring(failure: StoreError | undefined) {
      if (failing === Boolean(failure)) return;
      failing = Boolean(failure);
      onStoring?.(failure);
    },
  };

  function documentOf(name: string): StoredDocument {
    let document = documents.get(name);
    if (!document) documents.set(name, (document = createStoredDocument(name, context)));
    return document;
  }

  async function durable(): Promise<void> {
    const results = await Promise.allSettled([...documents.values()].map((document) => document.durable()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  return {
    replay(record, from) {
      if (!isDocumentRecord(record)) return false;
      const decoded = decodeDocumentRecord(record);
      if (decoded) documentOf(decoded.name).replay(decoded, from?.foreign ? undefined : record.seq);
      else context.onProblem({ name: '', kind: 'update', message: `Record ${record.seq} is malformed and was skipped.` });
      return true;
    },

    names: () => [...documents.values()].filter((document) => !document.empty).map((document) => document.name),

    position: (name) => documents.get(name)?.position ?? 0,

    async open(name) {
      if (closed) throw new StoreError('closed', 'The documents are closed.');
      const document = documentOf(name);
      const forget = (): void => {
        // A name that somebody only looked into must not take memory for ever.
        if (document.empty && documents.get(name) === document) documents.delete(name);
      };
      const opening = await document.open().catch((error: unknown) => {
        forget();
        throw error;
      });
      return {
        ...opening,
        close() {
          opening.close();
          forget();
        },
      };
    },

    async snapshot(name) {
      if (closed) throw new StoreError('closed', 'The documents are closed.');
      const document = documents.get(name);
      if (document && !document.empty) await document.snapshot();
    },

    snapshotDue(name) {
      const document = documents.get(name);
      if (!document) return false;
      const { updates, bytes, broken } = document.sinceSnapshot;
      return broken || updates > snapshotUpdates || bytes > snapshotBytes;
    },

    async compact() {
      for (const document of [...documents.values()]) {
        if (document.empty) continue;
        const { updates, broken } = document.sinceSnapshot;
        if (updates > 0 || broken) await document.snapshot();
        else await document.renewSnapshot();
      }
    },

    neededFrom() {
      let needed = log.lastSeq + 1;
      for (const document of documents.values()) needed = Math.min(needed, document.neededFrom());
      return needed;
    },

    durable,

    problems: () => [...problems.values()],

    async close() {
      if (closed) return;
      closed = true;
      try {
        await durable();
      } finally {
        for (const document of documents.values()) document.discard();
      }
    },
  };
}
