/** A relay killed without warning, again and again, while two people write: what it acknowledged is there afterwards. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { ackedSocket, protocolName, tokenProtocol } from '#wire';
import { createInvite, startRelay, tokenChallenge } from './relay.ts';

const script = `
  const { startRelay } = await import('./sync-server/main.ts');
  const relay = await startRelay({ dataDir: process.env.RELAY_DATA, port: Number(process.env.RELAY_PORT) });
  process.stdout.write('ready ' + relay.url + '\\n');
`;

async function spawnRelay(dataDir: string, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, RELAY_DATA: dataDir, RELAY_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function enrol(dataDir: string, http: string): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const post = async (path: string, body: object): Promise<Record<string, string>> => {
    const response = await fetch(`${http}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return (await response.json()) as Record<string, string>;
  };
  const invite = await createInvite(dataDir);
  const { member = '' } = await post('/join', { invite, key: publicKey.export({ format: 'jwk' }).x, name: 'Ada' });
  const time = Date.now();
  const signature = sign(null, tokenChallenge(member, time), privateKey).toString('base64url');
  return (await post('/token', { member, time, signature })).token ?? '';
}

test('five kills at random moments (seed 11): both converge, and the relay alone has all that it acknowledged', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'daybook-kill-'));
  const port = await freePort();
  let child = await spawnRelay(dataDir, port);
  const people: { doc: Y.Doc; acks: ReturnType<typeof ackedSocket>; provider: WebsocketProvider; text: Y.Text }[] = [];
  try {
    for (let i = 0; i < 2; i++) {
      const doc = new Y.Doc();
      const acks = ackedSocket(WebSocket);
      const token = await enrol(dataDir, `http://127.0.0.1:${port}`);
      const provider = new WebsocketProvider(`ws://127.0.0.1:${port}/lab`, 'note/a', doc, {
        disableBc: true,
        maxBackoffTime: 300,
        protocols: [protocolName, tokenProtocol(token)],
        WebSocketPolyfill: acks.WebSocket as unknown as typeof globalThis.WebSocket,
      });
      acks.watch(doc, provider);
      people.push({ doc, acks, provider, text: doc.getText('text') });
    }
    let typed = 0;
    const typing = setInterval(() => {
      for (const { text } of people) text.insert(0, `${typed++} `);
    }, 5);
    const random = seeded(11);
    for (let round = 0; round < 5; round++) {
      const enough = typed + 20 + random() * 100;
      await vi.waitUntil(() => typed > enough, { timeout: 10_000, interval: 1 });
      await kill(child);
      child = await spawnRelay(dataDir, port);
    }
    clearInterval(typing);
    await vi.waitFor(
      () => {
        expect(people.map(({ acks }) => [acks.even(), acks.unacked()])).toEqual([[true, 0], [true, 0]]);
        expect(people[0]!.text.toJSON()).toBe(people[1]!.text.toJSON());
      },
      { timeout: 10_000, interval: 20 },
    );
    await kill(child);
    const text = people[0]!.text.toJSON();
    expect(text.split(' ')).toHaveLength(typed + 1);
    for (const { provider } of people) provider.destroy();

    const relay = await startRelay({ dataDir, port: 0 });
    const token = await enrol(dataDir, relay.url.replace('ws:', 'http:'));
    const reader = new WebsocketProvider(`${relay.url}/lab`, 'note/a', new Y.Doc(), {
      disableBc: true,
      protocols: [tokenProtocol(token)],
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    });
    await vi.waitFor(() => expect(reader.doc.getText('text').toJSON()).toBe(text), { timeout: 10_000 });
    reader.destroy();
    await relay.close();
  } finally {
    for (const { provider } of people) provider.destroy();
    if (child.exitCode === null && child.signalCode === null) await kill(child);
    await rm(dataDir, { recursive: true, force: true });
  }
}, 60_000);

/** Repeatable numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
