/**
 * Which chunks the documents of a workspace name, and which of those are not there; and whether what the logs count as
 * sealed stands in a document: the part of `daybook verify` that looks across logs, documents and chunks. Read-only,
 * also beside a running host.
 *
 * A chunk that another host wrote may still be on its way from the relay, so only chunks of hosts whose own log lies
 * in this workspace must be here; the rest count as elsewhere.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createLoggedModelRow, createRunRow, createTable, setLoggedModelField, setRunField, type HostPart } from '#model';
import { createDocuments, createMemoryLog, readLogDir, recordType, StoreError, type Chunks, type LogRecord, type OpenDocument } from '#store';
import { decodeFact } from './facts.ts';
import { decodePoints, decodeSealed } from './pointsRecord.ts';
import type { ArtifactOwner } from './ports.ts';

export interface ChunkReferences {
  /** Documents that could be read. */
  documents: number;
  /** Chunks they name, each once. */
  chunks: number;
  /** Chunks of hosts at home here that are missing: lost data. */
  missing: { chunk: string; document: string; what: string }[];
  /** Points that a log counts as sealed and no document names a chunk for: lost data. */
  unsealed: { run: string; why: string }[];
  /** Runs and models of which there are facts in a log, but no document: they show when one comes back. */
  strangers: string[];
  /** Chunks of other hosts that are not here (yet). */
  elsewhere: number;
  /** Documents, or parts of them, that could not be read. */
  unreadable: { document: string; why: string }[];
}

/** Reads every document out of the logs (`logs`: folder by host id) and looks for the chunks they name. */
export async function checkReferences(logs: ReadonlyMap<string, string>, chunksDir: string): Promise<ChunkReferences> {
  const documents = createDocuments({ log: createMemoryLog(), chunks: readOnlyChunks(chunksDir) });
  const loggedBy = new Map<string, LoggedFacts>();
  for (const [host, dir] of logs) {
    const facts: LoggedFacts = { owners: new Set(), sealed: new Map(), artifacts: new Map() };
    loggedBy.set(host, facts);
    for await (const record of readLogDir(dir)) if (!documents.replay(record, { foreign: true })) noteFact(record, facts);
  }
  const found: ChunkReferences = { documents: 0, chunks: 0, missing: [], unsealed: [], strangers: [], elsewhere: 0, unreadable: [] };
  const seen = new Set<string>();
  const rows = new Map<string, ReadonlyMap<string, HostPart>>();

  async function look({ host, chunk, what }: Reference, document: string): Promise<void> {
    if (seen.has(chunk)) return;
    seen.add(chunk);
    found.chunks += 1;
    if (await isFile(chunkFile(chunksDir, chunk))) return;
    if (logs.has(host)) found.missing.push({ chunk, document, what });
    else found.elsewhere += 1;
  }

  for (const name of documents.names()) {
    let document: OpenDocument;
    try {
      document = await documents.open(name);
    } catch (error) {
      found.unreadable.push({ document: name, why: (error as Error).message });
      continue;
    }
    found.documents += 1;
    for (const { owner, hosts } of name.startsWith('experiment/') ? rowsIn(document, name.slice('experiment/'.length)) : []) {
      rows.set(owner, hosts);
      for (const reference of referencesOf(hosts, owner)) await look(reference, name);
    }
    document.close();
  }
  for (const [host, { owners, sealed, artifacts }] of loggedBy) {
    for (const owner of owners) if (!rows.has(owner) && !found.strangers.includes(owner)) found.strangers.push(owner);
    for (const [run, upTo] of sealed) {
      const part = rows.get(`run ${run}`)?.get(host);
      if ((part?.sealed ?? 0) < upTo) found.unsealed.push({ run, why: `the log counts its points as sealed up to record ${upTo}, its document up to ${part?.sealed ?? 0}` });
      else if (!part?.series?.length) found.unsealed.push({ run, why: `its points are counted as sealed, and its document names no chunk of them` });
    }
    for (const { what, hash } of artifacts.values()) if (hash !== '') await look({ host, chunk: hash, what }, 'the log');
  }
  for (const { name, message } of documents.problems()) found.unreadable.push({ document: name, why: message });
  await documents.close();
  return found;
}

