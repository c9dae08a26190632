/**
 * A relay: rooms over documents, for sockets that somebody else has accepted and authorised. It knows no HTTP and no
 * tokens, so that the same code runs inside every host (for its pages) and in the team's stand-alone relay (`main.ts`).
 *
 *   const relay = createRelay({ documents });
 *   server.handleUpgrade(request, socket, head, (ws) => relay.accept(ws, { room, role: 'editor', user: 'ada', acks: true }));
 *
 * The caller checks the room's name and picks the role. `acks` is whether the client offered `daybook.v1`.
 */
import type { WebSocket } from 'ws';
import type { Documents } from '#store';
import { closeCode } from '#wire';
import { defaultLimits, type Limits, type Role } from './guard.ts';
import type { MemberOptions } from './member.ts';
import { createRoom, type PresenceLink, type Room } from './room.ts';
import type { Presence } from '#wire';


export interface Relay {
  /** Takes an open socket into a room. Frames that come while the document loads are kept. */
  accept(ws: WebSocket, options: { room: string; role: Role; user: string; acks: boolean }): void;
  /** Joins a room's presence from inside this process; rejects with the store's error when the room cannot be opened. */
  watchPresence(room: string, onNews: (presences: Presence[]) => void): Promise<PresenceLink>;
  /** Rooms that are loaded, with their sockets. */
  rooms(): { name: string; sockets: number }[];
  /** Called after a loaded room's document has grown on disk, with its position in the log. Returns its undo. */
  onGrew(listener: (room: string, position: number) => void): () => void;
  /** A room was loaded or unloaded. Returns its undo. */
  onRooms(listener: () => void): () => void;
  /** Closes the sockets for which `where` holds, in every room. */
  expel(where: (member: MemberOptions) => boolean, code: number, reason: string): void;
  /** Closes every socket with `goingAway`. The documents stay the caller's. */
  close(): void;
}

export interface RelayOptions {
  documents: Documents;
  limits?: Partial<Limits>;
  /** Told of refusals and failures: an event's name and plain details, never contents. */
  log?: (event: string, details: Record<string, unknown>) => void;
}

/** Sockets whose room is still loading hold at most this many bytes each. */
const loadingBytes = 1024 * 1024;

export function createRelay({ documents, limits: given, log = () => undefined }: RelayOptions): Relay {
  const limits: Limits = { ...defaultLimits, ...given };
  const rooms = new Map<string, Promise<Room>>();
  const loaded = new Map<string, Room>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const growth = new Set<(room: string, position: number) => void>();
  const changes = new Set<() => void>();
  let closed = false;

  const unload = (name: string): void => {
    clearTimeout(timers.get(name));
    timers.set(
      name,
      setTimeout(() => {
        timers.delete(name);
        const room = loaded.get(name);
        if (!room || room.size > 0) return;
        rooms.delete(name);
        loaded.delete(name);
        room.close(closeCode.goingAway, 'room unloaded');
        for (const listener of changes) listener();
      }, limits.graceMs).unref(),
    );
  };

  const load = async (name: string): Promise<Room> => {
    const document = await documents.open(name);
    const room = createRoom({
      document,
      limits,
      log,
      position: () => documents.position(name),
      onEmpty: () => unload(name),
      onGrew: () => {
        for (const listener of growth) listener(name, documents.position(name));
      },
    });
    if (closed) room.close(closeCode.goingAway, 'closing');
    else loaded.set(name, room);
    for (const listener of changes) listener();
    return room;
  };

  const roomOf = (name: string): Promise<Room> => {
    clearTimeout(timers.get(name));
    timers.delete(name);
    const known = rooms.get(name);
    if (known) return known;
    const room = load(name);
    rooms.set(name, room);
    // A room that could not be loaded may be tried again; whoever asked gets the error.
    room.catch(() => rooms.delete(name));
    return room;
  };

  return {
    accept(ws, { room: name, ...options }) {
      if (closed) return ws.close(closeCode.goingAway, 'closing');
      const early: Buffer[] = [];
      const keep = (data: unknown, isBinary: boolean): void => {
        const size = early.reduce((sum, { length }) => sum + length, 0);
        if (isBinary && data instanceof Buffer && size < loadingBytes) early.push(data);
        else ws.close(closeCode.badFrame, 'only binary frames');
      };
      ws.on('message', keep);
      ws.on('error', () => undefined);
      ws.pause();
      roomOf(name).then(
        (room) => {
          ws.off('message', keep);
          if (ws.readyState !== ws.OPEN || closed) {
            if (closed) ws.close(closeCode.goingAway, 'closing');
            if (room.size === 0) unload(name);
            return;
          }
          room.join(ws, options);
          for (const frame of early) ws.emit('message', frame, true);
          ws.resume();
        },
        (error: unknown) => {
          log('roomFailed', { room: name, error: String(error) });
          ws.resume();
          ws.close(closeCode.notStored, 'the room cannot be opened');
        },
      );
    },
    async watchPresence(name, onNews) {
      return (await roomOf(name)).watchPresence(onNews);
    },
    rooms: () => [...loaded.values()].map(({ name, sockets }) => ({ name, sockets })),
    onGrew(listener) {
      growth.add(listener);
      return () => growth.delete(listener);
    },
    onRooms(listener) {
      changes.add(listener);
      return () => changes.delete(listener);
    },
    expel(where, code, reason) {
      for (const room of loaded.values()) {
        for (const member of [...room.members()]) if (where(member)) member.close(code, reason);
      }
    },
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      for (const room of loaded.values()) room.close(closeCode.goingAway, 'closing');
      rooms.clear();
      loaded.clear();
    },
  };
}
