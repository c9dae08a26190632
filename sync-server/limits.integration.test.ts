/** What one socket can cost a relay: structs, documents, answers and edits without their predecessors are all bounded. */
import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as encoding from 'lib0/encoding';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import * as Y from 'yjs';
import { createDocuments, openAppendLog, openChunks } from '#store';
import { closeCode, missingFrame, protocolName, readFrame, stateVectorFrame, updateFrame, type Frame } from '#wire';
import { checkFrame, defaultLimits, maxFrameBytes, type Limits } from './guard.ts';
import { createRelay } from './rooms.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 });

/** A relay whose every visitor is an editor named `eve`. */
async function start(limits: Partial<Limits> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'daybook-limits-'));
  const log = await openAppendLog({ dir: join(dir, 'log'), writerId: 'relay' });
  const documents = createDocuments({ log, chunks: await openChunks({ dir: join(dir, 'chunks') }) });
  const relay = createRelay({ documents, limits: { graceMs: 10, ...limits } });
  const server = createServer();
  const sockets = new WebSocketServer({ server, maxPayload: maxFrameBytes, handleProtocols: () => protocolName });
  sockets.on('connection', (ws, { url = '' }) => relay.accept(ws, { room: url.slice(1), role: 'editor', user: 'eve', acks: true }));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  undo.push(async () => {
    relay.close();
    for (const ws of sockets.clients) ws.terminate();
    await new Promise((done) => server.close(done));
    await documents.close();
    await log.close();
    await rm(dir, { recursive: true, force: true });
  });

  const visit = async (room = 'note/a') => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/${room}`, [protocolName]);
    const frames: Frame[] = [];
    ws.on('message', (data: Buffer) => frames.push(readFrame(data)));
    const closed = new Promise<number>((done) => ws.on('close', done));
    await new Promise((done, fail) => ws.once('open', done).once('error', fail));
    undo.push(() => ws.terminate());
    await until(() => expect(frames.length).toBeGreaterThan(0));
    return { ws, frames, closed };
  };
  return { documents, relay, visit };
}

/** An update of one author with `count` deleted structs of two bytes each. */
function crumbs(count: number, client = 7): Uint8Array {
  return encoding.encode((to) => {
    for (const number of [1, count, client, 0]) encoding.writeVarUint(to, number);
    for (let i = 0; i < count; i++) encoding.writeUint8Array(to, Uint8Array.of(0, 1));
    encoding.writeVarUint(to, 0);
  });
}

/** An update that deletes `count` places of an author nobody knows. */
function deletions(count: number, client: number): Uint8Array {
  return encoding.encode((to) => {
    for (const number of [0, 1, client, count]) encoding.writeVarUint(to, number);
    for (let i = 0; i < count; i++) for (const number of [i * 2, 1]) encoding.writeVarUint(to, number);
  });
}

/** The frame that brings an update as an answer to a state vector. */
function answerFrame(update: Uint8Array): Uint8Array {
  return encoding.encode((to) => {
    encoding.writeVarUint(to, 0);
    encoding.writeVarUint(to, 1);
    encoding.writeVarUint8Array(to, update);
  });
}

describe('an update of very many pieces', () => {
  const verdict = (frame: Uint8Array) => checkFrame(frame, { role: 'editor', limits: { ...defaultLimits, missingStructs: 100_000 } });

  test.each([
    ['structs', crumbs],
    ['deletions', (count: number) => deletions(count, 9)],
  ])('(%s) is sent back when live, and refused as an answer', (_, make) => {
    expect(verdict(updateFrame(make(40_000)))).toMatchObject({ live: true });
    expect(verdict(updateFrame(make(60_000)))).toMatchObject({ refuse: closeCode.resync });
    expect(verdict(answerFrame(make(60_000)))).toMatchObject({ live: false });
    expect(verdict(answerFrame(make(110_000)))).toMatchObject({ refuse: closeCode.tooLarge });
  });
});

test('a state vector of the most authors that a room may have is read', () => {
  const vector = encoding.encode((to) => {
    encoding.writeVarUint(to, defaultLimits.authorsPerRoom);
    for (let i = 0; i < defaultLimits.authorsPerRoom; i++) for (const number of [2 ** 32 - 1 - i, 2 ** 31]) encoding.writeVarUint(to, number);
  });
  const frame = encoding.encode((to) => {
    encoding.writeVarUint(to, 0);
    encoding.writeVarUint(to, 0);
    encoding.writeVarUint8Array(to, vector);
  });
  expect(checkFrame(frame, { role: 'viewer', limits: defaultLimits })).toHaveProperty('stateVector');
});

test('a document takes no more than its limit, and what is in it stays readable', async () => {
  const { documents, visit } = await start({ documentBytes: 100_000 });
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'x'.repeat(90_000));
  const eve = await visit();
  eve.ws.send(updateFrame(Y.encodeStateAsUpdate(doc)));
  await until(() => expect(eve.frames.at(-1)).toEqual({ kind: 'ack', value: 1 }));
  const before = Y.encodeStateVector(doc);
  doc.getText('text').insert(0, 'y'.repeat(20_000));
  eve.ws.send(updateFrame(Y.encodeStateAsUpdate(doc, before)));
  expect(await eve.closed).toBe(closeCode.tooLarge);
  const { doc: kept, close } = await documents.open('note/a');
  expect(kept.getText('text').length).toBe(90_000);
  close();
});

test('an edit that frees as much as it takes fits into a full document', async () => {
  const { visit } = await start({ documentBytes: 100_000 });
  const doc = new Y.Doc();
  const eve = await visit();
  for (let round = 1; round <= 5; round++) {
    const before = Y.encodeStateVector(doc);
    doc.getMap('m').set('k', 'x'.repeat(40_000));
    eve.ws.send(updateFrame(Y.encodeStateAsUpdate(doc, before)));
    await until(() => expect(eve.frames.at(-1)).toEqual({ kind: 'ack', value: round }));
  }
});

test('deletions of what nobody has are kept up to a limit, and dropped beyond it', async () => {
  const { documents, visit } = await start({ pendingBytes: 50_000 });
  const eve = await visit();
  for (let client = 100; client < 110; client++) eve.ws.send(answerFrame(deletions(5000, client)));
  expect(await eve.closed).toBe(closeCode.resync);
  const { doc, close } = await documents.open('note/a');
  expect(doc.store.pendingDs).toBeNull();
  close();
});

test('structs whose predecessors never come are kept up to a limit, and dropped beyond it', async () => {
  const { documents, visit } = await start({ pendingBytes: 50_000 });
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update) => updates.push(update));
  for (let i = 0; i < 20; i++) doc.getText('text').insert(0, 'x'.repeat(10_000));
  const eve = await visit();
  for (const update of updates.slice(1)) eve.ws.send(updateFrame(update));
  expect(await eve.closed).toBe(closeCode.resync);
  const { doc: kept, close } = await documents.open('note/a');
  expect(kept.store.pendingStructs).toBeNull();
  close();
});

test('one socket introduces so many authors through live edits, and a room holds so many altogether', async () => {
  const { documents, visit } = await start({ newAuthorsPerHour: 5, authorsPerRoom: 20 });
  const byAuthor = (client: number): Uint8Array => {
    const doc = new Y.Doc();
    doc.clientID = client;
    doc.getText('text').insert(0, 'x');
    return Y.encodeStateAsUpdate(doc);
  };
  const eve = await visit();
  for (let client = 1; client <= 6; client++) eve.ws.send(updateFrame(byAuthor(client)));
  expect(await eve.closed).toBe(closeCode.resync);
  const mallory = await visit();
  for (let client = 1; client <= 21; client++) mallory.ws.send(answerFrame(byAuthor(client)));
  expect(await mallory.closed).toBe(closeCode.resync);
  const { doc, close } = await documents.open('note/a');
  expect(doc.store.clients.size).toBe(20);
  close();
});

test('a client that asks and does not read gets one large answer at a time', async () => {
  const { documents, visit } = await start();
  const { doc, durable, close } = await documents.open('note/a');
  // More than the kernel takes for a reader that does not read.
  for (let i = 0; i < 24; i++) doc.getMap('m').set(`${i}`, 'x'.repeat(1024 * 1024));
  await durable();
  const eve = await visit();
  eve.ws.pause();
  for (let i = 0; i < 300; i++) eve.ws.send(stateVectorFrame(new Y.Doc()));
  eve.ws.send(updateFrame(crumbs(1)));
  eve.ws.resume();
  await until(() => expect(eve.frames.some(({ kind }) => kind === 'ack')).toBe(true));
  expect(eve.frames.filter(({ kind }) => kind === 'missing').length).toBeLessThan(5);
  close();
});

test('the newest of many questions is answered', async () => {
  const { documents, visit } = await start();
  const { doc, durable, close } = await documents.open('note/a');
  doc.getText('text').insert(0, 'hello');
  await durable();
  const eve = await visit();
  for (let i = 0; i < 20; i++) eve.ws.send(stateVectorFrame(new Y.Doc()));
  eve.ws.send(stateVectorFrame(doc));
  const nothing = readFrame(missingFrame(doc, Y.encodeStateVector(doc)));
  await until(() => expect(eve.frames.filter(({ kind }) => kind === 'missing').at(-1)).toEqual(nothing));
  close();
});

test('rooms that were only looked into leave nothing behind', async () => {
  const { documents, relay, visit } = await start();
  for (let i = 0; i < 5; i++) (await visit(`note/${i}`)).ws.close();
  await until(() => expect(relay.rooms()).toEqual([]));
  expect(documents.names()).toEqual([]);
});