interface Reference {
  host: string;
  chunk: string;
  what: string;
}

/** What a host's log says besides documents. */
interface LoggedFacts {
  /** `run <id>` or `logged model <id>`. */
  owners: Set<string>;
  /** By run, up to which record. */
  sealed: Map<string, number>;
  /** The newest entry of each artifact. */
  artifacts: Map<string, { what: string; hash: string; at: number }>;
}

function noteFact(record: LogRecord, { owners, sealed, artifacts }: LoggedFacts): void {
  if (record.type === recordType.sealed) {
    const { runId, upTo } = decodeSealed(record.payload);
    sealed.set(runId, Math.max(upTo, sealed.get(runId) ?? 0));
  } else if (record.type === recordType.points) {
    owners.add(ownerName({ kind: 'run', id: decodePoints(record.payload).runId }));
  } else {
    const fact = decodeFact(record);
    if (!fact) return;
    const owner = ownerName(fact.owner);
    owners.add(owner);
    if (!fact.artifact) return;
    const { path: name, hash, at } = fact.artifact;
    const what = `artifact ${name} of ${owner}`;
    if (at >= (artifacts.get(what)?.at ?? 0)) artifacts.set(what, { what, hash, at });
  }
}

function ownerName({ kind, id }: ArtifactOwner): string {
  return kind === 'run' ? `run ${id}` : `logged model ${id}`;
}

function* rowsIn({ doc }: OpenDocument, experimentId: string): Generator<{ owner: string; hosts: ReadonlyMap<string, HostPart> }> {
  for (const [id, fields] of createTable(doc, 'runs').all()) {
    const row = createRunRow(experimentId, id);
    for (const [field, value] of Object.entries(fields)) setRunField(row, field, value);
    yield { owner: ownerName({ kind: 'run', id }), hosts: row.hosts };
  }
  for (const [id, fields] of createTable(doc, 'loggedModels').all()) {
    const row = createLoggedModelRow(experimentId, id);
    for (const [field, value] of Object.entries(fields)) setLoggedModelField(row, field, value);
    yield { owner: ownerName({ kind: 'model', id }), hosts: row.hosts };
  }
}

function* referencesOf(hosts: ReadonlyMap<string, HostPart>, owner: string): Generator<Reference> {
  for (const [host, { series, artifacts }] of hosts) {
    for (const { chunk } of series ?? []) yield { host, chunk, what: `points of ${owner}` };
    for (const { path: name, hash } of Object.values(artifacts ?? {})) if (hash !== '') yield { host, chunk: hash, what: `artifact ${name} of ${owner}` };
  }
}

function chunkFile(dir: string, hash: string): string {
  return path.join(dir, hash.slice(0, 2), hash.slice(2));
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}

/** Chunks of a folder without opening it for writing, which would tidy up what a running host is just writing. */
function readOnlyChunks(dir: string): Chunks {
  const refuse = (): never => {
    throw new StoreError('invalid_argument', 'These chunks are open for reading only.');
  };
  const size = async (hash: string): Promise<number | undefined> => (await stat(chunkFile(dir, hash)).catch(() => undefined))?.size;
  return {
    put: async () => refuse(),
    has: async (hash) => (await size(hash)) !== undefined,
    async info(hash) {
      const bytes = await size(hash);
      return bytes === undefined ? undefined : { hash, size: bytes };
    },
    async get(hash) {
      const bytes = await readFile(chunkFile(dir, hash)).catch((error: Error) => {
        throw new StoreError('not_found', `The chunk ${hash} is not here.`, { cause: error });
      });
      if (createHash('sha256').update(bytes).digest('hex') !== hash) throw new StoreError('damaged', `The chunk ${hash} is damaged.`);
      return bytes;
    },
    stream: async (hash, range) => createReadStream(chunkFile(dir, hash), range ?? {}),
    list: () => refuse(),
  };
}
