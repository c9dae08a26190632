/**
 * What may come in: looks at one frame from a socket before anything is applied, stored or sent on.
 * Every check works on decoded, canonical frames and on a lazy reading of the Yjs update (version 1 only), which costs
 * little even for updates made to exhaust memory; what it lets through is safe to apply.
 *
 *   const verdict = checkFrame(bytes, { role, limits });
 *   if ('refuse' in verdict) ws.close(verdict.refuse, verdict.reason);
 *
 * What each role may send (default deny):
 *                     sync 0 state vector   sync 1 missing   sync 2 update   own awareness
 *   owner, editor            yes                 yes              yes             yes
 *   viewer                   yes                 no               no              yes
 */
import type * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { closeCode, frameKind, readFrame, WireError, type Presence } from '#wire';

export type Role = 'owner' | 'editor' | 'viewer';

export interface Limits {
  /** Bytes of one update. */
  updateBytes: number;
  /** Bytes of one answer to a state vector, which may be a whole document. */
  missingBytes: number;
  stateVectorBytes: number;
  /** Structs and ranges of deletions in one update: each may be two bytes on the wire and a hundred in memory. */
  updateStructs: number;
  /** The same for an answer to a state vector. */
  missingStructs: number;
  /** Bytes and structs of a whole document. */
  documentBytes: number;
  documentStructs: number;
  /** Bytes of one presence's JSON. */
  presenceBytes: number;
  /** Bytes of all presences in one frame. */
  presenceFrameBytes: number;
  /** Presences that one socket may bring: 1 for a page, more for a host that forwards its windows. */
  presencesPerSocket: number;
  /** Presence changes of one socket that are passed on, per second; the newest of the rest follows a moment later. */
  presencesPerSecond: number;
  /** Authors (Yjs client ids) that one socket may introduce through updates, per hour. */
  newAuthorsPerHour: number;
  authorsPerRoom: number;
  /** Bytes of updates and deletions whose predecessors have not come. */
  pendingBytes: number;
  /** Bytes that may wait for a slow reader. */
  bufferedBytes: number;
  /** Frames and bytes that one socket may send per second; a faster one is read more slowly, not closed. */
  framesPerSecond: number;
  bytesPerSecond: number;
  /** How long an unused room stays loaded, ms. */
  graceMs: number;
  /** How often a quiet socket gets a sign of life, ms; y-websocket gives up after 30 s of silence. */
  keepAliveMs: number;
}

export const defaultLimits: Limits = {
  updateBytes: 1024 * 1024,
  missingBytes: 64 * 1024 * 1024,
  // An entry takes ten bytes at most.
  stateVectorBytes: 128 * 1024,
  updateStructs: 50_000,
  missingStructs: 2_000_000,
  documentBytes: 64 * 1024 * 1024,
  documentStructs: 4_000_000,
  presenceBytes: 4 * 1024,
  presenceFrameBytes: 64 * 1024,
  presencesPerSocket: 1,
  presencesPerSecond: 20,
  newAuthorsPerHour: 64,
  authorsPerRoom: 10_000,
  pendingBytes: 1024 * 1024,
  bufferedBytes: 8 * 1024 * 1024,
  framesPerSecond: 500,
  bytesPerSecond: 8 * 1024 * 1024,
  graceMs: 10_000,
  keepAliveMs: 12_000,
};

/** The largest frame that any limit allows: what a WebSocketServer takes as `maxPayload`. */
export const maxFrameBytes = defaultLimits.missingBytes + 64;

/** What an update touches, read without applying it. */
export interface UpdateReach {
  /** Client id → clock after its last struct in the update. */
  structs: Map<number, number>;
  /** Client id → end of the last range that the update deletes. */
  deletes: Map<number, number>;
  /** Structs and ranges of deletions. */
  count: number;
}

export type Verdict =
  | { stateVector: Uint8Array }
  | { update: Uint8Array; reach: UpdateReach; live: boolean }
  | { presences: Presence[] }
  | { refuse: number; reason: string };

/** Judges one frame. Never throws. */
export function checkFrame(bytes: Uint8Array, { role, limits }: { role: Role; limits: Limits }): Verdict {
  try {
    // Before it is read: a presence costs its reader far more than its three bytes.
    if (bytes[0] === frameKind.awareness && bytes.length > limits.presenceFrameBytes) {
      return refuse(closeCode.tooLarge, 'too many presences at once');
    }
    const frame = readFrame(bytes);
    switch (frame.kind) {
      case 'stateVector':
        return checkStateVector(frame.body, limits);
      case 'missing':
      case 'update':
        if (role === 'viewer') return refuse(closeCode.forbidden, 'viewers may not write');
        return checkUpdate(frame.body, frame.kind === 'update', limits);
      case 'awareness':
        return checkPresences(frame.presences, limits);
      default:
        return refuse(closeCode.badFrame, 'not a frame for a relay');
    }
  } catch (error) {
    return refuse(closeCode.badFrame, error instanceof WireError ? error.message : 'unreadable frame');
  }
}

