/**
 * The stand-alone relay's door: HTTP and sockets on one port.
 *
 *   GET  /health                      { status: "ok" }, open to all
 *   POST /join    { invite, key, name }            → { member, id, team, role }
 *   POST /token   { member, time, signature }      → { token, expiresAt }
 *   with `Authorization: Bearer <token>` of that team:
 *   GET  /<team>/rooms?since=N        { relay, rooms: { name: position } } that have grown beyond N
 *   PUT  /<team>/chunks/<sha256>      bytes; checked against their name before they get it
 *   GET, HEAD /<team>/chunks/<sha256> bytes; one range
 *   POST /<team>/chunks/missing       { hashes } → { missing }
 *   sockets, the token as subprotocol `token.<token>`:
 *   /<team>/tips                      JSON { relay, rooms: { name: position } }: all at first, then what grew
 *   /<team>/<room…>                   y-websocket frames (`wire/frames.ts`)
 *
 * Nothing with an Origin header is served: no page has business here. What is unknown and what is forbidden look alike.
 *
 * Bounded: sockets altogether and per member, connections, failed tries per address, and how long a JSON body may take.
 * Behind a proxy on this machine, an address is the last one in X-Forwarded-For, which the proxy itself wrote.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Chunks, Documents } from '#store';
import { closeCode, describeFailure, offeredToken, protocolName } from '#wire';
import { AccessError, type Authority, type Grant } from './auth.ts';
import { serveChunk, missingChunks } from './chunkRoutes.ts';
import { createBucket, type Bucket } from './rate.ts';
import { maxFrameBytes } from './guard.ts';
import type { Relay } from './rooms.ts';

export interface RelayServerOptions {
  authority: Authority;
  relay: Relay;
  documents: Documents;
  /** The chunks of one team. */
  chunksOf: (team: string) => Promise<Chunks>;
  /** Changes whenever what the relay holds was lost or replaced. */
  relayId: string;
  log: (event: string, details: Record<string, unknown>) => void;
  /** Sockets at once; 2,000. */
  maxSockets?: number;
  /** Sockets of one member at once; 128. */
  maxMemberSockets?: number;
}

export interface RelayServer {
  listen(port: number, hostname: string): Promise<number>;
  close(): Promise<void>;
}

const roomPattern = /^[\w-]{1,64}(\/[\w.-]{1,128}){0,3}$/;
const reserved = /^(tips|rooms|chunks)(\/|$)/;
const jsonBytes = 4 * 1024 * 1024;
const heartMs = 10_000;
const revocationMs = 500;
/** A JSON body is small: one that takes longer than this, ms, is given up. */
const bodyMs = 10_000;
/** Until a client that was refused is cut off if it does not hang up by itself, ms. */
const lingerMs = 2000;

