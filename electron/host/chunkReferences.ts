/**
 * Which chunks the documents of a workspace name, and which of those are not there: the part of `daybook verify` that
 * looks across documents. Read-only, also beside a running host.
 *
 * A chunk that another host wrote may still be on its way from the relay, so only chunks of hosts whose own log lies
 * in this workspace must be here; the rest count as elsewhere.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createLoggedModelRow, createRunRow, createTable, setLoggedModelField, setRunField, type HostPart } from '#model';
import { createDocuments, createMemoryLog, readLogDir, StoreError, type Chunks, type OpenDocument } from '#store';

export interface ChunkReferences {
  /** Documents that could be read. */
  documents: number;
  /** Chunks they name, each once. */
  chunks: number;
  /** Chunks of hosts at home here that are missing: lost data. */
  missing: { chunk: string; document: string; what: string }[];
  /** Chunks of other hosts that are not here (yet). */
  elsewhere: number;
  /** Documents, or parts of them, that could not be read. */
  unreadable: { document: string; why: string }[];
}

/** Reads every document out of the logs (`logs`: folder by host id) and looks for the chunks they name. */
export async function checkReferences(logs: ReadonlyMap<string, string>, chunksDir: string): Promise<ChunkReferences> {
  const documents = createDocuments({ log: createMemoryLog(), chunks: readOnlyChunks(chunksDir) });
  for (const dir of logs.values()) for await (const record of readLogDir(dir)) documents.replay(record, { foreign: true });
  const found: ChunkReferences = { documents: 0, chunks: 0, missing: [], elsewhere: 0, unreadable: [] };
  const seen = new Set<string>();
  for (const name of documents.names()) {
    let document: OpenDocument;
    try {
      document = await documents.open(name);
    } catch (error) {
      found.unreadable.push({ document: name, why: (error as Error).message });
      continue;
    }
    found.documents += 1;
    for (const { host, chunk, what } of name.startsWith('experiment/') ? referencesIn(document, name.slice('experiment/'.length)) : []) {
      if (seen.has(chunk)) continue;
      seen.add(chunk);
      found.chunks += 1;
      if (await isFile(chunkFile(chunksDir, chunk))) continue;
      if (logs.has(host)) found.missing.push({ chunk, document: name, what });
      else found.elsewhere += 1;
    }
    document.close();
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

function* referencesIn({ doc }: OpenDocument, experimentId: string): Generator<Reference> {
  for (const [id, fields] of createTable(doc, 'runs').all()) {
    const row = createRunRow(experimentId, id);
    for (const [field, value] of Object.entries(fields)) setRunField(row, field, value);
    yield* referencesOf(row.hosts, `run ${id}`);
  }
  for (const [id, fields] of createTable(doc, 'loggedModels').all()) {
    const row = createLoggedModelRow(experimentId, id);
    for (const [field, value] of Object.entries(fields)) setLoggedModelField(row, field, value);
    yield* referencesOf(row.hosts, `logged model ${id}`);
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
