/**
 * One room: a document and the sockets that share it.
 *
 *   update from a socket → guard → apply (which appends it to the log) → fsynced → ack to the sender, and on to the others
 *
 * Fan-out follows the document's own `onStored`, so an update made inside this process (by the host, or by its link to
 * the team) reaches the sockets by the same path. An update whose predecessors have not come is acknowledged only when
 * they have; one that the document holds already is acknowledged once what it repeats is on disk.
 */
import type { WebSocket } from 'ws';
import * as Y from 'yjs';
import type { OpenDocument } from '#store';
import { awarenessFrame, closeCode, missingFrame, stateVectorFrame, tipFrame, updateFrame, type Presence } from '#wire';
import { createBudget } from './budget.ts';
import { checkFrame, holds, type Limits, type UpdateReach } from './guard.ts';
import { createMember, type Member, type MemberOptions } from './member.ts';
import { createPresenceTable } from './presence.ts';

export interface Room {
  readonly name: string;
  /** Sockets and watchers; an empty room may be closed. */
  readonly size: number;
  readonly sockets: number;
  join(ws: WebSocket, options: MemberOptions): Member;
  /** Presence for code in this process, as if it were a socket. */
  watchPresence(onNews: (presences: Presence[]) => void): PresenceLink;
  members(): Iterable<Member>;
  close(code: number, reason: string): void;
}

/** A place in a room's presence without a socket. */
export interface PresenceLink {
  /** Says who is here on this side's behalf; at most `limits.presencesPerSocket` times 16 ids. */
  say(presences: readonly Presence[]): void;
  /** Everyone else in the room. */
  others(): Presence[];
  close(): void;
}

export interface RoomOptions {
  document: OpenDocument;
  limits: Limits;
  /** Sequence number of the newest stored record of the document in the log. */
  position: () => number;
  onEmpty: () => void;
  /** The document has grown on disk. */
  onGrew: () => void;
  log: (event: string, details: Record<string, unknown>) => void;
}

