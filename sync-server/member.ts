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
  /** Sends a frame, or closes the socket when too much waits already. */
  send(frame: Uint8Array): void;
  /**
   * Sends a frame that was asked for and may be large, and another right after it. One such is on its way at a time; of
   * requests that come meanwhile, or too often for what an answer costs, only the newest is answered.
   */
  answer(make: () => Uint8Array, then: () => Uint8Array | undefined): void;
  close(code: number, reason: string): void;
  /** An update of the client was applied, or parked until its predecessors come; false when too many are parked. */
  expect(reach: UpdateReach): boolean;
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

/** Updates of one socket that wait for their predecessors. */
const maxExpected = 10_000;
/** A socket's answers may take a twentieth of the relay's time. */
const answerRest = 20;

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
  /** Bytes of the answer under way, which may stand in the buffer beyond the limit because the client asked for it. */
  let answerBytes = 0;
  let answering = false;
  let nextAnswer: (() => void) | undefined;
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

  const send = (frame: Uint8Array, onSent?: () => void): void => {
    if (!open || ws.readyState !== ws.OPEN) return;
    if (ws.bufferedAmount > limits.bufferedBytes + answerBytes) return close(closeCode.tooSlow, 'reading too slowly');
    lastSent = performance.now();
    ws.send(frame, onSent);
  };

  const answer = (make: () => Uint8Array, then: () => Uint8Array | undefined): void => {
    if (answering) {
      nextAnswer = () => answer(make, then);
      return;
    }
    answering = true;
    const began = performance.now();
    const frame = make();
    const cost = performance.now() - began;
    send(frame, () => {
      answerBytes = 0;
      setTimeout(() => {
        answering = false;
        const next = nextAnswer;
        nextAnswer = undefined;
        if (open) next?.();
      }, cost * answerRest).unref();
    });
    answerBytes = frame.length;
    const last = then();
    if (last) send(last);
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
    send: (frame) => send(frame),
    answer,
    close,
    expect: (reach) => expected.push(reach) <= maxExpected,
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
