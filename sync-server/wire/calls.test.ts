import * as encoding from 'lib0/encoding';
import * as decoding from 'lib0/decoding';
import { describe, expect, test } from 'vitest';
import { CallError, createCaller, createResponder } from './calls.ts';
import { readValue, WireError, writeValue } from './value.ts';

/** A caller and a responder joined by a wire that delivers a message in a later microtask. */
function pair(handle: (name: string, args: unknown) => unknown) {
  const events: [string, unknown][] = [];
  const caller = createCaller(
    (bytes) => queueMicrotask(() => responder.receive(bytes)),
    (event, data) => events.push([event, data]),
  );
  const responder = createResponder((bytes) => queueMicrotask(() => caller.receive(bytes)), handle);
  return { caller, responder, events };
}

const copy = (value: unknown): unknown => readValue(decoding.createDecoder(encoding.encode((to) => writeValue(to, value))));

describe('a call', () => {
  test('brings back what the handler returns', async () => {
    const { caller } = pair((name, args) => ({ name, args }));
    expect(await caller.call('runs.get', { runId: 'a1' })).toEqual({ name: 'runs.get', args: { runId: 'a1' } });
  });

  test('rejects with the code, message, field and place of the error that the handler threw', async () => {
    const { caller } = pair(() => {
      throw Object.assign(new Error('Unknown attribute "losss".'), { code: 'invalid_argument', field: 'filter', at: 7 });
    });
    await expect(caller.call('runs.query', {})).rejects.toMatchObject({
      name: 'CallError',
      code: 'invalid_argument',
      message: 'Unknown attribute "losss".',
      field: 'filter',
      at: 7,
    });
  });

  test('hides what a mistake in the program was about', async () => {
    const { caller } = pair(() => Promise.reject(Object.assign(new Error('open /secret/place'), { code: 'ENOENT' })));
    await expect(caller.call('runs.query', {})).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('secret'),
    });
  });

  test('settles as unavailable when the socket closes first, and so does every later call', async () => {
    const { caller } = pair(() => new Promise(() => undefined));
    const under = caller.call('series.read', {});
    caller.close();
    await expect(under).rejects.toThrow(CallError);
    await expect(under).rejects.toMatchObject({ code: 'unavailable' });
    await expect(caller.call('series.read', {})).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('rejects as unavailable when the socket refuses to send', async () => {
    const caller = createCaller(() => {
      throw new Error('not open');
    });
    await expect(caller.call('series.read', {})).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('may become an error of the asker’s own kind', async () => {
    const caller = createCaller(() => undefined, undefined, ({ code }) => new RangeError(code));
    const under = caller.call('x', {});
    caller.close();
    await expect(under).rejects.toThrow(new RangeError('unavailable'));
  });

  test('is refused, not queued, when too many are under way', async () => {
    const caller = createCaller((bytes) => responder.receive(bytes));
    const responder = createResponder((bytes) => caller.receive(bytes), () => new Promise(() => undefined), { inFlight: 2 });
    void caller.call('slow', {}).catch(() => undefined);
    void caller.call('slow', {}).catch(() => undefined);
    await expect(caller.call('slow', {})).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test('an event reaches the listener in order with replies', async () => {
  const { caller, responder, events } = pair(() => null);
  responder.event('runs.changed', { experimentId: '0', runIds: ['a'] });
  await caller.call('workspace.info', {});
  expect(events).toEqual([['runs.changed', { experimentId: '0', runIds: ['a'] }]]);
});

test('every value that the contract uses survives: special numbers, bytes and columns', () => {
  const value = {
    numbers: [0, -0, 1, -1, 2 ** 31, -(2 ** 40), 0.1, 1e300, NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER],
    words: ['', 'ä😀\u0000'],
    bytes: Uint8Array.of(0, 255),
    columns: [Float64Array.of(NaN, -0, 1e-308), new Float64Array(0)],
    big: 2n ** 60n,
    nothing: null,
    yes: true,
  };
  expect(copy({ ...value, left: undefined })).toEqual(value);
  expect(copy([undefined, null])).toEqual([undefined, null]);
  // A column that is a window on a larger buffer brings only its own numbers.
  expect(copy(Float64Array.of(1, 2, 3, 4).subarray(1, 3))).toEqual(Float64Array.of(2, 3));
});

describe('hostile messages', () => {
  const responder = createResponder(
    () => undefined,
    () => null,
    { messageBytes: 1000 },
  );
  const request = (write: (to: encoding.Encoder) => void): Uint8Array =>
    encoding.encode((to) => {
      encoding.writeVarUint(to, 1);
      encoding.writeVarUint(to, 7);
      encoding.writeVarString(to, 'x');
      write(to);
    });

  test.each([
    ['empty', new Uint8Array(0)],
    ['too long', new Uint8Array(1001)],
    ['of unknown kind', Uint8Array.of(9, 1, 1)],
    ['deeply nested', request((to) => encoding.writeUint8Array(to, new Uint8Array(900).fill(117).map((b, i) => (i % 2 ? 1 : b))))],
    ['an array that claims 2^40 items', request((to) => (encoding.writeUint8(to, 117), encoding.writeVarUint(to, 2 ** 40)))],
    ['a column that claims 2^50 numbers', request((to) => (encoding.writeUint8(to, 115), encoding.writeVarUint(to, 2 ** 50)))],
    ['a poisoned prototype', request((to) => writeValue(to, JSON.parse('{"__proto__":{"admin":true}}')))],
    ['an unknown type', request((to) => encoding.writeUint8(to, 3))],
    ['with bytes left over', request((to) => (writeValue(to, null), encoding.writeUint8(to, 0)))],
  ])('%s: refused with a WireError', (_, bytes) => {
    expect(() => responder.receive(bytes)).toThrow(WireError);
  });

  test('2,000 random messages are refused or answered, and never throw anything else', () => {
    const random = seeded(20261121);
    for (let i = 0; i < 2000; i++) {
      const bytes = Uint8Array.from({ length: random() * 60 }, () => random() * 256);
      bytes[0] = 1;
      try {
        responder.receive(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }
  });

  test('nonsense fails the calls that wait on that socket', async () => {
    const caller = createCaller(() => undefined);
    const under = caller.call('x', {});
    expect(() => caller.receive(Uint8Array.of(2))).toThrow(WireError);
    await expect(under).rejects.toMatchObject({ code: 'unavailable' });
  });
});

/** Repeatable numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
