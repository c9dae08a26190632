/**
 * Which documents are connected to the team's relay at a moment, and how far each is even with it (see `team.ts`).
 * `tick` compares positions, connects what differs, a few at a time, and lets go of what has been even for a while.
 */
import { documentName, isDocumentName } from '#model';
import type { Relay } from '#relay';
import type { Documents } from '#store';
import type { Shared } from './teamFiles.ts';
import type { TeamLink } from './teamLink.ts';
import { createTeamRoom, type TeamRoom } from './teamRoom.ts';

export interface TeamRooms {
  /** Connects, compares and lets go as needed; cheap, called every second. */
  tick(): void;
  /** Rooms that grew on the relay; `all` when these are all it has. */
  learn(tips: Record<string, number>, all: boolean): void;
  /** The relay is another one, or lost its data. */
  forget(): void;
  /** Documents with changes that the relay has not acknowledged. */
  unshared(): number;
  positions(): Shared['rooms'];
  /** Grows with each change of `positions`. */
  revision(): number;
  sharedAt(): number | undefined;
  markShared(): void;
  close(): Promise<void>;
}

export interface TeamRoomsOptions {
  documents: Documents;
  relay?: Pick<Relay, 'rooms' | 'watchPresence'>;
  link: TeamLink;
  readOnly: boolean;
  shared: Pick<Shared, 'rooms' | 'sharedAt'>;
  onChange: () => void;
  log: (event: string, details: Record<string, unknown>) => void;
}

interface Live {
  room: TeamRoom;
  /** Last time it differed or was asked for, ms. */
  usedAt: number;
  /** Last time it was seen even, or opened. */
  evenAt: number;
  askedAt: number;
  bridging: boolean;
}

const liveAtOnce = 32;
const lingerMs = 60_000;
/** Every so often the states are compared although nothing seems to be missing: a lost frame heals. */
const resyncMs = 30_000;
const askMs = 1000;

