/** Rooms as clients see them: a relay over the file store, real sockets, stock y-websocket providers. */
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createDocuments, openAppendLog, openChunks, type Documents } from '#store';
import { ackedSocket, closeCode, frameKind, missingFrame, protocolName, readFrame, updateFrame, type Frame } from '#wire';
import { maxFrameBytes, type Limits, type Role } from './guard.ts';
import { createRelay, type Relay } from './rooms.ts';

interface RunningRelay {
  url: string;
  relay: Relay;
  documents: Documents;
  stop(): Promise<void>;
}

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'daybook-relay-'));
  undo.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** `ws://…/<room>?role=viewer&user=ada`: here the address decides who one is. */
async function start(dir: string, { limits, port = 0 }: { limits?: Partial<Limits>; port?: number } = {}): Promise<RunningRelay> {
  const log = await openAppendLog({ dir: join(dir, 'log'), writerId: 'relay' });
  const documents = createDocuments({ log, chunks: await openChunks({ dir: join(dir, 'chunks') }) });
  for await (const record of log.read()) documents.replay(record);
  const relay = createRelay({ documents, limits: { graceMs: 20, ...limits } });
  const server: Server = createServer();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    handleProtocols: (offered) => (offered.has(protocolName) ? protocolName : false),
  });
  server.on('upgrade', (request, socket, head) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'ws://relay');
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const role = (searchParams.get('role') ?? 'editor') as Role;
      const user = searchParams.get('user') ?? 'someone';
      relay.accept(ws, { room: pathname.slice(1), role, user, acks: ws.protocol === protocolName });
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    relay.close();
    for (const ws of sockets.clients) ws.terminate();
    await new Promise((done) => server.close(done));
    await documents.close();
    await log.close();
  };
  undo.push(stop);
  return { url: `ws://127.0.0.1:${address.port}`, relay, documents, stop };
}

interface Person {
  doc: Y.Doc;
  text: Y.Text;
  provider: WebsocketProvider;
  acks: ReturnType<typeof ackedSocket>;
}

/** A stock provider; with `acks` it also announces that it understands them. */
function visit(url: string, { room = 'note/a', acked = false, params = {} }: { room?: string; acked?: boolean; params?: Record<string, string> } = {}): Person {
  const doc = new Y.Doc();
  const acks = ackedSocket(WebSocket);
  const provider = new WebsocketProvider(url, room, doc, {
    params,
    disableBc: true,
    maxBackoffTime: 200,
    WebSocketPolyfill: (acked ? acks.WebSocket : WebSocket) as unknown as typeof globalThis.WebSocket,
    protocols: acked ? [protocolName] : [],
  });
  acks.watch(doc, provider);
  undo.push(() => provider.destroy());
  return { doc, text: doc.getText('text'), provider, acks };
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 });

/** A bare socket that speaks frames by hand and remembers what it got. */
async function bare(url: string, protocols: string[] = []) {
  const ws = new WebSocket(url, protocols);
  const frames: Frame[] = [];
  ws.on('message', (data: Buffer) => frames.push(readFrame(data)));
  const closed = new Promise<number>((done) => ws.on('close', done));
  await new Promise((done, fail) => ws.once('open', done).once('error', fail));
  undo.push(() => ws.terminate());
  await until(() => expect(frames.length).toBeGreaterThan(0));
  return { ws, frames, closed };
}

const written = (text: string): { doc: Y.Doc; update: Uint8Array } => {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, text);
  return { doc, update: Y.encodeStateAsUpdate(doc) };
};

describe('two stock y-websocket clients', () => {
  test('see each other’s words and each other', async () => {
    const { url } = await start(await folder());
    const ada = visit(url);
    const ben = visit(url);
    ada.text.insert(0, 'lr 3e-4 ');
    ben.text.insert(0, 'too high ');
    await until(() => {
      expect(ada.text.toJSON()).toBe(ben.text.toJSON());
      expect(ada.text.toJSON()).toHaveLength(17);
    });
    ada.provider.awareness.setLocalStateField('user', { name: 'Ada' });
    await until(() => expect(ben.provider.awareness.getStates().get(ada.doc.clientID)).toEqual({ user: { name: 'Ada' } }));
    ada.provider.destroy();
    await until(() => expect(ben.provider.awareness.getStates().has(ada.doc.clientID)).toBe(false));
  });

  test('are of one text after the relay was gone between their edits', async () => {
    const dir = await folder();
    const first = await start(dir);
    const port = Number(new URL(first.url).port);
    const ada = visit(first.url);
    const ben = visit(first.url);
    ada.text.insert(0, 'before ');
    await until(() => expect(ben.text.toJSON()).toBe('before '));
    await first.stop();
    ada.text.insert(0, 'offline ada ');
    ben.text.insert(0, 'offline ben ');
    await start(dir, { port });
    await until(() => {
      expect(ada.text.toJSON()).toBe(ben.text.toJSON());
      expect(ada.text.toJSON()).toHaveLength(31);
    });
  });
});

