/** Teams as hosts live them: a real relay, two hosts with real files, offline work on both sides. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createInvite, createRelay, revoke, startRelay, type Role, type RunningRelay } from '#relay';
import { createDocuments, openAppendLog, openChunks, type Chunks, type Documents } from '#store';
import { createTeam, type Team } from './team.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'daybook-team-'));
  undo.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function relayOn(dataDir: string, port = 0): Promise<RunningRelay & { port: number }> {
  const relay = await startRelay({ dataDir, port });
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) await relay.close();
    closed = true;
  };
  undo.push(close);
  return { url: relay.url, close, port: Number(new URL(relay.url).port) };
}

interface Host {
  team: Team;
  documents: Documents;
  chunks: Chunks;
  rooms: ReturnType<typeof createRelay>;
  /** Changes a document in one transaction, durably. */
  edit(name: string, change: (doc: Y.Doc) => void): Promise<void>;
  read<T>(name: string, read: (doc: Y.Doc) => T): Promise<T>;
  /** Stores a chunk and names it in the document of experiment 1. */
  publish(text: string): Promise<string>;
  stop(): Promise<void>;
}

/** A host as far as a team is concerned. Which chunks it names stands in the map `chunks` of `experiment/1`. */
async function hostOn(dir: string, hostId: string): Promise<Host> {
  const log = await openAppendLog({ dir: join(dir, 'log', hostId), writerId: hostId });
  const chunks = await openChunks({ dir: join(dir, 'chunks') });
  const documents = createDocuments({ log, chunks });
  for await (const record of log.read()) documents.replay(record);
  const rooms = createRelay({ documents, limits: { graceMs: 50 } });
  const pointers = await documents.open('experiment/1');
  const named = pointers.doc.getMap<string>('chunks');
  const team = await createTeam({
    documents,
    chunks,
    hostId,
    stateDir: join(dir, 'local'),
    relay: rooms,
    pointers: {
      own: () => [...named.entries()].filter(([, by]) => by === hostId).map(([hash]) => hash),
      wanted: () => named.keys(),
      onChanged(listener) {
        named.observe(listener);
        return () => named.unobserve(listener);
      },
    },
  });
  let stopped = false;
  const host: Host = {
    team,
    documents,
    chunks,
    rooms,
    async edit(name, change) {
      const open = await documents.open(name);
      open.doc.transact(() => change(open.doc));
      await open.durable();
      open.close();
    },
    async read(name, read) {
      const open = await documents.open(name);
      const value = read(open.doc);
      open.close();
      return value;
    },
    async publish(text) {
      const { hash } = await chunks.put(new TextEncoder().encode(text));
      await host.edit('experiment/1', (doc) => doc.getMap('chunks').set(hash, hostId));
      return hash;
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await team.close();
      rooms.close();
      pointers.close();
      await documents.close();
      await log.close();
    },
  };
  undo.push(() => host.stop());
  return host;
}

const until = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 15_000, interval: 50 });
const noteOf = (host: Host, name = 'note/run-1'): Promise<string> => host.read(name, (doc) => doc.getText('text').toJSON());
const experimentOf = (host: Host): Promise<object> => host.read('workspace', (doc) => doc.getMap('experiments').toJSON());

/** Everything of both is with the other and on the relay. */
async function even(...hosts: Host[]): Promise<void> {
  await until(async () => {
    for (const { team } of hosts) expect(team.status()).toMatchObject({ state: 'online', unshared: 0, missing: 0 });
    const names = new Set(hosts.flatMap(({ documents }) => documents.names()));
    for (const name of names) {
      const digests = await Promise.all(hosts.map((host) => host.read(name, digestOf)));
      expect(new Set(digests).size, name).toBe(1);
    }
  });
}

function digestOf(doc: Y.Doc): string {
  const tables = [doc.getMap('experiments'), doc.getMap('chunks')].map((table) => [...table.entries()].sort());
  const state = [Y.encodeStateVector(doc), JSON.stringify(tables), doc.getText('text').toJSON()];
  return createHash('sha256').update(state.map(String).join()).digest('hex');
}

async function pairOn(dataDir: string, role: Role = 'editor'): Promise<{ ada: Host; ben: Host; dirs: [string, string] }> {
  const dirs: [string, string] = [await folder(), await folder()];
  const ada = await hostOn(dirs[0], 'ada');
  const ben = await hostOn(dirs[1], 'ben');
  await ada.team.join(await createInvite(dataDir), 'Ada');
  await ben.team.join(await createInvite(dataDir, { role }), 'Ben');
  return { ada, ben, dirs };
}

