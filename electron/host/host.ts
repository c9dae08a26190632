/**
 * The composition of a host: a workspace, a relay for its pages, its part in a team, and the one port that serves page,
 * sockets, artifacts and MLflow clients. The only file that sees everything; it hands each part only what it needs.
 *
 *   const host = await createHost({ workspaceDir: 'lab', port: 5001, pageDir: 'dist/page' });
 *   host.url; await host.close();
 */
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import type { SyncStatus } from '#contract';
import { createRelay } from '#relay';
import { createAnnouncements } from './announcements.ts';
import { createCalls } from './calls.ts';
import { createChunkPointers } from './chunkPointers.ts';
import { createHttpServer } from './http.ts';
import { packageVersion } from './packageVersion.ts';
import { createTeam, type Team } from './team.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export interface HostOptions {
  /** Made when it is missing. */
  workspaceDir: string;
  /** On 127.0.0.1; 0 takes any free port. */
  port: number;
  /** Folder of the built page. */
  pageDir?: string;
  /** Display name of the person here; the system's user name. */
  user?: string;
  /** Told what an operator may want to know, a line each. */
  log?: (line: string) => void;
}

export interface Host extends Pick<Workspace, 'dir' | 'hostId' | 'catalog' | 'tracking' | 'series' | 'artifacts' | 'documents' | 'checkpoint'> {
  /** `http://127.0.0.1:<port>` */
  url: string;
  port: number;
  team: Team;
  status(): SyncStatus;
  /** Takes no more requests, flushes everything and lets go of the workspace. */
  close(): Promise<void>;
}

/** A write that waits longer than this for the disk is shown as being saved. */
const savingMs = 500;

/** How long a document's update waits for the chunk it names, ms. */
const shareLimitMs = 5000;

/** DaybookError `wrong_state` when the workspace is open elsewhere, `too_new`, or `unavailable` when the port is taken. */
export async function createHost({ workspaceDir, port, pageDir, user = systemUser(), log = () => undefined }: HostOptions): Promise<Host> {
  let team: Team | undefined;
  const workspace = await openWorkspace({
    dir: workspaceDir,
    isWatched: () => team?.status().state === 'online',
    share: async (chunk) => {
      // A slow relay must not hold the points back: the exchange brings the chunk later.
      const late = new Promise<void>((resolve) => setTimeout(resolve, shareLimitMs).unref());
      await Promise.race([team?.shareChunks([chunk]).catch(() => undefined), late]);
    },
    onProblem: log,
  });
  const closers: (() => unknown)[] = [() => workspace.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const { dir, hostId, localDir, catalog, tracking, series, artifacts, documents, chunks, checkpoint } = workspace;
    const note = (event: string, details: Record<string, unknown>): void => log(`${event} ${JSON.stringify(details)}`);
    const relay = createRelay({ documents, log: note });
    closers.push(() => relay.close());
    const joined = await createTeam({ documents, chunks, pointers: createChunkPointers(catalog, hostId), stateDir: localDir, hostId, relay, log: note });
    team = joined;
    closers.push(() => joined.close());

    const status = (): SyncStatus => ({ disk: diskStatus(workspace), relay: joined.status() });
    const { announcements, close: closeAnnouncements } = createAnnouncements({
      catalog,
      status,
      onStatus(listener) {
        const undos = [workspace.onStoring(listener), joined.onStatus(listener)];
        return () => undos.forEach((undo) => undo());
      },
    });
    closers.push(closeAnnouncements);
    const version = packageVersion(import.meta.url);
    const info = () => ({ version, hostId, name: basename(dir), trackingUri: server.url, user, readOnly: false });
    const calls = createCalls({ catalog, tracking, series, team: joined, info, status });
    const server = await createHttpServer({ port, catalog, tracking, series, artifacts, relay, calls, announcements, user, pageDir, log });
    closers.push(() => server.close());
    await workspace.tellAddress(server.url);
    return { dir, hostId, catalog, tracking, series, artifacts, documents, checkpoint, url: server.url, port: server.port, team: joined, status, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function diskStatus(workspace: Workspace): SyncStatus['disk'] {
  const message = workspace.failure();
  if (message !== undefined) return { state: 'failed', message };
  const since = workspace.waitingSince();
  return { state: since !== undefined && performance.now() - since > savingMs ? 'saving' : 'saved' };
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an account, as in containers.
    return 'me';
  }
}
