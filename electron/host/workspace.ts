/**
 * An open workspace: the folder's lock, log, chunks and documents, and on them catalog, tracking, series and artifacts.
 * No network: the host puts doors on it, importers and tests use it as it is.
 *
 *   const workspace = await openWorkspace({ dir });
 *   const run = await workspace.tracking.createRun({ experimentId: '0' });
 *   await workspace.tracking.logBatch(run.id, { points: [{ key: 'loss', step: 0, time: Date.now(), value: 1 }] });
 *   await workspace.close();
 *
 * The own log is read once at start: document updates go to the documents, points to the series, params and artifact
 * entries to the facts. `kill -9` at any moment loses nothing that was acknowledged.
 */
import { basename, join } from 'node:path';
import { createDocuments, openAppendLog, openChunks, readLogDir, type AppendLog, type Chunks, type Documents, type Files, type OpenDocument } from '#store';
import { combineSeries, documentName } from '#model';
import { adoptFacts } from './adoption.ts';
import { createArtifactReader } from './artifacts.ts';
import { createCatalog, type LiveCatalog } from './catalog.ts';
import { createFacts } from './facts.ts';
import { checkFormat, foreignLogs, hostIdOf, openFolder } from './folder.ts';
import { lockHolder, takeLock, type Lock } from './lock.ts';
import { createMirror } from './mirror.ts';
import type { ArtifactReader, Tracking } from './ports.ts';
import { createReplicas, hasTables } from './replicas.ts';
import { createSealing } from './sealing.ts';
import { createSeries, type Series } from './series.ts';
import { createTracking } from './tracking.ts';
import { createWatchedLog } from './watchedLog.ts';

export interface Workspace {
  /** Real path of the folder. */
  dir: string;
  /** The folder for what belongs to this machine alone. */
  localDir: string;
  hostId: string;
  catalog: LiveCatalog;
  tracking: Tracking;
  series: Series;
  artifacts: ArtifactReader;
  log: AppendLog;
  chunks: Chunks;
  /** Opening a document here keeps the catalog informed of what is written to it. */
  documents: Documents;
  openWorkspaceDocument(): Promise<OpenDocument>;
  /** Tells others who find the lock where this host answers. */
  tellAddress(url: string): Promise<void>;
  /** Resolves when everything written so far is durable. */
  durable(): Promise<void>;
  /** Why the last attempt to store something failed; undefined when it went well. */
  failure(): string | undefined;
  /** Since when something waits for the disk, ms of `performance.now()`; undefined when nothing does. */
  waitingSince(): number | undefined;
  /** Told when `failure` comes or goes. Returns its undo. */
  onStoring(listener: () => void): () => void;
  /** Seals, snapshots and lets go of old parts of the log. Runs by itself when the log has grown by 64 MB. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}

export interface WorkspaceOptions {
  /** Made when it is missing. */
  dir: string;
  /** Whether teammates are connected, who see points only when they are sealed. */
  isWatched?: () => boolean;
  /** Brings a chunk to the team before a document names it; resolves soon, also when that cannot be done now. */
  share?: (chunk: string) => Promise<void>;
  /** Told of damage that was met and got around, a sentence each. */
  onProblem?: (message: string) => void;
  now?: () => number;
  /** The disk that log and chunks are written to; tests give one with faults. */
  files?: Files;
  /** Size of a part of the log, the least that can be let go of; 16 MB. */
  segmentBytes?: number;
}

/** So much log is read at start at most, more or less. */
const checkpointBytes = 64 * 2 ** 20;
/** A log of this size is shortened when the workspace is closed, so that it opens at once the next time. */
const tidyBytes = 4 * 2 ** 20;
/** How long closing may spend on sealing. */
const closingMs = 3000;

/** DaybookError `wrong_state` when another process has it open, `too_new` when a newer version wrote it. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const folder = await openFolder(options.dir);
  const lock = await takeLock({ path: folder.lock, workspace: folder.dir, machine: folder.machine });
  const opened: (() => Promise<void>)[] = [() => lock.release()];
  try {
    return await openLocked(options, folder, lock, opened);
  } catch (error) {
    for (const undo of opened.reverse()) await undo().catch(() => undefined);
    throw error;
  }
}

/** The host that has a workspace open now, if any, and its address once it serves one. */
export async function runningHost(dir: string): Promise<{ pid: number; address?: string } | undefined> {
  const folder = await openFolder(dir);
  return lockHolder({ path: folder.lock, workspace: folder.dir, machine: folder.machine });
}