test('two hosts of a team come to hold the same documents and chunks', async () => {
  const dataDir = await folder();
  await relayOn(dataDir);
  const { ada, ben } = await pairOn(dataDir);
  await ada.edit('workspace', (doc) => doc.getMap('experiments').set('1/name', 'mnist'));
  await ben.edit('note/run-1', (doc) => doc.getText('text').insert(0, 'lr too high'));
  const [first, second] = [await ada.publish('series of ada'), await ben.publish('series of ben')];
  await even(ada, ben);
  expect(await experimentOf(ben)).toEqual({ '1/name': 'mnist' });
  await until(async () => expect(await noteOf(ada)).toBe('lr too high'));
  expect(new TextDecoder().decode(await ben.chunks.get(first))).toBe('series of ada');
  expect(new TextDecoder().decode(await ada.chunks.get(second))).toBe('series of ben');
});

test('what both wrote while the relay was away and their hosts were restarted is merged when it is back', async () => {
  const dataDir = await folder();
  const relay = await relayOn(dataDir);
  const pair = await pairOn(dataDir);
  await pair.ada.edit('note/run-1', (doc) => doc.getText('text').insert(0, 'start. '));
  await even(pair.ada, pair.ben);
  await relay.close();
  await until(() => expect(pair.ada.team.status().state).not.toBe('online'));
  await pair.ada.edit('note/run-1', (doc) => doc.getText('text').insert(0, 'ada. '));
  await pair.ben.edit('note/run-1', (doc) => doc.getText('text').insert(0, 'ben. '));
  await pair.ben.edit('note/run-2', (doc) => doc.getText('text').insert(0, 'only ben'));
  const offline = await pair.ada.publish('made offline');
  await until(() => expect(pair.ada.team.status().unshared).toBeGreaterThanOrEqual(2));
  await pair.ada.stop();
  await pair.ben.stop();
  const ada = await hostOn(pair.dirs[0], 'ada');
  const ben = await hostOn(pair.dirs[1], 'ben');
  expect(ada.team.status().unshared).toBeGreaterThanOrEqual(2);
  await relayOn(dataDir, relay.port);
  await even(ada, ben);
  await until(async () => expect(await noteOf(ada)).toHaveLength('start. ada. ben. '.length));
  await until(async () => expect(await noteOf(ada, 'note/run-2')).toBe('only ben'));
  await until(async () => expect(await ben.chunks.has(offline)).toBe(true));
});

test('a relay that lost its documents and chunks is given everything again', async () => {
  const dataDir = await folder();
  const relay = await relayOn(dataDir);
  const { ada, ben } = await pairOn(dataDir);
  await ada.edit('note/run-1', (doc) => doc.getText('text').insert(0, 'kept'));
  const hash = await ada.publish('kept bytes');
  await even(ada, ben);
  await relay.close();
  await rm(join(dataDir, 'log'), { recursive: true });
  await rm(join(dataDir, 'chunks'), { recursive: true });
  await relayOn(dataDir, relay.port);
  await until(() => expect(ada.team.status()).toMatchObject({ state: 'online', unshared: 0 }));
  const carl = await hostOn(await folder(), 'carl');
  await carl.team.join(await createInvite(dataDir), 'Carl');
  await even(ada, ben, carl);
  await until(async () => expect(await noteOf(carl)).toBe('kept'));
  await until(async () => expect(await carl.chunks.has(hash)).toBe(true));
});

test('a relay whose whole folder is gone refuses its old members, who join anew and bring everything', async () => {
  const dataDir = await folder();
  const relay = await relayOn(dataDir);
  const { ada, ben } = await pairOn(dataDir);
  await ada.edit('note/run-1', (doc) => doc.getText('text').insert(0, 'kept'));
  await even(ada, ben);
  await relay.close();
  for (const name of await readdir(dataDir)) await rm(join(dataDir, name), { recursive: true });
  await relayOn(dataDir, relay.port);
  await until(() => expect(ada.team.status().state).toBe('refused'));
  await expect(ada.team.join(await createInvite(dataDir))).rejects.toMatchObject({ code: 'wrong_state' });
  expect(await ada.team.leave()).toMatchObject({ state: 'none' });
  await ada.team.join(await createInvite(dataDir), 'Ada');
  const carl = await hostOn(await folder(), 'carl');
  await carl.team.join(await createInvite(dataDir), 'Carl');
  await even(ada, carl);
  await until(async () => expect(await noteOf(carl)).toBe('kept'));
});

test('a viewer’s host receives everything and brings nothing', async () => {
  const dataDir = await folder();
  await relayOn(dataDir);
  const { ada, ben } = await pairOn(dataDir, 'viewer');
  await ada.edit('note/run-1', (doc) => doc.getText('text').insert(0, 'published'));
  const hash = await ada.publish('bytes');
  await until(async () => expect(await noteOf(ben)).toBe('published'));
  await until(async () => expect(await ben.chunks.has(hash)).toBe(true));
  await ben.edit('note/run-1', (doc) => doc.getText('text').insert(0, 'scribble '));
  await ada.edit('note/run-1', (doc) => doc.getText('text').insert(9, '!'));
  await until(async () => expect(await noteOf(ben)).toBe('scribble published!'));
  await until(async () => expect(await noteOf(ada)).toBe('published!'));
});