export function createRelayServer(options: RelayServerOptions): RelayServer {
  const { authority, relay, documents, chunksOf, relayId, log, maxSockets = 2000, maxMemberSockets = 128 } = options;
  const grants = new Map<WebSocket, Grant>();
  /** Failed tries to join or to get a token, and sockets without a valid token, by address. */
  const failures = createBuckets(0.5, 30);
  const strangers = createBuckets(5, 200);
  /** Joins by address: a leaked invite must not fill the disk with members. */
  const newcomers = createBuckets(1, 500);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    handleProtocols: (offered) => {
      if (offered.has(protocolName)) return protocolName;
      const [first] = offered;
      return first ?? false;
    },
  });
  const server: Server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => fail(response, error));
  });
  // Uploads may take long; a connection that is silent for a minute may not.
  server.requestTimeout = 0;
  server.headersTimeout = 10_000;
  server.setTimeout(60_000);
  server.maxHeadersCount = 64;
  // Requests come beside the sockets; beyond this, connections are not even read.
  server.maxConnections = maxSockets + 500;

  const teamRooms = (team: string, since = 0): Record<string, number> =>
    Object.fromEntries(
      documents
        .names()
        .filter((name) => name.startsWith(`${team}/`))
        .map((name): [string, number] => [name.slice(team.length + 1), documents.position(name)])
        .filter(([, position]) => position > since),
    );

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Content-Security-Policy', "default-src 'none'");
    if (request.headers.origin !== undefined) throw new AccessError('forbidden', 'Not for pages.');
    const { pathname, searchParams } = addressOf(request);
    const [, first = '', second = '', third] = pathname.split('/');
    if (pathname === '/health') return reply(response, { status: 'ok' });
    if (request.method === 'POST' && (pathname === '/join' || pathname === '/token')) {
      return reply(response, await admit(request, pathname));
    }
    const grant = await authority.check(request.headers.authorization?.replace(/^Bearer /, ''));
    if (!grant) return reply(response, { code: 'unauthorized', message: 'The access token is not valid (any more).' }, 401);
    if (grant.team !== first) throw new AccessError('forbidden', 'Not yours, or not here.');
    if (second === 'rooms' && request.method === 'GET') {
      return reply(response, { relay: relayId, rooms: teamRooms(first, Number(searchParams.get('since') ?? 0)) });
    }
    if (second === 'chunks' && third === 'missing' && request.method === 'POST') {
      return reply(response, await missingChunks(await chunksOf(first), await readJson(request, jsonBytes)));
    }
    if (second === 'chunks' && third) return serveChunk(await chunksOf(first), third, grant.role, request, response);
    throw new AccessError('forbidden', 'Not yours, or not here.');
  };

  /** Joining and tokens; an address that keeps failing waits. */
  const admit = async (request: IncomingMessage, pathname: string): Promise<unknown> => {
    const bucket = failures(addressOfPeer(request));
    if (bucket.take(0) > 0 || (pathname === '/join' && newcomers(addressOfPeer(request)).take(1) > 0)) throw new AccessError('forbidden', 'Too many tries. Wait a minute.');
    const body = await readJson(request, 16 * 1024);
    try {
      if (pathname === '/join') {
        const joined = await authority.join({ invite: text(body, 'invite'), key: text(body, 'key'), name: text(body, 'name') });
        log('joined', { id: joined.id, team: joined.team, role: joined.role });
        return joined;
      }
      const time = body.time;
      if (typeof time !== 'number') throw new AccessError('invalid_argument', 'time must be a number.', 'time');
      return await authority.token({ member: text(body, 'member'), time, signature: text(body, 'signature') });
    } catch (error) {
      bucket.take(1);
      throw error;
    }
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', () => undefined);
    if (request.headers.origin !== undefined) return refuse(socket, 403);
    if (sockets.clients.size >= maxSockets) return refuse(socket, 503);
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const { pathname } = addressOf(request);
    const [, team = '', ...rest] = pathname.split('/');
    const room = rest.join('/');
    const grant = await authority.check(offeredToken(offered));
    // A member's sockets whose token ran out all come at once, so there is room for many of them.
    if (!grant && strangers(addressOfPeer(request)).take(1) > 0) return refuse(socket, 429);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      // Refused with a close code rather than a status, because only a code tells y-websocket not to come back.
      ws.on('error', () => undefined);
      const turnAway = (code: number, reason: string): void => {
        ws.close(code, reason);
        setTimeout(() => ws.terminate(), lingerMs).unref();
      };
      if (!grant) return turnAway(closeCode.unauthorized, 'no valid token');
      const isRoom = room === 'tips' || (roomPattern.test(room) && !reserved.test(room));
      if (grant.team !== team || !isRoom) return turnAway(closeCode.forbidden, 'not yours, or not here');
      if (socketsOf(grant.member) >= maxMemberSockets) return turnAway(closeCode.busy, 'too many sockets');
      grants.set(ws, grant);
      ws.on('close', () => grants.delete(ws));
      if (room === 'tips') return tell(ws, team);
      relay.accept(ws, { room: `${team}/${room}`, role: grant.role, user: grant.member, acks: ws.protocol === protocolName });
    });
  };

  const socketsOf = (member: string): number => [...grants.values()].filter((grant) => grant.member === member).length;

  /** Sends positions of rooms: all now, and those that grow, a few times a second. */
  const tell = (ws: WebSocket, team: string): void => {
    let grown: Record<string, number> = {};
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = (rooms: Record<string, number>): void => {
      if (ws.bufferedAmount > 8 * 1024 * 1024) return ws.terminate();
      ws.send(JSON.stringify({ relay: relayId, rooms }));
    };
    const undo = relay.onGrew((name, position) => {
      if (!name.startsWith(`${team}/`)) return;
      grown[name.slice(team.length + 1)] = position;
      timer ??= setTimeout(() => {
        timer = undefined;
        send(grown);
        grown = {};
      }, 100);
    });
    const heart = setInterval(() => ws.ping(), heartMs);
    ws.on('message', () => ws.close(closeCode.badFrame, 'nothing to say here'));
    ws.on('close', () => {
      undo();
      clearInterval(heart);
      clearTimeout(timer);
    });
    send(teamRooms(team));
  };

  const sweep = setInterval(() => {
    void (async () => {
      for (const [ws, grant] of [...grants]) {
        if (!(await authority.stands(grant))) ws.close(closeCode.unauthorized, 'access was taken back');
      }
    })().catch((error: unknown) => log('failed', { error: String(error) }));
  }, revocationMs).unref();

  server.on('upgrade', (request, socket, head) => {
    upgrade(request, socket, head).catch((error: unknown) => {
      log('failed', { error: String(error) });
      refuse(socket, 500);
    });
  });

  const fail = (response: ServerResponse, error: unknown): void => {
    const failure = describeFailure(error);
    if (failure.code === 'internal') log('failed', { error: String(error) });
    if (response.headersSent) response.destroy();
    else reply(response, failure, statusOf[failure.code] ?? 500);
  };

  return {
    listen: (port, hostname) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, hostname, () => {
          server.off('error', reject);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    async close() {
      clearInterval(sweep);
      for (const ws of sockets.clients) ws.close(closeCode.goingAway, 'closing');
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      for (const ws of sockets.clients) ws.terminate();
      await closed;
    },
  };
}

