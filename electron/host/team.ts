/**
 * This host's part in a team: joins a relay, keeps every document and chunk even with it, and says truthfully how far.
 *
 *   const team = await createTeam({ documents, chunks, pointers, stateDir, hostId, relay });
 *   await team.join('daybook://join#…', 'Ada');
 *   team.onStatus((status) => …);          // SyncStatus['relay'] of the contract
 *
 * A document is connected while a page has it open, while it differs from the relay's copy, and for a minute after;
 * `workspace` always. What differs is known from positions in the two logs, kept in `team-state.json`: this host's
 * position up to which the relay has acknowledged everything, and the relay's up to which everything has arrived. So
 * what was written offline is found again after a restart, and a relay that lost its data is given everything anew.
 */
import { generateKeyPairSync } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { DaybookError, type SyncStatus } from '#contract';
import { readInvite, type Relay } from '#relay';
import type { Chunks, Documents } from '#store';
import { createChunkExchange, type ChunkExchange, type ChunkPointers } from './teamChunks.ts';
import { createTeamFiles, joinedSchema, type Membership } from './teamFiles.ts';
import { createTeamLink, httpUrlOf, messageOf, type TeamLink } from './teamLink.ts';
import { createTeamRooms, type TeamRooms } from './teamRooms.ts';

export type TeamStatus = SyncStatus['relay'];

export interface Team {
  /** DaybookError `invalid_argument`, `forbidden`, `unavailable`, or `wrong_state` when already in a team. */
  join(invite: string, name?: string): Promise<TeamStatus>;
  /** Forgets the team; all data stays here. */
  leave(): Promise<TeamStatus>;
  status(): TeamStatus;
  /** Returns its undo. */
  onStatus(listener: (status: TeamStatus) => void): () => void;
  /** Resolves once the relay has these chunks, or at once when it is away: call it before publishing what names them. */
  shareChunks(hashes: readonly string[]): Promise<void>;
  /** Looks at once for documents that changed here, instead of within a second. */
  nudge(): void;
  close(): Promise<void>;
}

export interface TeamOptions {
  documents: Documents;
  chunks: Chunks;
  pointers: ChunkPointers;
  /** `<workspace>/local` */
  stateDir: string;
  /** Whose log `documents` writes. */
  hostId: string;
  /** The relay for this host's own pages: rooms with sockets stay connected, and its people are shown to the team. */
  relay?: Pick<Relay, 'rooms' | 'watchPresence'>;
  fetch?: typeof globalThis.fetch;
  /** Told of failures that are tried again: an event's name and plain details. */
  log?: (event: string, details: Record<string, unknown>) => void;
}

interface ActiveTeam {
  membership: Membership;
  link: TeamLink;
  rooms: TeamRooms;
  exchange: ChunkExchange;
  stop(): Promise<void>;
}

const tickMs = 1000;
const saveMs = 2000;