test('a page at one host sees the person at the other’s page', async () => {
  const dataDir = await folder();
  await relayOn(dataDir);
  const { ada, ben } = await pairOn(dataDir);
  await ada.edit('note/run-1', (doc) => doc.getText('text').insert(0, 'x'));
  await even(ada, ben);
  const [here, there] = [await pageOn(ada, 'note/run-1'), await pageOn(ben, 'note/run-1')];
  here.awareness.setLocalStateField('user', { name: 'Ada' });
  await until(() => expect(there.awareness.getStates().get(here.doc.clientID)).toEqual({ user: { name: 'Ada' } }));
  there.doc.getText('text').insert(0, 'typed at ben ');
  await until(() => expect(here.doc.getText('text').toJSON()).toBe('typed at ben x'));
  here.destroy();
  await until(() => expect(there.awareness.getStates().has(here.doc.clientID)).toBe(false));
});

/** A page's replica of a document, connected to its host's own rooms. */
async function pageOn({ rooms }: Host, room: string): Promise<WebsocketProvider> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (ws) => rooms.accept(ws, { room, role: 'editor', user: 'local', acks: false }));
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  const provider = new WebsocketProvider(`ws://127.0.0.1:${port}`, room, new Y.Doc(), {
    disableBc: true,
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  undo.push(
    () => server.close(),
    () => provider.destroy(),
  );
  await until(() => expect(provider.synced).toBe(true));
  return provider;
}

describe('joining', () => {
  test('keeps the device’s key to this user', async () => {
    const dataDir = await folder();
    await relayOn(dataDir);
    const { dirs } = await pairOn(dataDir);
    expect((await stat(join(dirs[0], 'local', 'team.json'))).mode & 0o777).toBe(0o600);
  });

  test('says what is wrong with an invite', async () => {
    const dataDir = await folder();
    const relay = await relayOn(dataDir);
    const ada = await hostOn(await folder(), 'ada');
    const invite = await createInvite(dataDir);
    await expect(ada.team.join('hello')).rejects.toMatchObject({ code: 'invalid_argument', field: 'invite' });
    await expect(ada.team.join(await createInvite(dataDir, { url: 'ws://relay.example' }))).rejects.toThrow(/TLS/);
    await revoke(dataDir, { team: 'lab' });
    await expect(ada.team.join(invite)).rejects.toMatchObject({ code: 'forbidden' });
    const fresh = await createInvite(dataDir);
    await relay.close();
    await expect(ada.team.join(fresh)).rejects.toMatchObject({ code: 'unavailable' });
    expect(ada.team.status()).toEqual({ state: 'none', unshared: 0, missing: 0 });
  });

  test('survives damaged state files: the documents are compared again', async () => {
    const dataDir = await folder();
    await relayOn(dataDir);
    const pair = await pairOn(dataDir);
    await pair.ada.edit('note/run-1', (doc) => doc.getText('text').insert(0, 'x'));
    await even(pair.ada, pair.ben);
    await pair.ada.stop();
    const path = join(pair.dirs[0], 'local', 'team-state.json');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ hostId: 'ada' });
    await writeFile(path, 'null');
    await even(await hostOn(pair.dirs[0], 'ada'), pair.ben);
  });
});

test('a chunk that is not what its name says never arrives', async () => {
  const dataDir = await folder();
  await relayOn(dataDir);
  const { ada, ben } = await pairOn(dataDir);
  const hash = createHash('sha256').update('never made').digest('hex');
  await ada.edit('experiment/1', (doc) => doc.getMap('chunks').set(hash, 'ada'));
  await until(() => expect([ada.team.status().unshared, ben.team.status().missing]).toEqual([1, 1]));
  await ada.chunks.put(new TextEncoder().encode('never made'));
  await even(ada, ben);
});

test.each([
  ['nothing of use', '[]'],
  ['a team that is no name', JSON.stringify({ team: '../x', role: 'editor', member: 'm', id: 'i' })],
  ['a role that there is not', JSON.stringify({ team: 'lab', role: 'god', member: 'm', id: 'i' })],
  ['no JSON', '<html>'],
])('an invite to something that answers with %s joins nothing', async (_, answer) => {
  const impostor = createServer((_request, response) => response.end(answer));
  await new Promise<void>((done) => impostor.listen(0, '127.0.0.1', done));
  undo.push(() => new Promise((done) => impostor.close(done)));
  const relay = `ws://127.0.0.1:${(impostor.address() as AddressInfo).port}`;
  const claims = { relay, team: 'lab', role: 'editor', exp: Date.now() + 1e6, epoch: 0, nonce: 'n', mac: 'm' };
  const host = await hostOn(await folder(), 'a');
  undo.push(() => host.stop());
  await expect(host.team.join(`daybook://join#${Buffer.from(JSON.stringify(claims)).toString('base64url')}`)).rejects.toMatchObject({ code: 'unavailable', field: 'invite' });
  expect(host.team.status().state).toBe('none');
});