export function createRoom({ document, limits, position, onEmpty, onGrew, log }: RoomOptions): Room {
  const { doc, name } = document;
  const members = new Set<Member>();
  const watchers = new Map<object, (presences: Presence[]) => void>();
  const presence = createPresenceTable();
  /** Author (Yjs client id) → the person who first wrote live under it since the room was loaded. */
  const authors = new Map<number, string>();
  const parked = new WeakSet<Member>();
  const budget = createBudget(doc, limits);

  const refuse = (member: Member, code: number, reason: string): void => {
    log('refused', { room: name, user: member.user, code, reason });
    member.close(code, reason);
  };

  const unload = (): void => {
    if (members.size + watchers.size === 0) onEmpty();
  };

  const spread = (presences: Presence[], source: object): void => {
    if (presences.length === 0) return;
    for (const member of members) {
      // One frame each: a stock client echoes every frame, and an echo must stay as small as a presence.
      if (member !== source) for (const one of presences) member.send(awarenessFrame([one]));
    }
    for (const [link, onNews] of watchers) if (link !== source) onNews(presences);
  };

  const undoStored = document.onStored((update, origin) => {
    const frame = updateFrame(update);
    for (const member of members) if (member !== origin) member.send(frame);
    onGrew();
  });

  /** Acknowledges what is on disk of everything that was applied until now. */
  const acknowledge = async (): Promise<void> => {
    const news = [...members].flatMap((member) => {
      const count = member.settle((reach) => holds(doc, reach));
      return count === undefined ? [] : [{ member, count }];
    });
    if (news.length === 0) return;
    try {
      await document.durable();
    } catch (error) {
      log('notStored', { room: name, error: String(error) });
      for (const { member } of news) member.close(closeCode.notStored, 'could not be stored');
      return;
    }
    for (const { member, count } of news) member.acknowledge(count);
  };

  /** Ids that were claimed and never came to write anything are not kept for ever. */
  const forgetAuthors = (): void => {
    if (authors.size <= 2 * limits.authorsPerRoom) return;
    for (const id of authors.keys()) if (!doc.store.clients.has(id)) authors.delete(id);
  };

  const mayWrite = (member: Member, reach: UpdateReach, live: boolean): string | undefined => {
    const fresh = [...reach.structs.keys()].filter((id) => !doc.store.clients.has(id));
    if (doc.store.clients.size + fresh.length > limits.authorsPerRoom) return 'too many authors in this room';
    // A whole state may hold anybody's edits, brought along; a live update holds its sender's own.
    if (!live) return undefined;
    if (!member.mayIntroduce(fresh.length)) return 'too many new authors';
    for (const id of reach.structs.keys()) {
      const author = authors.get(id);
      if (author !== undefined && author !== member.user) return 'an edit under the name of somebody else';
    }
    for (const id of reach.structs.keys()) authors.set(id, member.user);
    forgetAuthors();
    return undefined;
  };

  const write = (member: Member, update: Uint8Array, reach: UpdateReach, live: boolean): void => {
    const objection = mayWrite(member, reach, live);
    if (objection) return refuse(member, closeCode.resync, objection);
    if (!budget.take(update.length, reach.count)) return refuse(member, closeCode.tooLarge, 'the document is full');
    try {
      Y.applyUpdate(doc, update, member);
    } catch (error) {
      return refuse(member, closeCode.badFrame, `unreadable update: ${String(error)}`);
    }
    if ((doc.store.pendingStructs?.update.length ?? 0) + (doc.store.pendingDs?.length ?? 0) > limits.pendingBytes) {
      doc.store.pendingStructs = null;
      doc.store.pendingDs = null;
      return refuse(member, closeCode.resync, 'too many updates without their predecessors');
    }
    if (!member.expect(reach)) return refuse(member, closeCode.resync, 'too many updates without their predecessors');
    if (holds(doc, reach)) parked.delete(member);
    else if (!parked.has(member)) {
      // Something before it is missing: ask once for everything the client has.
      parked.add(member);
      member.send(stateVectorFrame(doc));
    }
    void acknowledge();
  };

  const answer = (member: Member, stateVector: Uint8Array): void => {
    member.answer(
      () => missingFrame(doc, stateVector),
      // The position counts stored updates only, so it is never more than what the answer holds.
      () => (member.acks ? tipFrame(position()) : undefined),
    );
  };

  const meet = createMeeting((member, presences) => {
    spread(presence.accept(member, presences, limits.presencesPerSocket), member);
  });

  const onFrame = (member: Member, bytes: Uint8Array): void => {
    const verdict = checkFrame(bytes, { role: member.role, limits });
    if ('refuse' in verdict) refuse(member, verdict.refuse, verdict.reason);
    else if ('stateVector' in verdict) answer(member, verdict.stateVector);
    else if ('presences' in verdict) meet(member, verdict.presences);
    else write(member, verdict.update, verdict.reach, verdict.live);
  };

  return {
    name,
    get size() {
      return members.size + watchers.size;
    },
    get sockets() {
      return members.size;
    },
    members: () => members,
    join(ws, options) {
      const member: Member = createMember(ws, options, limits, {
        onFrame: (bytes) => onFrame(member, bytes),
        onGone: () => {
          members.delete(member);
          spread(presence.leave(member), member);
          unload();
        },
      });
      members.add(member);
      if (member.role !== 'viewer') member.send(stateVectorFrame(doc));
      for (const one of presence.others()) member.send(awarenessFrame([one]));
      return member;
    },
    watchPresence(onNews) {
      const link = {};
      watchers.set(link, onNews);
      return {
        say: (presences) => spread(presence.accept(link, presences, limits.presencesPerSocket * 16), link),
        others: () => presence.others(link),
        close() {
          if (!watchers.delete(link)) return;
          spread(presence.leave(link), link);
          unload();
        },
      };
    },
    close(code, reason) {
      undoStored();
      for (const member of [...members]) member.close(code, reason);
      watchers.clear();
      document.close();
    },
  };
}

/** Passes presences on at a bounded pace; of those that came too fast, the newest of each person follows. */
function createMeeting(pass: (member: Member, presences: Presence[]) => void) {
  const held = new WeakMap<Member, Map<number, Presence>>();
  return (member: Member, presences: Presence[]): void => {
    const later = held.get(member);
    if (later) {
      for (const one of presences.slice(0, 100)) if (later.size < 100) later.set(one.clientId, one);
      return;
    }
    const wait = member.presenceDelay();
    if (wait === 0) return pass(member, presences);
    const waiting = new Map(presences.slice(0, 100).map((one) => [one.clientId, one]));
    held.set(member, waiting);
    setTimeout(() => {
      held.delete(member);
      if (member.open) pass(member, [...waiting.values()]);
    }, wait).unref();
  };
}