async function openLocked(options: WorkspaceOptions, folder: Awaited<ReturnType<typeof openFolder>>, lock: Lock, opened: (() => Promise<void>)[]): Promise<Workspace> {
  const { now = Date.now, onProblem = () => undefined, isWatched = () => false, share = () => Promise.resolve(), files, segmentBytes } = options;
  await checkFormat(folder, onProblem, now());
  const hostId = await hostIdOf(folder, onProblem);
  const foreign = await foreignLogs(folder, hostId);
  const log = createWatchedLog(
    await openAppendLog({
      dir: join(folder.log, hostId),
      writerId: hostId,
      ...(files ? { files } : {}),
      ...(segmentBytes ? { segmentBytes } : {}),
      onFlaw({ kind, file, offset, why }) {
        // What a crash leaves at the end was never acknowledged.
        if (kind === 'damaged') onProblem(`${basename(file)} in the log is damaged at byte ${offset} (${why}); everything readable was read.`);
      },
    }),
  );
  opened.push(() => log.close());
  const chunks = await openChunks({ dir: folder.chunks, ...(files ? { files } : {}) });
  const stored = createDocuments({ log, chunks, onStoring: (failure) => log.note(failure?.message) });
  const series: Series = createSeries({ log, chunks, now, pointers: (runId) => combineSeries(catalog.runRow(runId)?.hosts ?? new Map()) });
  const catalog = createCatalog({ hostId, openSummary: (runId) => series.openSummary(runId) });
  const mirror = createMirror({
    dir: folder.state,
    origin: [hostId, ...foreign.map((other) => `${other.hostId}:${other.bytes}`)].join(' '),
    position: (name) => stored.position(name),
    onProblem,
  });
  const replicas = createReplicas({ documents: stored, catalog, mirror });
  const facts = createFacts({ log, catalog, replicas, hostId, onProblem });

  for (const other of foreign) for await (const record of readLogDir(other.dir)) stored.replay(record, { foreign: true });
  for await (const record of log.read()) {
    if (stored.replay(record)) continue;
    series.replay(record);
    facts.replay(record);
  }
  await replicas.loadAll();
  const sealing = createSealing({ log, series, catalog, replicas, facts, hostId, isWatched, share, onProblem, now });
  sealing.recover();
  facts.applyReplayed();
  await adoptFacts({ logs: foreign, localDir: folder.local, log, catalog, facts, series, onProblem });
  const tracking = createTracking({ catalog, replicas, facts, series, sealing, chunks, log, hostId, now });

  async function checkpoint(): Promise<void> {
    const upTo = log.lastSeq + 1;
    await sealing.sealAll();
    await facts.fold();
    await stored.durable();
    await mirror.flush();
    const before = stored.names().map((name) => [name, stored.position(name)] as const);
    await stored.compact();
    for (const [name, position] of before) if (hasTables(name)) await mirror.moved(name, position);
    // Facts of owners that no document knows stay in the log until one does.
    await log.retire(Math.min(upTo, stored.neededFrom(), series.neededFrom(), facts.neededFrom()));
    log.restart();
  }

  const growth = setInterval(() => {
    // What a full disk refused and nobody wrote again.
    stored.durable().catch(() => undefined);
    if (log.bytes < checkpointBytes || closing) return;
    log.restart();
    checkpoint().catch((error: Error) => onProblem(`The log could not be shortened: ${error.message}`));
  }, 10_000).unref();
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    clearInterval(growth);
    // What cannot be done now, or not in a few seconds, stays in the log and is done the next time.
    try {
      const all = await sealing.sealAll(closingMs);
      await facts.fold();
      if (all && log.bytes > tidyBytes) await checkpoint();
    } catch (error) {
      onProblem(`The log was not tidied up: ${(error as Error).message}`);
    }
    facts.close();
    await sealing.close();
    await mirror.flush().catch(() => undefined);
    await mirror.close();
    await replicas.close();
    catalog.close();
    try {
      await stored.close();
    } finally {
      await log.close().finally(() => lock.release());
    }
  }

  return {
    dir: folder.dir,
    localDir: folder.local,
    hostId,
    catalog,
    tracking,
    series,
    artifacts: createArtifactReader({ catalog, chunks }),
    log,
    chunks,
    documents: replicas.documents,
    openWorkspaceDocument: () => replicas.documents.open(documentName.workspace),
    tellAddress: (url) => lock.tell(url),
    async durable() {
      await log.durable();
      await stored.durable();
    },
    failure: () => log.failure,
    waitingSince: () => log.waitingSince,
    onStoring: (listener) => log.onStoring(listener),
    checkpoint,
    close: () => (closing ??= close()),
  };
}
