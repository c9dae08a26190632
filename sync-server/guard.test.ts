/** Each hostile input that is known to hurt an unguarded Yjs server, and what this one makes of it. */
import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { awarenessFrame, closeCode, missingFrame, stateVectorFrame, updateFrame } from '#wire';
import { checkFrame, defaultLimits, holds, readReach, type Role, type Verdict } from './guard.ts';
import { createPresenceTable } from './presence.ts';

const check = (bytes: Uint8Array, role: Role = 'editor'): Verdict => checkFrame(bytes, { role, limits: defaultLimits });
const refused = (bytes: Uint8Array, role?: Role): number | undefined => {
  const verdict = check(bytes, role);
  return 'refuse' in verdict ? verdict.refuse : undefined;
};

function document(): Y.Doc {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'hello world');
  doc.getText('text').delete(2, 3);
  doc.getMap('runs').set('r1/name', 'baseline');
  return doc;
}

/** A V1 update by hand: one client with `structs` structs, each written by `write`; no deletions. */
function forged(structs: number, write: (to: encoding.Encoder) => void, clock = 0): Uint8Array {
  return encoding.encode((to) => {
    encoding.writeVarUint(to, 1);
    encoding.writeVarUint(to, structs);
    encoding.writeVarUint(to, 7);
    encoding.writeVarUint(to, clock);
    write(to);
    encoding.writeVarUint(to, 0);
  });
}

describe('what each role may send', () => {
  const doc = document();
  const frames: [string, Uint8Array][] = [
    ['state vector', stateVectorFrame(doc)],
    ['missing', missingFrame(doc, Y.encodeStateVector(new Y.Doc()))],
    ['update', updateFrame(Y.encodeStateAsUpdate(doc))],
    ['own awareness', awarenessFrame([{ clientId: 1, clock: 1, state: '{}' }])],
    ['auth', Uint8Array.of(2, 0, 0)],
    ['queryAwareness', Uint8Array.of(3)],
    ['ack', Uint8Array.of(100, 1)],
  ];
  test.each<[Role, string[]]>([
    ['owner', ['state vector', 'missing', 'update', 'own awareness']],
    ['editor', ['state vector', 'missing', 'update', 'own awareness']],
    ['viewer', ['state vector', 'own awareness']],
  ])('%s: %s', (role, allowed) => {
    expect(frames.filter(([, bytes]) => refused(bytes, role) === undefined).map(([name]) => name)).toEqual(allowed);
  });
});

describe('refused', () => {
  test('an update that claims 2^28 structs in a few bytes', () => {
    const bomb = encoding.encode((to) => [1, 2 ** 28, 7, 0].forEach((n) => encoding.writeVarUint(to, n)));
    expect(refused(updateFrame(bomb))).toBe(closeCode.badFrame);
  });

  test('a second-version update', () => {
    expect(refused(updateFrame(Y.encodeStateAsUpdateV2(document())))).toBe(closeCode.badFrame);
  });

  test('a struct that would use up an author’s clock', () => {
    const update = forged(1, (to) => {
      encoding.writeUint8(to, 0);
      encoding.writeVarUint(to, Number.MAX_SAFE_INTEGER - 1);
    });
    expect(refused(updateFrame(update))).toBe(closeCode.badFrame);
  });

  test('a key that would poison objects', () => {
    const doc = new Y.Doc();
    doc.getMap('runs').set('__proto__', { admin: true });
    expect(refused(updateFrame(Y.encodeStateAsUpdate(doc)))).toBe(closeCode.badFrame);
  });

  test('values nested so deeply that reading them overflows the stack', () => {
    const update = forged(1, (to) => {
      encoding.writeUint8(to, 8); // ContentAny
      encoding.writeVarUint(to, 1);
      encoding.writeVarString(to, 'runs');
      encoding.writeVarUint(to, 1);
      for (let i = 0; i < 200_000; i++) {
        encoding.writeUint8(to, 117);
        encoding.writeVarUint(to, 1);
      }
      encoding.writeUint8(to, 126);
    });
    expect(refused(updateFrame(update))).toBe(closeCode.badFrame);
  });

  test('a state vector of half a million entries, or with an impossible clock', () => {
    const vector = (entries: number, clock: number): Uint8Array =>
      encoding.encode((to) => {
        encoding.writeVarUint(to, 0);
        encoding.writeVarUint(to, 0);
        const body = encoding.encode((inner) => {
          encoding.writeVarUint(inner, entries);
          for (let i = 0; i < entries; i++) {
            encoding.writeVarUint(inner, i);
            encoding.writeVarUint(inner, clock);
          }
        });
        encoding.writeVarUint8Array(to, body);
      });
    expect(refused(vector(500_000, 1))).toBe(closeCode.tooLarge);
    expect(refused(vector(1, 2 ** 40))).toBe(closeCode.badFrame);
    expect(refused(vector(10, 5))).toBeUndefined();
  });

  test('a presence that is large, no JSON, or no object', () => {
    const presence = (state: string): Uint8Array => awarenessFrame([{ clientId: 1, clock: 1, state }]);
    expect(refused(presence(JSON.stringify({ x: 'x'.repeat(5000) })))).toBe(closeCode.tooLarge);
    expect(refused(presence('{'))).toBe(closeCode.badFrame);
    expect(refused(presence('7'))).toBe(closeCode.badFrame);
    expect(refused(presence('null'))).toBeUndefined();
  });

  test('300,000 presences in one frame', () => {
    const crowd = Array.from({ length: 300_000 }, (_, clientId) => ({ clientId, clock: 1, state: 'null' }));
    expect(refused(awarenessFrame(crowd))).toBe(closeCode.tooLarge);
  });

  test('a live update over its limit, to come back within a whole state, which is taken', () => {
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'x'.repeat(defaultLimits.updateBytes));
    expect(refused(updateFrame(Y.encodeStateAsUpdate(doc)))).toBe(closeCode.resync);
    expect(refused(missingFrame(doc, Y.encodeStateVector(new Y.Doc())))).toBeUndefined();
  });
});

