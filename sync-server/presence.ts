/**
 * Who is in a room right now: the awareness states of its sockets, kept by the relay so that a newcomer sees them and
 * everybody learns when somebody is gone. Nothing here is stored.
 *
 * Each source (a socket, or a host forwarding its team) speaks only for its own client ids: an id belongs to whoever
 * brought it first while it is present. Stock y-websocket clients echo everybody's states back; those echoes, and
 * attempts to speak for others, are dropped without closing anything.
 */
import type { Presence } from '#wire';

export interface PresenceTable {
  /** Takes what a source says; returns the part that is news and to be passed on. */
  accept(source: object, presences: readonly Presence[], most: number): Presence[];
  /** A source is gone: returns the farewells to pass on. */
  leave(source: object): Presence[];
  /** Everyone present, except those of one source. */
  others(source?: object): Presence[];
}

interface Known extends Presence {
  source: object;
}

/**
 * How long an id that left must bring a newer clock to return, so that an echo does not bring it back. A client renews
 * its clock every 15 s by itself.
 */
const ghostMs = 60_000;

export function createPresenceTable(now: () => number = Date.now): PresenceTable {
  const present = new Map<number, Known>();
  const departed = new Map<number, { clock: number; at: number }>();

  const owned = (source: object): number => [...present.values()].filter((known) => known.source === source).length;

  const mayEnter = (source: object, { clientId, clock }: Presence, most: number): boolean => {
    const ghost = departed.get(clientId);
    if (ghost && clock <= ghost.clock) return false;
    return owned(source) < most;
  };

  const remove = ({ clientId, clock }: Presence): Presence => {
    present.delete(clientId);
    departed.set(clientId, { clock, at: now() });
    for (const [id, { at }] of departed) if (at < now() - ghostMs) departed.delete(id);
    return { clientId, clock, state: 'null' };
  };

  return {
    accept(source, presences, most) {
      const news: Presence[] = [];
      for (const presence of presences) {
        const known = present.get(presence.clientId);
        const gone = presence.state === 'null';
        if (known) {
          if (known.source !== source) continue;
          if (presence.clock < known.clock || (presence.clock === known.clock && !gone)) continue;
          if (gone) news.push(remove(presence));
          else {
            present.set(presence.clientId, { ...presence, source });
            news.push(presence);
          }
        } else if (!gone && mayEnter(source, presence, most)) {
          present.set(presence.clientId, { ...presence, source });
          news.push(presence);
        }
      }
      return news;
    },
    leave(source) {
      return [...present.values()]
        .filter((known) => known.source === source)
        .map(remove);
    },
    others(source) {
      return [...present.values()]
        .filter((known) => known.source !== source)
        .map(({ clientId, clock, state }) => ({ clientId, clock, state }));
    },
  };
}
