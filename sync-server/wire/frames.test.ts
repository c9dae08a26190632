import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  ackFrame,
  awarenessFrame,
  missingFrame,
  offeredToken,
  protocolName,
  readFrame,
  stateVectorFrame,
  tipFrame,
  tokenProtocol,
  updateFrame,
} from './frames.ts';
import { WireError } from './value.ts';

const doc = new Y.Doc();
doc.getText('text').insert(0, 'hello');

test('every frame reads back as what it was written from', () => {
  expect(readFrame(stateVectorFrame(doc))).toEqual({ kind: 'stateVector', body: Y.encodeStateVector(doc) });
  expect(readFrame(missingFrame(doc, Y.encodeStateVector(new Y.Doc())))).toEqual({
    kind: 'missing',
    body: Y.encodeStateAsUpdate(doc),
  });
  expect(readFrame(updateFrame(Y.encodeStateAsUpdate(doc)))).toMatchObject({ kind: 'update' });
  expect(readFrame(ackFrame(300))).toEqual({ kind: 'ack', value: 300 });
  expect(readFrame(tipFrame(0))).toEqual({ kind: 'tip', value: 0 });
  const presences = [{ clientId: 7, clock: 3, state: '{"user":"ä"}' }];
  expect(readFrame(awarenessFrame(presences))).toEqual({ kind: 'awareness', presences });
  expect(readFrame(awarenessFrame([]))).toEqual({ kind: 'awareness', presences: [] });
});

test('a token is found among the offered subprotocols', () => {
  expect(offeredToken([protocolName, tokenProtocol('abc.def')])).toBe('abc.def');
  expect(offeredToken([protocolName])).toBeUndefined();
});

describe('refused', () => {
  /** A number in more bytes than it needs. */
  const padded = (n: number): number[] => [n | 0x80, 0];
  const long = encoding.encode((to) => encoding.writeVarUint(to, 2 ** 40));

  test.each([
    ['an empty frame', []],
    ['a kind spelled in two bytes', [...padded(0), 2, 1, 0]],
    ['a step spelled in two bytes', [0, ...padded(2), 1, 0]],
    ['a length spelled in two bytes', [0, 2, ...padded(1), 0]],
    ['an unknown step', [0, 3, 1, 0]],
    ['auth, which only a server sends', [2, 0, 0]],
    ['queryAwareness', [3]],
    ['an unknown kind', [99, 1]],
    ['a body shorter than it says', [0, 2, 60, 1]],
    ['a body that claims a terabyte', [0, 2, ...long]],
    ['bytes left over', [0, 2, 1, 0, 0]],
    ['presences that are not there', [1, 1, 5]],
    ['a presence whose text is no text', [1, 5, 1, 1, 1, 1, 0xff]],
    ['a number beyond 2^53', [100, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ])('%s', (_, bytes) => {
    expect(() => readFrame(Uint8Array.from(bytes))).toThrow(WireError);
  });
});