const statusOf: Record<string, number | undefined> = {
  invalid_argument: 400,
  forbidden: 403,
  not_found: 404,
  disk_full: 507,
  closed: 503,
  io: 503,
};

function reply(response: ServerResponse, body: unknown, status = 200): void {
  const text = JSON.stringify(body);
  // Whatever of the request was not read stays unread: the connection cannot be used again.
  if (status >= 400) response.setHeader('Connection', 'close');
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text);
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function addressOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://relay');
  } catch {
    throw new AccessError('invalid_argument', 'The address cannot be read.');
  }
}

/** Buckets by name, made as needed; forgotten when there are too many to keep. */
function createBuckets(perSecond: number, burst: number): (name: string) => Bucket {
  const buckets = new Map<string, Bucket>();
  return (name) => {
    const bucket = buckets.get(name) ?? createBucket(perSecond, burst);
    if (buckets.size >= 10_000) buckets.clear();
    buckets.set(name, bucket);
    return bucket;
  };
}

/** Where a request comes from, for counting. */
function addressOfPeer(request: IncomingMessage): string {
  const address = request.socket.remoteAddress ?? '';
  if (!/^(?:::ffff:)?127\.|^::1$/.test(address)) return address;
  const forwarded = request.headers['x-forwarded-for'];
  return forwarded?.toString().split(',').at(-1)?.trim().slice(0, 64) || address;
}

async function readJson(request: IncomingMessage, maxBytes: number): Promise<Record<string, unknown>> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new AccessError('invalid_argument', 'The body must be application/json.');
  }
  const parts: Buffer[] = [];
  let size = 0;
  const late = setTimeout(() => request.destroy(), bodyMs).unref();
  request.once('close', () => clearTimeout(late));
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) throw new AccessError('invalid_argument', `The body has more than ${maxBytes} bytes.`);
    parts.push(part);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below, like any other body that is no object.
  }
  throw new AccessError('invalid_argument', 'The body must be a JSON object.');
}

function text(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (typeof value !== 'string' || value.length > 8000) throw new AccessError('invalid_argument', `${field} must be a text.`, field);
  return value;
}