/** Opens the team that this workspace is in, if any, and goes on from where it was. */
export async function createTeam(options: TeamOptions): Promise<Team> {
  const { documents, chunks, pointers, stateDir, hostId, relay, fetch = globalThis.fetch, log = () => undefined } = options;
  const files = createTeamFiles(stateDir);
  const listeners = new Set<(status: TeamStatus) => void>();
  let active: ActiveTeam | undefined;
  let told = '';
  let telling: NodeJS.Timeout | undefined;

  const status = (): TeamStatus => {
    if (!active) return { state: 'none', unshared: 0, missing: 0 };
    const { membership, link, rooms, exchange } = active;
    return {
      state: link.current.state,
      url: membership.relay,
      team: membership.team,
      unshared: rooms.unshared() + exchange.unshared,
      missing: exchange.missing,
      sharedAt: rooms.sharedAt(),
      message: link.current.message,
    };
  };

  const tell = (): void => {
    telling ??= setTimeout(() => {
      telling = undefined;
      const now = status();
      const text = JSON.stringify(now);
      if (text === told) return;
      told = text;
      for (const listener of listeners) listener(now);
    }, 20).unref();
  };

  const start = async (membership: Membership): Promise<void> => {
    const shared = await files.shared();
    const known = shared?.hostId === hostId ? shared : { hostId, relayId: '', rooms: {}, chunks: [] };
    let { relayId } = known;
    const readOnly = membership.role === 'viewer';
    const link = createTeamLink({
      membership,
      fetch,
      onState: () => {
        rooms.tick();
        tell();
      },
      onTips: ({ relay: id, rooms: tips, first }) => {
        if (id !== relayId) {
          rooms.forget();
          exchange.forget();
          relayId = id;
        }
        rooms.learn(tips, first);
        // After the state has become online, which follows the first tips.
        if (first) setTimeout(() => exchange.run(true), 0).unref();
        rooms.tick();
      },
    });
    const rooms = createTeamRooms({ documents, relay, link, readOnly, shared: known, log, onChange: tell });
    const exchange = createChunkExchange({ chunks, pointers, link, readOnly, confirmed: known.chunks, log, onChange: tell });
    exchange.run();
    link.start();

    let saved = -1;
    const save = async (): Promise<void> => {
      const revision = rooms.revision() + exchange.revision;
      if (revision === saved) return;
      saved = revision;
      const state = { hostId, relayId, rooms: rooms.positions(), chunks: exchange.confirmed(), sharedAt: rooms.sharedAt() };
      await files.saveShared(state).catch((error: unknown) => log('teamStateNotSaved', { error: String(error) }));
    };
    const ticking = setInterval(() => {
      rooms.tick();
      if (exchange.unshared === 0 && rooms.unshared() === 0 && link.current.state === 'online') rooms.markShared();
      tell();
    }, tickMs).unref();
    const saving = setInterval(() => void save(), saveMs).unref();
    active = {
      membership,
      link,
      rooms,
      exchange,
      async stop() {
        clearInterval(ticking);
        clearInterval(saving);
        exchange.close();
        await rooms.close();
        link.close();
        await save();
      },
    };
    tell();
  };

  const stop = async (): Promise<void> => {
    const ended = active;
    active = undefined;
    await ended?.stop();
  };

  // Each connected document listens for the process's exit; many of them are no leak.
  setMaxListeners(1000, process);
  const membership = await files.membership();
  if (membership) await start(membership);

  return {
    async join(invite, name = '') {
      if (active) throw new DaybookError('wrong_state', 'This workspace is in a team already. Leave it first.');
      const joined = await enrol(invite, name, fetch);
      await files.forget();
      await files.saveMembership(joined);
      await start(joined);
      return status();
    },
    async leave() {
      await stop();
      await files.forget();
      tell();
      return status();
    },
    status,
    onStatus(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async shareChunks(hashes) {
      await active?.exchange.share(hashes);
    },
    nudge: () => active?.rooms.tick(),
    async close() {
      clearTimeout(telling);
      await stop();
    },
  };
}

/** Shows the invite to its relay with a new device key. */
async function enrol(invite: string, name: string, fetch: typeof globalThis.fetch): Promise<Membership> {
  const { relay } = readOwnInvite(invite);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  let response: Response;
  try {
    response = await fetch(`${httpUrlOf(relay)}/join`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ invite, key: publicKey.export({ format: 'jwk' }).x, name }),
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    throw new DaybookError('unavailable', `The relay at ${relay} cannot be reached. Is it running, and is the network there?`, 'invite');
  }
  if (!response.ok) throw new DaybookError(response.status === 403 ? 'forbidden' : 'unavailable', await messageOf(response), 'invite');
  const joined = joinedSchema.safeParse(await response.json().catch(() => undefined));
  if (!joined.success) throw new DaybookError('unavailable', `What answers at ${relay} is no relay of Daybook. Ask for another invite.`, 'invite');
  const { member, id, team, role } = joined.data;
  return { relay, team, role, member, id, name, privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

function readOwnInvite(invite: string): { relay: string } {
  try {
    const { relay } = readInvite(invite.trim());
    const { protocol, hostname } = new URL(relay);
    const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
    if (protocol !== 'wss:' && !(protocol === 'ws:' && local)) {
      throw new DaybookError('invalid_argument', 'This relay is not reached through TLS, so others could read along. Put it behind a wss:// address.', 'invite');
    }
    return { relay: relay.replace(/\/+$/, '') };
  } catch (error) {
    if (error instanceof DaybookError) throw error;
    throw new DaybookError('invalid_argument', error instanceof Error ? error.message : 'This is not an invite.', 'invite');
  }
}
