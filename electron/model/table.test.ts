import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { createTable, type Fields } from './table.ts';

function twoReplicas() {
  const a = new Y.Doc();
  const b = new Y.Doc();
  const sync = (): void => {
    Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
    Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
  };
  return { a: createTable(a, 'runs'), b: createTable(b, 'runs'), sync };
}

test('two people who change different fields of one row both win, also when both created it', () => {
  const { a, b, sync } = twoReplicas();
  a.patch('r1', { name: 'first', 'tag.team': 'vision' });
  b.patch('r1', { status: 'FINISHED', 'tag.a/b': 'slash' });
  sync();
  expect(a.all()).toEqual(b.all());
  expect(a.all().get('r1')).toEqual({ name: 'first', 'tag.team': 'vision', status: 'FINISHED', 'tag.a/b': 'slash' });
});

test('undefined removes a field, and writing what is there already writes nothing', () => {
  const doc = new Y.Doc();
  const table = createTable(doc, 'runs');
  table.patch('r1', { name: 'x', endedAt: 5, 'params.h': { lr: '1' } });
  let updates = 0;
  doc.on('update', () => (updates += 1));
  table.patch('r1', { name: 'x', 'params.h': { lr: '1' }, missing: undefined });
  expect(updates).toBe(0);
  table.patch('r1', { endedAt: undefined });
  expect(table.all().get('r1')).toEqual({ name: 'x', 'params.h': { lr: '1' } });
  table.remove('r1');
  expect([...table.ids()]).toEqual([]);
});

test('observers are told once a transaction which fields of which rows changed, and by whom', () => {
  const doc = new Y.Doc();
  const table = createTable(doc, 'runs');
  const seen: unknown[] = [];
  const undo = table.observe((changed, origin) => seen.push([[...changed].map(([id, fields]) => [id, [...fields]]), origin]));
  doc.transact(() => {
    table.patch('r1', { name: 'x', status: 'RUNNING' });
    table.patch('r2', { name: 'y' });
  }, 'me');
  undo();
  table.patch('r3', { name: 'z' });
  expect(seen).toEqual([[[['r1', ['name', 'status']], ['r2', ['name']]], 'me']]);
});

test('rows cannot be made to hold what they must not', () => {
  const table = createTable(new Y.Doc(), 'runs');
  for (const [id, field] of [['a/b', 'name'], ['', 'name'], ['r1', ''], ['r1', '__proto__'], ['constructor', 'name'], ['r1', 'prototype']] as const) {
    expect(() => table.patch(id, { [field]: 'x' } as Fields), `${id}/${field}`).toThrow(TypeError);
  }
  for (const value of [NaN, Infinity, () => 1, new Uint8Array(1), new Map(), 10n]) expect(() => table.patch('r1', { x: value })).toThrow(TypeError);
});

test('what a hostile teammate put into the map is as if absent', () => {
  const doc = new Y.Doc();
  const map = doc.getMap('runs');
  const poisoned = Object.setPrototypeOf({ lr: '1' }, { isAdmin: true }) as object;
  let deep: unknown = 'x';
  for (let i = 0; i < 5000; i += 1) deep = [deep];
  map.set('noslash', 1);
  map.set('/field', 1);
  map.set('r1/', 1);
  map.set('__proto__/name', 'x');
  map.set('r1/__proto__', 'x');
  map.set('r1/text', new Y.Text('x'));
  map.set('r1/bytes', new Uint8Array([1]));
  map.set('r1/poisoned', poisoned);
  map.set('r1/deep', deep);
  map.set('r1/name', 'fine');
  const table = createTable(doc, 'runs');
  expect([...table.all()]).toEqual([['r1', { name: 'fine' }]]);
  expect(table.get('r1', 'deep')).toBeUndefined();
  expect(Object.getPrototypeOf(table.all().get('r1'))).toBeNull();
});