test('every damaged version of a real update is refused, or leaves a document that can be written, stored and read (seed 7, 5,000 versions)', () => {
  const update = Y.encodeStateAsUpdate(document());
  const random = seeded(7);
  for (let i = 0; i < 5000; i++) {
    const damaged = update.slice(0, random() < 0.2 ? Math.ceil(random() * update.length) : undefined);
    for (let flips = 1 + random() * 3; flips > 0; flips--) damaged[Math.floor(random() * damaged.length)]! ^= 1 << (random() * 8);
    const verdict = check(updateFrame(damaged));
    if (!('update' in verdict)) continue;
    const doc = document();
    const log: Uint8Array[] = [Y.encodeStateAsUpdate(doc)];
    doc.on('update', (stored: Uint8Array) => log.push(stored));
    try {
      Y.applyUpdate(doc, verdict.update);
    } catch {
      // Some damage shows only when it is applied; the room refuses the sender then and goes on with the document.
    }
    doc.getText('after').insert(0, 'still here');
    const again = new Y.Doc();
    for (const stored of log) Y.applyUpdate(again, stored);
    expect(again.getText('after').toJSON(), `version ${i}`).toBe('still here');
    expect(Y.encodeStateVector(again), `version ${i}`).toEqual(Y.encodeStateVector(doc));
  }
});

test('an update is held once its structs and deletions are applied, not while it is parked', () => {
  const author = new Y.Doc();
  const updates: Uint8Array[] = [];
  author.on('update', (update: Uint8Array) => updates.push(update));
  author.getText('text').insert(0, 'ab');
  author.getText('text').delete(0, 1);
  const [insertion, deletion] = updates.map((update) => ({ update, reach: readReach(update) }));
  const doc = new Y.Doc();
  Y.applyUpdate(doc, deletion!.update);
  expect(holds(doc, deletion!.reach)).toBe(false);
  Y.applyUpdate(doc, insertion!.update);
  expect([holds(doc, insertion!.reach), holds(doc, deletion!.reach)]).toEqual([true, true]);
  expect(doc.getText('text').toJSON()).toBe('b');
});

describe('presence', () => {
  const [ada, ben] = [{}, {}];
  const one = (clientId: number, clock: number, state = '{}') => [{ clientId, clock, state }];

  test('belongs to who brought it: nobody else moves or ends it, and echoes are dropped', () => {
    const table = createPresenceTable();
    expect(table.accept(ada, one(1, 1), 1)).toHaveLength(1);
    expect(table.accept(ben, one(1, Number.MAX_SAFE_INTEGER, '{"user":"eve"}'), 1)).toEqual([]);
    expect(table.accept(ben, one(1, 2, 'null'), 1)).toEqual([]);
    expect(table.others(ben)).toEqual(one(1, 1));
  });

  test('of one socket is bounded', () => {
    const table = createPresenceTable();
    table.accept(ada, one(1, 1), 1);
    expect(table.accept(ada, one(2, 1), 1)).toEqual([]);
  });

  test('ends with its socket, and only something newer brings it back', () => {
    let now = 0;
    const table = createPresenceTable(() => now);
    table.accept(ada, one(1, 5), 1);
    expect(table.leave(ada)).toEqual(one(1, 5, 'null'));
    expect(table.accept(ben, one(1, 5), 1)).toEqual([]);
    expect(table.accept(ada, one(1, 6), 1)).toEqual(one(1, 6));
    now = 1;
    expect(table.others()).toHaveLength(1);
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
