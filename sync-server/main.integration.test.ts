/** The stand-alone relay as members meet it: invites, tokens, rooms of two teams, chunks. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { closeCode, protocolName, tokenProtocol } from '#wire';
import { createInvite, revoke, startRelay, tokenChallenge, type Role, type RunningRelay } from './relay.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function start(dataDir?: string, port = 0): Promise<RunningRelay & { dataDir: string; http: string }> {
  const dir = dataDir ?? (await mkdtemp(join(tmpdir(), 'daybook-relay-')));
  if (!dataDir) undo.push(() => rm(dir, { recursive: true, force: true }));
  const relay = await startRelay({ dataDir: dir, port });
  undo.push(() => relay.close().catch(() => undefined));
  return { ...relay, dataDir: dir, http: relay.url.replace('ws:', 'http:') };
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });

interface Device {
  member: string;
  id: string;
  privateKey: KeyObject;
}

async function enrol(relay: { dataDir: string; http: string }, team = 'lab', role: Role = 'editor'): Promise<Device> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const invite = await createInvite(relay.dataDir, { team, role });
  const response = await post(`${relay.http}/join`, { invite, key: publicKey.export({ format: 'jwk' }).x, name: 'Ada' });
  expect(response.status).toBe(200);
  const { member, id } = (await response.json()) as { member: string; id: string };
  return { member, id, privateKey };
}

async function askToken(http: string, { member, privateKey }: Device, time = Date.now()): Promise<Response> {
  const signature = sign(null, tokenChallenge(member, time), privateKey).toString('base64url');
  return post(`${http}/token`, { member, time, signature });
}

async function tokenOf(http: string, device: Device): Promise<string> {
  const response = await askToken(http, device);
  expect(response.status).toBe(200);
  return ((await response.json()) as { token: string }).token;
}

function visit(url: string, room: string, token: string): { doc: Y.Doc; provider: WebsocketProvider } {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(url, room, doc, {
    disableBc: true,
    maxBackoffTime: 200,
    protocols: [tokenProtocol(token)],
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  undo.push(() => provider.destroy());
  return { doc, provider };
}

/** Opens a socket and tells how it was closed. */
function closeCodeOf(url: string, protocols: string[], headers: Record<string, string> = {}): Promise<number | string> {
  return new Promise((done) => {
    const ws = new WebSocket(url, protocols, { headers });
    ws.on('close', done);
    ws.on('error', (error) => done(error.message));
  });
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 });
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('an invited device gets a token, and a stock y-websocket client syncs with it', async () => {
  const relay = await start();
  const token = await tokenOf(relay.http, await enrol(relay));
  const ada = visit(relay.url, 'lab/note/a', token);
  const ben = visit(relay.url, 'lab/note/a', await tokenOf(relay.http, await enrol(relay)));
  ada.doc.getText('text').insert(0, 'hello');
  await until(() => expect(ben.doc.getText('text').toJSON()).toBe('hello'));
});

test('two teams with rooms and chunks of the same name never meet', async () => {
  const relay = await start();
  const lab = await tokenOf(relay.http, await enrol(relay, 'lab'));
  const other = await tokenOf(relay.http, await enrol(relay, 'other'));
  const ada = visit(relay.url, 'lab/workspace', lab);
  const eve = visit(relay.url, 'other/workspace', other);
  ada.doc.getMap('experiments').set('0/name', 'secret');
  await until(() => expect(ada.provider.synced && eve.provider.synced).toBe(true));
  const again = visit(relay.url, 'other/workspace', other);
  await until(() => expect(again.provider.synced).toBe(true));
  expect(again.doc.getMap('experiments').size).toBe(0);

  const bytes = new TextEncoder().encode('weights');
  const path = `chunks/${sha256(bytes)}`;
  const as = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
  expect((await fetch(`${relay.http}/lab/${path}`, { ...as(lab), method: 'PUT', body: bytes })).status).toBe(204);
  expect((await fetch(`${relay.http}/lab/${path}`, as(other))).status).toBe(403);
  expect((await fetch(`${relay.http}/other/${path}`, as(other))).status).toBe(404);
  expect(await closeCodeOf(`${relay.url}/lab/workspace`, [tokenProtocol(other)])).toBe(closeCode.forbidden);
  const rooms = await (await fetch(`${relay.http}/other/rooms`, as(other))).json();
  expect(rooms).toMatchObject({ rooms: {} });
});

