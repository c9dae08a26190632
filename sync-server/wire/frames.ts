/**
 * The frames of a room's socket: what a stock y-websocket client speaks, and two kinds more for those who ask for them.
 *
 *   0 sync       varUint step (0 state vector · 1 missing updates · 2 update), varUint8Array body
 *   1 awareness  varUint8Array { varUint entries, each: varUint clientID, varUint clock, varString JSON }
 *   2 auth, 3 queryAwareness   never sent by a client over a socket, refused
 *   100 ack      varUint n: the first n update-bearing frames (sync steps 1 and 2) you sent on this connection are on my disk
 *   101 tip      varUint position: the state I sent you last holds everything up to here in my log (relay → host)
 *
 * Kinds ≥ 100 go only to clients that offered the subprotocol `daybook.v1`. The access token travels as a second offered
 * subprotocol, `token.<token>`, never in the address, which ends up in logs. Varints must be canonical: a reader that
 * accepts `80 00` as 0 lets a viewer's write pass a check on the first bytes.
 *
 * Close codes 4400–4499 mean "do not come back", 4500–4599 "try again", as y-websocket 3.1 understands them.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type * as Y from 'yjs';
import * as sync from 'y-protocols/sync';
import { WireError } from './value.ts';

/** The subprotocol that announces: I understand kinds ≥ 100. Its number is the version of this wire. */
export const protocolName = 'daybook.v1';

/** The subprotocol that carries an access token (base64url and dots, so that it is a legal token). */
export const tokenProtocol = (token: string): string => `token.${token}`;

/** Finds the access token among offered subprotocols. */
export function offeredToken(protocols: Iterable<string>): string | undefined {
  for (const name of protocols) if (name.startsWith('token.')) return name.slice('token.'.length);
  return undefined;
}

export const frameKind = { sync: 0, awareness: 1, auth: 2, queryAwareness: 3, ack: 100, tip: 101 } as const;

export const syncStep = { stateVector: 0, missing: 1, update: 2 } as const;

export const closeCode = {
  /** Nonsense, or something this protocol does not have. */
  badFrame: 4400,
  /** No valid token. */
  unauthorized: 4401,
  /** Unknown room, or one that this member may not use that way: both look the same. */
  forbidden: 4403,
  /** A frame, a presence or a document over its limit: sending it again would not help. */
  tooLarge: 4413,
  /** The relay is closing or restarting. */
  goingAway: 4500,
  /** The client reads too slowly; it will be brought up to date when it returns. */
  tooSlow: 4503,
  /** The relay's disk refused; nothing was acknowledged. */
  notStored: 4507,
  /** The relay lost the thread (updates whose predecessors never came, too many new authors): start over from the state vectors. */
  resync: 4508,
  /** Too many sockets. */
  busy: 4529,
} as const;

export interface Presence {
  clientId: number;
  clock: number;
  /** JSON of the state; `null` when the client left. */
  state: string;
}

export type Frame =
  | { kind: 'stateVector' | 'missing' | 'update'; body: Uint8Array }
  | { kind: 'awareness'; presences: Presence[] }
  | { kind: 'ack' | 'tip'; value: number };

/**
 * Reads one frame, canonically: anything unknown, cut short, too long or spelled in more bytes than needed is a WireError.
 * Bodies are views on `bytes`, not yet looked into.
 */
export function readFrame(bytes: Uint8Array): Frame {
  const decoder = decoding.createDecoder(bytes);
  const kind = readCanonical(decoder);
  const frame = readBody(decoder, kind);
  if (decoding.hasContent(decoder)) throw new WireError('The frame is longer than it says.');
  return frame;
}

function readBody(decoder: decoding.Decoder, kind: number): Frame {
  switch (kind) {
    case frameKind.sync: {
      const step = readCanonical(decoder);
      const name = stepNames[step];
      if (!name) throw new WireError(`There is no sync step ${step}.`);
      return { kind: name, body: readBytes(decoder) };
    }
    case frameKind.awareness:
      return { kind: 'awareness', presences: readPresences(readBytes(decoder)) };
    case frameKind.ack:
      return { kind: 'ack', value: readCanonical(decoder) };
    case frameKind.tip:
      return { kind: 'tip', value: readCanonical(decoder) };
    default:
      throw new WireError(`There is no frame of kind ${kind} here.`);
  }
}

const stepNames: readonly ('stateVector' | 'missing' | 'update' | undefined)[] = ['stateVector', 'missing', 'update'];

/** Reads the content of an awareness frame. */
export function readPresences(bytes: Uint8Array): Presence[] {
  const decoder = decoding.createDecoder(bytes);
  const count = readCanonical(decoder);
  if (count * 3 > bytes.length) throw new WireError('The frame is shorter than it says.');
  const presences = Array.from({ length: count }, () => ({
    clientId: readCanonical(decoder),
    clock: readCanonical(decoder),
    state: readText(decoder),
  }));
  if (decoding.hasContent(decoder)) throw new WireError('The frame is longer than it says.');
  return presences;
}

export const stateVectorFrame = (doc: Y.Doc): Uint8Array =>
  frame(frameKind.sync, (encoder) => sync.writeSyncStep1(encoder, doc));

/** What the other side lacks, given its state vector. Throws when the vector makes no sense. */
export const missingFrame = (doc: Y.Doc, stateVector: Uint8Array): Uint8Array =>
  frame(frameKind.sync, (encoder) => sync.writeSyncStep2(encoder, doc, stateVector));

export const updateFrame = (update: Uint8Array): Uint8Array =>
  frame(frameKind.sync, (encoder) => sync.writeUpdate(encoder, update));

export const ackFrame = (count: number): Uint8Array =>
  frame(frameKind.ack, (encoder) => encoding.writeVarUint(encoder, count));

export const tipFrame = (position: number): Uint8Array =>
  frame(frameKind.tip, (encoder) => encoding.writeVarUint(encoder, position));

/** An awareness frame; with no presences it changes nothing and only shows that the connection lives. */
export const awarenessFrame = (presences: readonly Presence[]): Uint8Array =>
  frame(frameKind.awareness, (encoder) => encoding.writeVarUint8Array(encoder, presencesToBytes(presences)));

/** What y-protocols calls an awareness update. */
export function presencesToBytes(presences: readonly Presence[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, presences.length);
    for (const { clientId, clock, state } of presences) {
      encoding.writeVarUint(encoder, clientId);
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarString(encoder, state);
    }
  });
}

function frame(kind: number, write: (encoder: encoding.Encoder) => void): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, kind);
    write(encoder);
  });
}

/** A varUint in its one shortest spelling: the last byte of a longer one is never 0. */
function readCanonical(decoder: decoding.Decoder): number {
  const start = decoder.pos;
  let value: number;
  try {
    value = decoding.readVarUint(decoder);
  } catch {
    throw new WireError('The frame is cut short or holds too large a number.');
  }
  const last = decoder.arr[decoder.pos - 1];
  if ((decoder.pos - start > 1 && last === 0) || !Number.isSafeInteger(value)) {
    throw new WireError('The frame spells a number in an unusual way.');
  }
  return value;
}

function readBytes(decoder: decoding.Decoder): Uint8Array {
  const length = readCanonical(decoder);
  if (length > decoder.arr.length - decoder.pos) throw new WireError('The frame is shorter than it says.');
  return decoding.readUint8Array(decoder, length);
}

function readText(decoder: decoding.Decoder): string {
  const start = decoder.pos;
  readBytes(decoder);
  decoder.pos = start;
  try {
    return decoding.readVarString(decoder);
  } catch {
    throw new WireError('The frame holds a damaged text.');
  }
}