test('what this process writes into the document reaches the sockets', async () => {
  const { url, documents } = await start(await folder());
  const ada = visit(url, { room: 'experiment/1' });
  await until(() => expect(ada.provider.synced).toBe(true));
  const own = await documents.open('experiment/1');
  own.doc.getMap('runs').set('r1/name', 'baseline');
  await until(() => expect(ada.doc.getMap('runs').toJSON()).toEqual({ 'r1/name': 'baseline' }));
  own.close();
});

test('rooms are unloaded after their last socket, and loaded again with everything', async () => {
  const { url, relay } = await start(await folder());
  const ada = visit(url);
  ada.text.insert(0, 'kept');
  await until(() => expect(ada.provider.synced).toBe(true));
  ada.provider.destroy();
  await until(() => expect(relay.rooms()).toEqual([]));
  const ben = visit(url);
  await until(() => expect(ben.text.toJSON()).toBe('kept'));
});

describe('acknowledged', () => {
  test('means on disk: a relay restarted without any client has all of it', async () => {
    const dir = await folder();
    const relay = await start(dir);
    const ada = visit(relay.url, { acked: true });
    for (let i = 0; i < 50; i++) ada.text.insert(0, `${i} `);
    expect(ada.acks.unacked()).toBeGreaterThan(0);
    await until(() => expect([ada.acks.even(), ada.acks.unacked()]).toEqual([true, 0]));
    const text = ada.text.toJSON();
    ada.provider.destroy();
    await relay.stop();
    const { documents } = await start(dir);
    const again = await documents.open('note/a');
    expect(again.doc.getText('text').toJSON()).toBe(text);
    again.close();
  });

  test('is not said of an update whose predecessor never came, until it comes', async () => {
    const { url } = await start(await folder());
    const { doc } = written('a');
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    doc.getText('text').insert(1, 'b');
    doc.getText('text').insert(2, 'c');
    const client = await bare(`${url}/note/a`, [protocolName]);
    client.ws.send(updateFrame(updates[1]!));
    // Asked for everything, it answers; only now are both counted.
    await until(() => expect(client.frames.filter(({ kind }) => kind === 'stateVector')).toHaveLength(2));
    expect(client.frames.filter(({ kind }) => kind === 'ack')).toEqual([]);
    client.ws.send(missingFrame(doc, Y.encodeStateVector(new Y.Doc())));
    await until(() => expect(client.frames.at(-1)).toEqual({ kind: 'ack', value: 2 }));
  });

  test('is sent only to those who asked for it', async () => {
    const { url } = await start(await folder());
    const stock = await bare(`${url}/note/a`);
    const other = await bare(`${url}/note/a`, [protocolName]);
    stock.ws.send(updateFrame(written('x').update));
    await until(() => expect(other.frames.some(({ kind }) => kind === 'update')).toBe(true));
    expect(stock.frames.map(({ kind }) => kind)).toEqual(['stateVector']);
  });

  test('counts what was written while away', async () => {
    const dir = await folder();
    const first = await start(dir);
    const port = Number(new URL(first.url).port);
    const ada = visit(first.url, { acked: true });
    await until(() => expect(ada.acks.even()).toBe(true));
    await first.stop();
    await until(() => expect(ada.provider.wsconnected).toBe(false));
    ada.text.insert(0, 'x');
    ada.text.insert(0, 'y');
    expect(ada.acks.unacked()).toBe(2);
    await start(dir, { port });
    await until(() => expect([ada.acks.even(), ada.acks.unacked()]).toEqual([true, 0]));
  });
});

