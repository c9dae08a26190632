/**
 * Calls and events over one socket, for both ends and any transport: each side gets a `send(bytes)` and is fed with
 * `receive(bytes)`, one message a time. Every call settles: with its reply, with the other side's error, or as
 * `unavailable` once the socket is gone. Arguments are not parsed here; the handler does that.
 *
 *   page   const caller = createCaller((bytes) => socket.send(bytes), (event, data) => …);
 *          socket.onmessage = ({ data }) => caller.receive(new Uint8Array(data));
 *          socket.onclose = () => caller.close();
 *          const page = await caller.call('runs.query', { experimentIds: ['0'] });
 *   host   const responder = createResponder((bytes) => socket.send(bytes), (name, args) => handlers[name](args));
 *          responder.event('runs.changed', { experimentId: '0', runIds: [] });
 *
 * A message is a varUint kind and then (value = `value.ts`):
 *   1 request  varUint id, varString name, value args         page → host
 *   2 reply    varUint id, value                              host → page
 *   3 error    varUint id, value { code, message, field?, at? }
 *   4 event    varString event, value data                    host → page
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { readValue, WireError, writeValue } from './value.ts';

const kind = { request: 1, reply: 2, error: 3, event: 4 } as const;

/** A failure as it travels. `code` is lower-case words joined by `_`; `internal` hides what it was. */
export interface CallFailure {
  code: string;
  message: string;
  /** The argument at fault. */
  field?: string;
  /** Index of the first character at fault, for texts with a grammar. */
  at?: number;
}

/** What a call rejects with when `createCaller` is given no `toError`. */
export class CallError extends Error implements CallFailure {
  readonly code: string;
  readonly field?: string;
  readonly at?: number;
  constructor(failure: CallFailure) {
    super(failure.message);
    this.name = 'CallError';
    this.code = failure.code;
    this.field = failure.field;
    this.at = failure.at;
  }
}

export interface Caller {
  call(name: string, args: unknown): Promise<unknown>;
  /** One message from the other side. Throws WireError on nonsense, after failing every call under way. */
  receive(bytes: Uint8Array): void;
  /** Fails every call under way, and every later one, as `unavailable`. */
  close(): void;
}

/** The asking side. `toError` makes the error that a call rejects with. */
export function createCaller(
  send: (bytes: Uint8Array) => void,
  onEvent: (event: string, data: unknown) => void = () => undefined,
  toError: (failure: CallFailure) => Error = (failure) => new CallError(failure),
): Caller {
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let closed = false;

  const gone = (): Error => toError({ code: 'unavailable', message: 'The connection was lost before the answer came.' });

  const close = (): void => {
    closed = true;
    const waiting = [...pending.values()];
    pending.clear();
    for (const { reject } of waiting) reject(gone());
  };

  const settle = (decoder: decoding.Decoder, failed: boolean): void => {
    const id = decoding.readVarUint(decoder);
    const value = readValue(decoder);
    const call = pending.get(id);
    pending.delete(id);
    if (failed) call?.reject(toError(failureOf(value)));
    else call?.resolve(value);
  };

  return {
    call(name, args) {
      if (closed) return Promise.reject(gone());
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        const bytes = message(kind.request, (encoder) => {
          encoding.writeVarUint(encoder, id);
          encoding.writeVarString(encoder, name);
          writeValue(encoder, args);
        });
        pending.set(id, { resolve, reject });
        try {
          send(bytes);
        } catch {
          pending.delete(id);
          reject(gone());
        }
      });
    },
    receive(bytes) {
      const received = parse(bytes, (decoder, type) => {
        if (type === kind.reply || type === kind.error) settle(decoder, type === kind.error);
        else if (type === kind.event) return { event: decoding.readVarString(decoder), data: readValue(decoder) };
        else throw new WireError('The message is neither a reply nor an event.');
        return undefined;
      });
      if ('problem' in received) {
        close();
        throw received.problem;
      }
      if (received.value) onEvent(received.value.event, received.value.data);
    },
    close,
  };
}

