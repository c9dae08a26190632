/**
 * The stand-alone relay of a team, from a data folder:
 *
 *   DATA/secret          what invites and tokens are signed with
 *   DATA/relay.json      where it listens, for `createInvite`
 *   DATA/log/<id>/       every update of every room, `<team>/<room>`; <id> names this body of data
 *   DATA/snapshots/      states of documents, so that old parts of the log can go
 *   DATA/chunks/<team>/  series and artifacts
 *
 *   const relay = await startRelay({ dataDir, port: 1234 });
 *   console.log(`ready ${relay.url}`);
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createDocuments, openAppendLog, openChunks, StoreError, type AppendLog, type Chunks, type Documents } from '#store';
import { openAuthority, rememberUrl } from './auth.ts';
import { createRelayServer } from './http.ts';
import { holdFolder } from './lock.ts';
import { createRelay } from './rooms.ts';

export interface StartRelayOptions {
  dataDir: string;
  /** 0 for any free one. */
  port: number;
  /** 127.0.0.1: put TLS in front of it for others. */
  hostname?: string;
  log?: (event: string, details: Record<string, unknown>) => void;
}

export interface RunningRelay {
  /** `ws://host:port` */
  url: string;
  close(): Promise<void>;
}

/** A host forwards all its windows through one socket. */
const presencesPerSocket = 16;
const tidyMs = 60_000;
/** Log records beyond which everything is snapshotted so that old segments can go. */
const compactRecords = 100_000;

/** Starts a relay; resolves once it listens. StoreError or a system error when the folder or the port cannot be had. */
export async function startRelay({ dataDir, port, hostname = '127.0.0.1', log = () => undefined }: StartRelayOptions): Promise<RunningRelay> {
  await mkdir(dataDir, { recursive: true });
  const release = await holdFolder(dataDir);
  try {
    const relayId = await dataIdOf(join(dataDir, 'log'));
    const records = await openAppendLog({
      dir: join(dataDir, 'log', relayId),
      writerId: relayId,
      onFlaw: (flaw) => log('damage', { ...flaw }),
    });
    const documents = createDocuments({
      log: records,
      chunks: await openChunks({ dir: join(dataDir, 'snapshots') }),
      onStoring: (failure) => log(failure ? 'notStored' : 'storing', { message: failure?.message }),
    });
    for await (const record of records.read()) documents.replay(record);
    const relay = createRelay({ documents, limits: { presencesPerSocket }, log });
    const authority = await openAuthority(dataDir);
    const chunksOf = teamChunks(join(dataDir, 'chunks'));
    const server = createRelayServer({ authority, relay, documents, chunksOf, relayId, log });
    const bound = await server.listen(port, hostname);
    const url = `ws://${hostname.includes(':') ? `[${hostname}]` : hostname}:${bound}`;
    await rememberUrl(dataDir, url);
    const tidying = setInterval(() => {
      tidy(documents, records).catch((error: unknown) => log('failed', { error: String(error) }));
    }, tidyMs).unref();
    return {
      url,
      async close() {
        clearInterval(tidying);
        relay.close();
        await server.close();
        await documents.close();
        await records.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The name of the data in this folder; a new one when there are none, so that members notice and bring theirs again. */
async function dataIdOf(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  const ids = (await readdir(dir)).filter((name) => /^[0-9a-f]{16}$/.test(name));
  if (ids.length > 1) throw new StoreError('invalid_argument', 'The log folder holds the data of two relays; keep one of them.');
  return ids[0] ?? randomBytes(8).toString('hex');
}

function teamChunks(dir: string): (team: string) => Promise<Chunks> {
  const opened = new Map<string, Promise<Chunks>>();
  return (team) => {
    const chunks = opened.get(team) ?? openChunks({ dir: join(dir, team) });
    opened.set(team, chunks);
    chunks.catch(() => opened.delete(team));
    return chunks;
  };
}

async function tidy(documents: Documents, log: AppendLog): Promise<void> {
  for (const name of documents.names()) if (documents.snapshotDue(name)) await documents.snapshot(name);
  if (log.lastSeq - documents.neededFrom() > compactRecords) await documents.compact();
  await log.retire(documents.neededFrom());
}