function checkStateVector(body: Uint8Array, limits: Limits): Verdict {
  if (body.length > limits.stateVectorBytes) return refuse(closeCode.tooLarge, 'state vector too large');
  for (const clock of Y.decodeStateVector(body).values()) {
    if (!isClock(clock)) return refuse(closeCode.badFrame, 'impossible clock');
  }
  return { stateVector: body };
}

function checkUpdate(update: Uint8Array, live: boolean, limits: Limits): Verdict {
  if (update.length > limits.missingBytes) return refuse(closeCode.tooLarge, 'more than a document may hold');
  // A client that starts over brings a large edit with its whole state, at a moment when nobody waits for a keystroke.
  if (live && update.length > limits.updateBytes) return refuse(closeCode.resync, 'large update');
  try {
    return { update, reach: readReach(update, live ? limits.updateStructs : limits.missingStructs), live };
  } catch (error) {
    if (error instanceof TooManyError) return refuse(live ? closeCode.resync : closeCode.tooLarge, error.message);
    return refuse(closeCode.badFrame, error instanceof WireError ? error.message : 'unreadable update');
  }
}

function checkPresences(presences: Presence[], limits: Limits): Verdict {
  for (const { state } of presences) {
    if (state.length > limits.presenceBytes) return refuse(closeCode.tooLarge, 'presence too large');
    const value: unknown = JSON.parse(state);
    if (typeof value !== 'object' || Array.isArray(value)) return refuse(closeCode.badFrame, 'a presence is an object');
  }
  return { presences };
}

class TooManyError extends WireError {}

/** Reads a whole update lazily. Throws when it is damaged, holds what no client of ours writes, or more than `most` structs. */
export function readReach(update: Uint8Array, most = Infinity): UpdateReach {
  // The lazy reader first: it fails at the first missing byte, where applying would first allocate what the update claims.
  const { to: structs } = Y.parseUpdateMetaV2(update, countingDecoder(most).Decoder);
  const { items, ds, rest, count } = decodeWhole(update, most);
  if (rest > 0) throw new WireError('the update is longer than it says');
  for (const clock of structs.values()) if (!isClock(clock)) throw new WireError('impossible clock');
  for (const item of items) {
    if ('parentSub' in item && item.parentSub === '__proto__') throw new WireError('forbidden key');
  }
  const deletes = new Map<number, number>();
  for (const [client, ranges] of ds.clients) {
    const end = ranges.reduce((most, { clock, len }) => Math.max(most, clock + len), 0);
    if (!isClock(end)) throw new WireError('impossible clock');
    deletes.set(client, end);
  }
  return { structs, deletes, count };
}

/** Yjs's own decoding, and how many bytes it left over: an update of the second version begins like an empty first one. */
function decodeWhole(update: Uint8Array, most: number) {
  const counting = countingDecoder(most);
  const { structs: items, ds } = Y.decodeUpdateV2(update, counting.Decoder);
  return { items, ds, rest: counting.rest(), count: counting.count() };
}

/** A decoder class for Yjs that stops after `most` structs and ranges of deletions, before memory is made for more. */
function countingDecoder(most: number) {
  let decoder: Y.UpdateDecoderV1 | undefined;
  let count = 0;
  const counted = (read: () => number) => (): number => {
    count += 1;
    if (count > most) throw new TooManyError('an update of too many pieces');
    return read();
  };
  const Decoder = function (from: decoding.Decoder): Y.UpdateDecoderV1 {
    decoder = new Y.UpdateDecoderV1(from);
    decoder.readInfo = counted(decoder.readInfo.bind(decoder));
    decoder.readDsClock = counted(decoder.readDsClock.bind(decoder));
    return decoder;
  } as unknown as typeof Y.UpdateDecoderV1;
  return {
    Decoder,
    count: () => count,
    rest(): number {
      const { arr, pos } = (decoder as Y.UpdateDecoderV1).restDecoder;
      return arr.length - pos;
    },
  };
}

/** Whether everything in an update has been applied to the document (and so appended to its log), not parked for later. */
export function holds(doc: Y.Doc, { structs, deletes }: Pick<UpdateReach, 'structs' | 'deletes'>): boolean {
  for (const [client, clock] of structs) if (Y.getState(doc.store, client) < clock) return false;
  for (const [client, clock] of deletes) if (Y.getState(doc.store, client) < clock) return false;
  return true;
}

/** Clocks count edits; nobody makes 2^31 of them, but one struct may claim 2^53 and so end an author's document for ever. */
function isClock(clock: number): boolean {
  return clock >= 0 && clock <= 2 ** 31;
}

function refuse(code: number, reason: string): Verdict {
  return { refuse: code, reason };
}
