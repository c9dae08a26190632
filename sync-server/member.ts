/**
 * One socket in one room: reads frames at a bounded pace, sends within a bounded buffer, and counts which of the
 * client's updates are stored. What a frame means to the room is `room.ts`.
 */
import type { WebSocket } from 'ws';
import { ackFrame, awarenessFrame, closeCode } from '#wire';
import type { Limits, Role, UpdateReach } from './guard.ts';
import { createBucket } from './rate.ts';

export interface MemberOptions {
  role: Role;
  /** Who is at the other end; two sockets of one person share it. */
  user: string;
  /** Whether the client understands `ack` and `tip` frames. */
  acks: boolean;
}

export interface Member extends MemberOptions {
  readonly open: boolean;
  /** Sends a frame, or closes the socket when too much waits already. `bulk` frames answer a request and may be large. */
  send(frame: Uint8Array, bulk?: boolean): void;
  close(code: number, reason: string): void;
  /** An update of the client was applied, or parked until its predecessors come. */
  expect(reach: UpdateReach): void;
  /** How many of the client's updates are wholly in the document by now; undefined when that is no news. */
  settle(held: (reach: UpdateReach) => boolean): number | undefined;
  /** Tells the client that its first `count` updates are on disk. */
  acknowledge(count: number): void;
  /** Whether another presence may be passed on now (0), else how many ms to wait. */
  presenceDelay(): number;
  /** Whether this socket may introduce so many more authors. */
  mayIntroduce(authors: number): boolean;
}

export interface MemberEvents {
  onFrame: (bytes: Uint8Array) => void;
  onGone: () => void;
}

/** Takes a socket over. Frames come to `onFrame` in order, from the next turn of the event loop on. */
export function createMember(ws: WebSocket, options: MemberOptions, limits: Limits, events: MemberEvents): Member {
  const frames = createBucket(limits.framesPerSecond, limits.framesPerSecond * 4);
  const bytes = createBucket(limits.bytesPerSecond, Math.max(limits.bytesPerSecond, limits.missingBytes));
  const presences = createBucket(limits.presencesPerSecond, limits.presencesPerSecond);
  const authors = createBucket(limits.newAuthorsPerHour / 3600, limits.newAuthorsPerHour);
  const expected: UpdateReach[] = [];
  let settled = 0;
  let acknowledged = 0;
  let open = true;
  /** Bytes of answers that may stand in the buffer beyond the limit, because the client asked for them. */
  let bulkAllowance = 0;
  let lastSent = performance.now();
  /** Rounds of the heart without a word from the client. */
  let silent = 0;

  const gone = (): void => {
    if (!open) return;
    open = false;
    clearInterval(heart);
    events.onGone();
  };

  const close = (code: number, reason: string): void => {
    if (!open) return;
    gone();
    ws.close(code, reason.slice(0, 100));
    // A reader that does not read does not read the close frame either.
    setTimeout(() => ws.terminate(), 2000).unref();
  };

  const send = (frame: Uint8Array, bulk = false): void => {
    if (!open || ws.readyState !== ws.OPEN) return;
    const buffered = ws.bufferedAmount;
    if (buffered <= limits.bufferedBytes) bulkAllowance = 0;
    if (buffered > limits.bufferedBytes + bulkAllowance) return close(closeCode.tooSlow, 'reading too slowly');
    if (bulk) bulkAllowance += frame.length;
    lastSent = performance.now();
    ws.send(frame);
  };

  const heart = setInterval(() => {
    if (ws.isPaused) return;
    silent += 1;
    if (silent > 3) return ws.terminate();
    ws.ping();
    // y-websocket hears no pings: for it, an awareness frame that changes nothing is the sign of life.
    if (performance.now() - lastSent >= limits.keepAliveMs) send(awarenessFrame([]));
  }, limits.keepAliveMs).unref();

  ws.on('pong', () => (silent = 0));
  ws.on('close', gone);
  ws.on('error', gone);
  ws.on('message', (data, isBinary) => {
    if (!open) return;
    silent = 0;
    if (!isBinary || !(data instanceof Uint8Array)) return close(closeCode.badFrame, 'only binary frames');
    const wait = Math.max(frames.take(1), bytes.take(data.length));
    if (wait > 0) {
      ws.pause();
      setTimeout(() => ws.resume(), wait).unref();
    }
    events.onFrame(data);
  });

  return {
    ...options,
    get open() {
      return open;
    },
    send,
    close,
    expect: (reach) => void expected.push(reach),
    settle(held) {
      while (expected[0] && held(expected[0])) {
        expected.shift();
        settled += 1;
      }
      return settled > acknowledged ? settled : undefined;
    },
    acknowledge(count) {
      if (count <= acknowledged) return;
      acknowledged = count;
      if (options.acks) send(ackFrame(count));
    },
    presenceDelay: () => presences.take(1),
    mayIntroduce: (count) => count === 0 || authors.take(count) === 0,
  };
}