export function createTeamRooms(options: TeamRoomsOptions): TeamRooms {
  const { documents, relay, link, readOnly, onChange, log } = options;
  const positions = new Map(Object.entries(options.shared.rooms));
  let sharedAt = options.shared.sharedAt;
  let tips = new Map<string, number>();
  const live = new Map<string, Live>();
  const opening = new Set<Promise<void>>();
  const openingNames = new Set<string>();
  /** Documents that could not be opened: not before this time, ms. */
  const failed = new Map<string, number>();
  let revision = 0;
  let closed = false;

  const positionOf = (name: string): { local: number; relay: number } => positions.get(name) ?? { local: 0, relay: 0 };
  const grewHere = (name: string): boolean => !readOnly && documents.position(name) > positionOf(name).local;
  const grewThere = (name: string): boolean => (tips.get(name) ?? 0) > positionOf(name).relay;

  const pinned = (): Set<string> =>
    new Set([documentName.workspace, ...(relay?.rooms() ?? []).filter(({ sockets }) => sockets > 0).map(({ name }) => name)]);

  const open = (name: string): void => {
    openingNames.add(name);
    const work = documents
      .open(name)
      .then(
        (document) => {
          if (closed) return document.close();
          const room = createTeamRoom({ document, link, readOnly, onChange: () => note(name) });
          const now = Date.now();
          live.set(name, { room, usedAt: now, evenAt: now, askedAt: now, bridging: false });
          room.follow(link.current.state === 'online');
        },
        (error: unknown) => {
          failed.set(name, Date.now() + resyncMs);
          log('teamRoomFailed', { room: name, error: String(error) });
        },
      )
      .finally(() => {
        openingNames.delete(name);
        opening.delete(work);
      });
    opening.add(work);
  };

  /** Takes down how far a connected room has come. */
  const note = (name: string): void => {
    const entry = live.get(name);
    if (!entry) return;
    const before = positionOf(name);
    // The position counts stored changes only: each of them has been sent by now, and all that was sent is acknowledged.
    const local = entry.room.even ? documents.position(name) : before.local;
    const received = Math.max(before.relay, entry.room.received);
    if (local !== before.local || received !== before.relay) {
      positions.set(name, { local, relay: received });
      revision += 1;
    }
    onChange();
  };

  const letGo = (name: string): void => {
    live.get(name)?.room.close();
    live.delete(name);
  };

  const tend = (name: string, entry: Live, isPinned: boolean, crowded: boolean): void => {
    const { room } = entry;
    const now = Date.now();
    note(name);
    const differs = grewHere(name) || grewThere(name) || !room.even;
    if (differs || isPinned) entry.usedAt = now;
    const due = grewThere(name) ? askMs : resyncMs;
    if (room.even && now - entry.askedAt >= due) {
      entry.askedAt = now;
      room.resync();
    }
    bridge(name, entry, isPinned);
    const done = !differs && (crowded || now - entry.usedAt > lingerMs);
    // One that cannot get even (refused, too large) must not keep the others waiting.
    const stuck = differs && crowded && now - entry.evenAt > lingerMs;
    if (room.even) entry.evenAt = now;
    if (stuck) failed.set(name, now + lingerMs);
    if ((done || stuck) && !isPinned) letGo(name);
  };

  /** The people in this host's own room and the team's see one another while both are there. */
  const bridge = (name: string, entry: Live, here: boolean): void => {
    const sockets = here ? (relay?.rooms().find((room) => room.name === name)?.sockets ?? 0) : 0;
    if (sockets === 0 && entry.room.bridged) entry.room.bridge(undefined);
    if (sockets === 0 || entry.room.bridged || entry.bridging || !relay) return;
    entry.bridging = true;
    relay
      .watchPresence(name, (presences) => entry.room.onPresence(presences))
      .then(
        (presence) => {
          if (live.get(name) === entry) entry.room.bridge(presence);
          else presence.close();
        },
        (error: unknown) => log('teamRoomFailed', { room: name, error: String(error) }),
      )
      .finally(() => (entry.bridging = false));
  };

  const wanted = function* (pins: Set<string>): Generator<string> {
    yield* pins;
    for (const name of documents.names()) if (grewHere(name)) yield name;
    for (const name of tips.keys()) if (grewThere(name)) yield name;
  };

  const tick = (): void => {
    if (closed) return;
    const online = link.current.state === 'online';
    const pins = pinned();
    for (const { room } of live.values()) room.follow(online);
    if (!online) return onChange();
    const waiting: string[] = [];
    const seen = new Set<string>();
    for (const name of wanted(pins)) {
      if (seen.has(name) || live.has(name) || openingNames.has(name) || !isDocumentName(name)) continue;
      seen.add(name);
      if ((failed.get(name) ?? 0) <= Date.now()) waiting.push(name);
    }
    for (const [name, entry] of [...live]) tend(name, entry, pins.has(name), waiting.length > 0);
    for (const name of waiting) {
      if (live.size + openingNames.size >= liveAtOnce && !pins.has(name)) break;
      open(name);
    }
    onChange();
  };

  return {
    tick,
    learn(news, all) {
      if (all) {
        // A relay restored from an old copy: what it lost is compared from the beginning.
        for (const [name, { relay: received }] of positions) if (received > (news[name] ?? 0)) positions.delete(name);
        revision += 1;
        tips = new Map();
      }
      for (const [name, position] of Object.entries(news)) if (isDocumentName(name)) tips.set(name, position);
    },
    forget() {
      positions.clear();
      revision += 1;
      for (const name of [...live.keys()]) letGo(name);
    },
    unshared() {
      if (readOnly) return 0;
      const names = new Set(documents.names().filter(grewHere));
      for (const [name, { room }] of live) if (room.unshared) names.add(name);
      return names.size;
    },
    revision: () => revision,
    positions: () => Object.fromEntries(positions),
    sharedAt: () => sharedAt,
    markShared: () => void (sharedAt = Date.now()),
    async close() {
      closed = true;
      for (const name of [...live.keys()]) letGo(name);
      await Promise.all(opening);
    },
  };
}