export interface Responder {
  /** One message from the other side. Throws WireError on nonsense: close the socket with `closeCode.badFrame` then. */
  receive(bytes: Uint8Array): void;
  /** Announces something to the other side. */
  event(event: string, data: unknown): void;
  /** Answers nothing more; work under way goes on by itself. */
  close(): void;
}

export interface ResponderLimits {
  /** Calls under way at once; more are answered `unavailable`. */
  inFlight?: number;
  /** Bytes of one message. */
  messageBytes?: number;
}

/** The answering side. What `handle` throws or rejects with becomes the call's error, see `describeFailure`. */
export function createResponder(
  send: (bytes: Uint8Array) => void,
  handle: (name: string, args: unknown) => unknown,
  limits: ResponderLimits = {},
): Responder {
  const { inFlight = 256, messageBytes = 16 * 1024 * 1024 } = limits;
  const running = new Set<number>();
  let closed = false;

  const transmit = (bytes: Uint8Array): void => {
    if (closed) return;
    try {
      send(bytes);
    } catch {
      // The socket is on its way out; its close fails the calls on the other side.
      closed = true;
    }
  };

  const reply = (id: number, type: number, value: unknown): void => {
    running.delete(id);
    transmit(
      message(type, (encoder) => {
        encoding.writeVarUint(encoder, id);
        writeValue(encoder, value);
      }),
    );
  };

  const run = async (id: number, name: string, args: unknown): Promise<void> => {
    try {
      reply(id, kind.reply, await handle(name, args));
    } catch (error) {
      reply(id, kind.error, describeFailure(error));
    }
  };

  return {
    receive(bytes) {
      if (bytes.length > messageBytes) throw new WireError(`The message has more than ${messageBytes} bytes.`);
      const received = parse(bytes, (decoder, type) => {
        if (type !== kind.request) throw new WireError('The message is not a request.');
        return { id: decoding.readVarUint(decoder), name: decoding.readVarString(decoder), args: readValue(decoder) };
      });
      if ('problem' in received) throw received.problem;
      const { id, name, args } = received.value;
      if (running.has(id)) throw new WireError('A call with this id is still under way.');
      if (running.size >= inFlight) {
        reply(id, kind.error, { code: 'unavailable', message: 'Too many calls are under way; try again in a moment.' });
        return;
      }
      running.add(id);
      void run(id, name, args);
    },
    event(event, data) {
      transmit(
        message(kind.event, (encoder) => {
          encoding.writeVarString(encoder, event);
          writeValue(encoder, data);
        }),
      );
    },
    close() {
      closed = true;
    },
  };
}

/**
 * An error as the other side may see it. Ours carry a lower-case `code` and a message for people; anything else is a
 * mistake in this program, and its text (which may hold paths or data) stays here.
 */
export function describeFailure(error: unknown): CallFailure {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[a-z]+(_[a-z]+)*$/.test(error.code)) {
    const { code } = error;
    const field = 'field' in error && typeof error.field === 'string' ? error.field : undefined;
    const at = 'at' in error && typeof error.at === 'number' ? error.at : undefined;
    return { code, message: error.message, field, at };
  }
  return { code: 'internal', message: 'Something went wrong inside Daybook. Its log says what.' };
}

function failureOf(value: unknown): CallFailure {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return {
    code: typeof fields.code === 'string' ? fields.code : 'internal',
    message: typeof fields.message === 'string' ? fields.message : 'The call failed without saying why.',
    field: typeof fields.field === 'string' ? fields.field : undefined,
    at: typeof fields.at === 'number' ? fields.at : undefined,
  };
}

function message(type: number, write: (encoder: encoding.Encoder) => void): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, type);
    write(encoder);
  });
}

/** Reads a whole message; what lib0 throws becomes a WireError. */
function parse<T>(
  bytes: Uint8Array,
  read: (decoder: decoding.Decoder, type: number) => T,
): { value: T } | { problem: WireError } {
  try {
    const decoder = decoding.createDecoder(bytes);
    const value = read(decoder, decoding.readVarUint(decoder));
    if (decoding.hasContent(decoder)) throw new WireError('The message is longer than it says.');
    return { value };
  } catch (error) {
    return { problem: error instanceof WireError ? error : new WireError('The message cannot be read.') };
  }
}