describe('a viewer', () => {
  /** (kind, step) as bytes; `spread` spells a number in one byte more than it needs. */
  const spellings: [string, (n: number) => number[]][] = [
    ['canonical', (n) => [n]],
    ['in two bytes', (n) => [n | 0x80, 0]],
    ['in three bytes', (n) => [n | 0x80, 0x80, 0]],
  ];
  const { update } = written('intruder');
  const body = (spell: (n: number) => number[]): number[] => [...spell(update.length), ...update];
  const attempts = spellings.flatMap(([how, spell]) =>
    [1, 2].flatMap((step) =>
      spellings.map(([length, spellLength]): [string, number[]] => [
        `step ${step} ${how}, length ${length}`,
        [...spell(frameKind.sync), ...spell(step), ...body(spellLength)],
      ]),
    ),
  );

  test.each(attempts)('may not write: %s', async (_, bytes) => {
    const { url, documents } = await start(await folder());
    const viewer = await bareViewer(url);
    viewer.ws.send(Uint8Array.from(bytes));
    expect([closeCode.forbidden, closeCode.badFrame]).toContain(await viewer.closed);
    expect(documents.position('note/a')).toBe(0);
  });

  test('reads, and is not asked for its state', async () => {
    const { url } = await start(await folder());
    const ada = visit(url);
    ada.text.insert(0, 'hello');
    const viewer = visit(url, { params: { role: 'viewer' } });
    await until(() => expect(viewer.text.toJSON()).toBe('hello'));
    ada.text.insert(5, ' again');
    await until(() => expect(viewer.text.toJSON()).toBe('hello again'));
  });

  async function bareViewer(url: string) {
    const ws = new WebSocket(`${url}/note/a?role=viewer`);
    const closed = new Promise<number>((done) => ws.on('close', done));
    await new Promise((done, fail) => ws.once('open', done).once('error', fail));
    undo.push(() => ws.terminate());
    return { ws, closed };
  }
});

describe('hostile input', () => {
  test('5,000 random frames leave the relay alive and the document as it was (seed 20261121)', async () => {
    const { url, documents } = await start(await folder());
    const ada = visit(url);
    ada.text.insert(0, 'precious');
    await until(() => expect(documents.position('note/a')).toBeGreaterThan(0));
    const position = documents.position('note/a');
    const random = seeded(20261121);
    // A socket is closed at its first bad frame, so each frame gets a socket of its own.
    const attack = async (): Promise<void> => {
      const ws = new WebSocket(`${url}/note/a?user=eve`);
      const closed = new Promise((done) => ws.on('close', done));
      await new Promise((done, fail) => ws.once('open', done).once('error', fail));
      ws.send(garbage(random));
      ws.close();
      await closed;
    };
    for (let sent = 0; sent < 5000; sent += 50) await Promise.all(Array.from({ length: 50 }, attack));
    ada.text.insert(8, '!');
    const ben = visit(url);
    await until(() => expect(ben.text.toJSON()).toBe('precious!'));
    expect(documents.position('note/a')).toBe(position + 1);
  });

  test('a slow reader is closed and the others go on', async () => {
    const { url } = await start(await folder(), { limits: { bufferedBytes: 256 * 1024 } });
    const slow = await bare(`${url}/note/a?user=slow`);
    slow.ws.pause();
    const ada = visit(url, { acked: true });
    const ben = visit(url);
    await until(() => expect(ada.provider.synced && ben.provider.synced).toBe(true));
    const line = 'x'.repeat(100_000);
    for (let i = 0; i < 150; i++) ada.doc.getMap('m').set(`k${i}`, line);
    await until(() => expect(ben.doc.getMap('m').size).toBe(150));
    slow.ws.resume();
    expect([closeCode.tooSlow, 1006]).toContain(await slow.closed);
  });

  test('nobody writes live under the name of somebody else', async () => {
    const { url, documents } = await start(await folder());
    const ada = visit(url, { params: { user: 'ada' } });
    await until(() => expect(ada.provider.synced).toBe(true));
    ada.text.insert(0, 'hello');
    await until(() => expect(documents.position('note/a')).toBeGreaterThan(0));
    const eve = await bare(`${url}/note/a?user=eve`);
    const forged = new Y.Doc();
    forged.clientID = ada.doc.clientID;
    forged.getText('text').insert(0, 'evil world');
    eve.ws.send(updateFrame(Y.encodeStateAsUpdate(forged)));
    expect(await eve.closed).toBe(closeCode.resync);
    expect(ada.text.toJSON()).toBe('hello');
  });

  test('text frames are refused', async () => {
    const { url } = await start(await folder());
    const eve = await bare(`${url}/note/a`);
    eve.ws.send('hello');
    expect(await eve.closed).toBe(closeCode.badFrame);
  });
});

function garbage(random: () => number): Uint8Array {
  const bytes = Uint8Array.from({ length: 1 + random() * 80 }, () => random() * 256);
  // Half of them look like the start of something.
  if (random() < 0.5) bytes.set([[0, 0], [0, 1], [0, 2], [1, 5]][Math.floor(random() * 4)]!.slice(0, bytes.length));
  if (random() < 0.5 && bytes.length > 3) bytes[2] = bytes.length - 3;
  return bytes;
}

/** Repeatable numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