describe('access', () => {
  test('needs a valid token, no Origin and a known form of address', async () => {
    const relay = await start();
    const token = await tokenOf(relay.http, await enrol(relay));
    expect(await closeCodeOf(`${relay.url}/lab/workspace`, [protocolName])).toBe(closeCode.unauthorized);
    expect(await closeCodeOf(`${relay.url}/lab/workspace`, [tokenProtocol(`${token}x`)])).toBe(closeCode.unauthorized);
    expect(await closeCodeOf(`${relay.url}/lab/../x y`, [tokenProtocol(token)])).toBe(closeCode.forbidden);
    expect(await closeCodeOf(`${relay.url}/lab/workspace`, [tokenProtocol(token)], { origin: 'http://evil.example' })).toMatch(/403/);
    expect((await fetch(`${relay.http}/lab/rooms`)).status).toBe(401);
    expect((await fetch(`${relay.http}/health`)).status).toBe(200);
    expect((await fetch(`${relay.http}/health`, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  });

  test('ends within a second for a member who is revoked, and for all when the epoch is raised', async () => {
    const relay = await start();
    const [ada, ben] = [await enrol(relay), await enrol(relay)];
    const closed = closeCodeOf(`${relay.url}/lab/workspace`, [tokenProtocol(await tokenOf(relay.http, ada))]);
    const stays = visit(relay.url, 'lab/workspace', await tokenOf(relay.http, ben));
    await until(() => expect(stays.provider.synced).toBe(true));
    await revoke(relay.dataDir, { team: 'lab', member: ada.id });
    expect(await closed).toBe(closeCode.unauthorized);
    expect((await askToken(relay.http, ada)).status).toBe(403);
    expect(stays.provider.wsconnected).toBe(true);
    await revoke(relay.dataDir, { team: 'lab' });
    await until(() => expect(stays.provider.shouldConnect).toBe(false));
    expect((await askToken(relay.http, ben)).status).toBe(403);
  });

  test('is not given for invites that are forged, changed, revoked, or of another relay', async () => {
    const relay = await start();
    const { publicKey } = generateKeyPairSync('ed25519');
    const key = publicKey.export({ format: 'jwk' }).x;
    const joinWith = async (invite: string): Promise<number> => (await post(`${relay.http}/join`, { invite, key, name: '' })).status;
    const invite = await createInvite(relay.dataDir, { team: 'lab', role: 'viewer' });
    const claims = JSON.parse(Buffer.from(invite.split('#')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
    const forged = (change: object): string =>
      `daybook://join#${Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')}`;
    expect(await joinWith(invite)).toBe(200);
    expect(await joinWith(forged({ role: 'owner' }))).toBe(403);
    expect(await joinWith(forged({ exp: Date.now() + 1e12 }))).toBe(403);
    expect(await joinWith('daybook://join#nonsense')).toBe(400);
    const stranger = await start();
    expect(await joinWith(await createInvite(stranger.dataDir))).toBe(403);
    await revoke(relay.dataDir, { team: 'lab', invite });
    expect(await joinWith(invite)).toBe(403);
  });

  test('is not given for another’s key, an old signature or a changed credential', async () => {
    const relay = await start();
    const [ada, eve] = [await enrol(relay), await enrol(relay)];
    expect((await askToken(relay.http, { ...ada, privateKey: eve.privateKey })).status).toBe(403);
    expect((await askToken(relay.http, ada, Date.now() - 6 * 60_000)).status).toBe(403);
    expect((await askToken(relay.http, { ...ada, member: `${ada.member}x` })).status).toBe(403);
  });

  test('keeps its secret to itself', async () => {
    const relay = await start();
    await enrol(relay);
    expect((await stat(join(relay.dataDir, 'secret'))).mode & 0o777).toBe(0o600);
  });
});

describe('chunks', () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  const hash = sha256(bytes);

  test('come back whole or in part, and are asked for by name', async () => {
    const relay = await start();
    const headers = { authorization: `Bearer ${await tokenOf(relay.http, await enrol(relay))}` };
    const url = `${relay.http}/lab/chunks/${hash}`;
    const missing = async (): Promise<unknown> =>
      (await post(`${relay.http}/lab/chunks/missing`, { hashes: [hash] }, headers)).json();
    expect(await missing()).toEqual({ missing: [hash] });
    expect((await fetch(url, { headers })).status).toBe(404);
    expect((await fetch(url, { method: 'PUT', body: bytes, headers })).status).toBe(204);
    expect(await missing()).toEqual({ missing: [] });
    expect(new Uint8Array(await (await fetch(url, { headers })).arrayBuffer())).toEqual(bytes);
    const part = await fetch(url, { headers: { ...headers, range: 'bytes=10-19' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-19/100000']);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(10, 20));
    expect((await fetch(url, { headers: { ...headers, range: 'bytes=100000-' } })).status).toBe(416);
    expect((await fetch(url, { method: 'HEAD', headers })).headers.get('content-length')).toBe('100000');
  });

  test('with other bytes than their name says, from viewers, or with names that are none are refused', async () => {
    const relay = await start();
    const headers = { authorization: `Bearer ${await tokenOf(relay.http, await enrol(relay))}` };
    const viewer = { authorization: `Bearer ${await tokenOf(relay.http, await enrol(relay, 'lab', 'viewer'))}` };
    const put = async (name: string, body: Uint8Array<ArrayBuffer>, as: Record<string, string>): Promise<number> =>
      (await fetch(`${relay.http}/lab/chunks/${name}`, { method: 'PUT', body, headers: as })).status;
    expect(await put(hash, bytes.slice(1), headers)).toBe(400);
    expect(await put(hash, bytes, viewer)).toBe(403);
    expect(await put('..%2f..%2fsecret', bytes, headers)).toBe(403);
    expect((await fetch(`${relay.http}/lab/chunks/${hash}`, { headers })).status).toBe(404);
  });
});

describe('one address or member', () => {
  const openSocket = (url: string, protocols: string[]): Promise<WebSocket> =>
    new Promise((done, fail) => {
      const ws = new WebSocket(url, protocols);
      ws.on('open', () => done(ws));
      ws.on('error', fail);
      undo.push(() => ws.terminate());
    });

  test('cannot take all sockets: a member has 128 of them', async () => {
    const relay = await start();
    const token = tokenProtocol(await tokenOf(relay.http, await enrol(relay)));
    await Promise.all(Array.from({ length: 128 }, (_, i) => openSocket(`${relay.url}/lab/note/${i % 4}`, [token])));
    expect(await closeCodeOf(`${relay.url}/lab/note/1`, [token])).toBe(closeCode.busy);
    const another = tokenProtocol(await tokenOf(relay.http, await enrol(relay)));
    expect((await openSocket(`${relay.url}/lab/note/1`, [another])).readyState).toBe(WebSocket.OPEN);
  });

  test('without a token is turned away before it gets a socket, while members still come in', async () => {
    const relay = await start();
    const device = await enrol(relay);
    const answers = await Promise.all(Array.from({ length: 250 }, () => closeCodeOf(`${relay.url}/lab/workspace`, [protocolName])));
    expect(answers.filter((answer) => answer === closeCode.unauthorized).length).toBeLessThan(250);
    expect(answers.filter((answer) => String(answer).includes('429')).length).toBeGreaterThan(0);
    const token = await tokenOf(relay.http, device);
    expect((await openSocket(`${relay.url}/lab/workspace`, [tokenProtocol(token)])).readyState).toBe(WebSocket.OPEN);
  });

  test('that keeps failing waits, and behind a proxy only it does', async () => {
    const relay = await start();
    const ada = await enrol(relay);
    const from = (address: string) => ({ 'x-forwarded-for': `203.0.113.9, ${address}` });
    const body = { member: 'nonsense', time: Date.now(), signature: 'x' };
    // All at once, so that no allowance grows back on a slow machine.
    const answers = await Promise.all(Array.from({ length: 80 }, () => post(`${relay.http}/token`, body, from('198.51.100.1'))));
    const messages = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { message: string }).message));
    expect(messages.filter((message) => /Too many tries/.test(message)).length).toBeGreaterThan(0);
    const time = Date.now();
    const signature = sign(null, tokenChallenge(ada.member, time), ada.privateKey).toString('base64url');
    expect((await post(`${relay.http}/token`, { member: ada.member, time, signature }, from('198.51.100.2'))).status).toBe(200);
  });

  test('that announces a chunk and hangs up leaves nothing of it', async () => {
    const relay = await start();
    const token = await tokenOf(relay.http, await enrol(relay));
    const hash = sha256(new Uint8Array(10));
    for (const length of [20, 10 * 1024 ** 3]) {
      const socket = connect(Number(new URL(relay.http).port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`PUT /lab/chunks/${hash} HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${length}\r\n\r\n`);
      socket.end(new Uint8Array(10));
      socket.resume();
      await once(socket, 'close');
    }
    // The longer one is refused before it is read, the shorter one ends too early.
    const incoming = join(relay.dataDir, 'chunks', 'lab', 'incoming');
    await vi.waitFor(async () => expect(await readdir(incoming)).toEqual([]));
    expect((await fetch(`${relay.http}/lab/chunks/${hash}`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(404);
  });

  test('has no use for a token in the address', async () => {
    const relay = await start();
    const token = await tokenOf(relay.http, await enrol(relay));
    expect(await closeCodeOf(`${relay.url}/lab/workspace?token=${token}`, [protocolName])).toBe(closeCode.unauthorized);
    expect((await fetch(`${relay.http}/lab/rooms?access_token=${token}`)).status).toBe(401);
  });
});

test('a relay that was stopped and started again has everything, and tells members the same name for its data', async () => {
  const first = await start();
  const device = await enrol(first);
  const token = await tokenOf(first.http, device);
  const ada = visit(first.url, 'lab/note/a', token);
  ada.doc.getText('text').insert(0, 'kept');
  const tips = async (http: string): Promise<{ relay: string; rooms: Record<string, number> }> =>
    (await fetch(`${http}/lab/rooms`, { headers: { authorization: `Bearer ${token}` } })).json() as never;
  await vi.waitFor(async () => expect((await tips(first.http)).rooms).toMatchObject({ 'note/a': expect.any(Number) }));
  const before = await tips(first.http);
  ada.provider.destroy();
  await first.close();
  const second = await start(first.dataDir);
  expect(await tips(second.http)).toEqual(before);
  const ben = visit(second.url, 'lab/note/a', token);
  await until(() => expect(ben.doc.getText('text').toJSON()).toBe('kept'));
});

test('a second relay on the same folder is refused', async () => {
  const relay = await start();
  await expect(startRelay({ dataDir: relay.dataDir, port: 0 })).rejects.toMatchObject({ code: 'invalid_argument' });
});
