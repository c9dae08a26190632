/**
 * The host's one port on loopback: the page, its sockets, artifacts, and the MLflow door.
 *
 *   const server = await createHttpServer({ port: 5001, catalog, tracking, …, pageDir: 'dist/page' });
 *   server.url; await server.close();
 *
 *   GET  /, /assets/…                    the built page
 *   GET  /artifact/<run or model>/<path> bytes of an artifact; ?view=1 shows text and images in place
 *   WS   /call, /sync/<document>         sockets.ts
 *   *    /api/…, /ajax-api/…, /health, /version, /get-artifact   mlflow/door.ts
 */
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import { DaybookError, hostPaths } from '#contract';
import { sendArtifact } from './artifactFiles.ts';
import { percentDecode, safeArtifactPath } from './artifactPath.ts';
import { createLoopbackFilter, type LoopbackOptions, type Refusal } from './loopback.ts';
import { apiHeaders, registerMlflow } from './mlflow/door.ts';
import { errorReply } from './mlflow/errors.ts';
import type { ArtifactReader, Catalog, SeriesReader, Tracking } from './ports.ts';
import { createSockets, refuseUpgrade, type SocketParts } from './sockets.ts';

export interface HttpParts extends SocketParts {
  /** 0 takes any free port. */
  port: number;
  catalog: Catalog;
  tracking: Tracking;
  series: SeriesReader;
  artifacts: ArtifactReader;
  /** Folder of the built page; without it `/` says how to build it. */
  pageDir?: string;
  loopback?: LoopbackOptions;
  /** Told of failures that are mistakes in this program; nothing a client sent is in them. */
  log?: (message: string) => void;
}

export interface HttpServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; " +
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/** Bytes of a JSON body. */
const maxJsonBytes = 16 * 1024 * 1024;
const maxConnections = 1024;
/** Training scripts log once an epoch on a kept connection: closing it between two requests would race with the next. */
const keepAliveMs = 10 * 60_000;

/** Opens the port. DaybookError `unavailable` when another program has it. */
export async function createHttpServer(parts: HttpParts): Promise<HttpServer> {
  const refusalOf = createLoopbackFilter({ uid: process.getuid?.(), ...parts.loopback });
  const sockets = createSockets(parts);
  const app = fastify({
    bodyLimit: maxJsonBytes,
    forceCloseConnections: true,
    serverFactory: (handler) => createFilteredServer(refusalOf, handler),
    routerOptions: { maxParamLength: 5000 },
    // Addresses that the router cannot decode never reach a route or the handler of errors.
    frameworkErrors: (error, _request, reply) => {
      const { status, body } = errorReply(error);
      reply.hijack();
      reply.raw.writeHead(status, apiHeaders).end(JSON.stringify(body));
    },
  });
  app.setErrorHandler((error, _request, reply) => {
    const { status, body, mistake } = errorReply(error);
    if (mistake !== undefined) parts.log?.(mistake);
    return reply.code(status).headers(apiHeaders).send(JSON.stringify(body));
  });
  registerMlflow(app, parts);
  registerArtifacts(app, parts);
  await registerPage(app, parts.pageDir);

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = refusalOf(request);
    if (refusal) refuseUpgrade(socket, refusal.status, 'Refused');
    else sockets.upgrade(request, socket, head);
  };
  app.server.on('upgrade', upgrade);
  try {
    await app.listen({ port: parts.port, host: '127.0.0.1' });
  } catch (error) {
    sockets.close();
    await app.close();
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new DaybookError('unavailable', `Port ${parts.port} is in use by another program. Choose another with --port, or 0 for any free one.`, 'port');
    }
    throw error;
  }
  const { port } = app.server.address() as AddressInfo;
  const server6 = createFilteredServer(refusalOf, (request, response) => app.routing(request, response));
  server6.on('upgrade', upgrade);
  await listenToo(server6, port, parts.log);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      sockets.close();
      server6.close();
      server6.closeAllConnections();
      await app.close();
    },
  };
}

/** The same port on ::1, where `localhost` may lead; a machine without IPv6 does without. */
function listenToo(server: Server, port: number, log: HttpParts['log']): Promise<void> {
  return new Promise((resolve) => {
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') log?.(`[::1]:${port} belongs to another program: use 127.0.0.1 in addresses, not localhost.`);
      resolve();
    });
    server.listen({ port, host: '::1', ipv6Only: true }, resolve);
  });
}

/** A server that asks the loopback filter before anything of the request is looked at or its body read. */
function createFilteredServer(
  refusalOf: (request: IncomingMessage) => Refusal | undefined,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 0, keepAliveTimeout: keepAliveMs, maxHeaderSize: 16 * 1024 }, (request, response) => {
    const refusal = refusalOf(request);
    if (!refusal) {
      handler(request, response);
      return;
    }
    const errorCode = refusal.status === 400 ? 'INVALID_PARAMETER_VALUE' : refusal.status === 401 ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED';
    response.writeHead(refusal.status, { ...apiHeaders, connection: 'close' });
    response.end(JSON.stringify({ error_code: errorCode, message: refusal.message }));
  });
  server.maxConnections = maxConnections;
  return server;
}

function registerArtifacts(app: FastifyInstance, parts: HttpParts): void {
  app.get(`${hostPaths.artifact}/:id/*`, (request, reply) => {
    const { id } = request.params as { id: string };
    const raw = request.raw.url ?? '';
    // The router's own decoding is for matching; the name is taken from the address, decoded once.
    const encoded = raw.split('?', 1)[0]!.split('/').slice(3).join('/');
    const path = safeArtifactPath(percentDecode(encoded));
    const kind = parts.catalog.run(id) ? 'run' : parts.catalog.loggedModel(id) ? 'model' : undefined;
    if (!kind) throw new DaybookError('not_found', `There is no run or model ${id}.`, 'runId');
    const view = (request.query as { view?: unknown }).view === '1';
    return sendArtifact(parts, request, reply, { owner: { kind, id }, path, view });
  });
}

/** The built page; any other address that a person may open in a browser gets the page as well. */
async function registerPage(app: FastifyInstance, pageDir: string | undefined): Promise<void> {
  const root = pageDir !== undefined && existsSync(join(pageDir, 'index.html')) ? pageDir : undefined;
  if (root !== undefined) {
    await app.register(fastifyStatic, {
      root,
      wildcard: false,
      index: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Files of /assets/ carry a hash in their name; everything else must be asked for again.
        const cached = /[\\/]assets[\\/]/.test(path) ? 'private, max-age=31536000, immutable' : 'no-cache';
        void reply.headers({ ...pageHeaders, 'cache-control': cached });
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const { method, url } = request;
    const path = url.split('?', 1)[0]!;
    if (method === 'GET' && !/^\/(?:api|ajax-api|artifact|call|sync|assets)(?:\/|$)|\.\w+$/.test(path)) {
      if (root !== undefined) return reply.sendFile('index.html');
      return reply.code(path === '/' ? 200 : 404).headers({ ...pageHeaders, 'content-type': 'text/plain; charset=utf-8' }).send(notBuilt);
    }
    return reply.code(404).headers(apiHeaders).send(JSON.stringify({ error_code: 'ENDPOINT_NOT_FOUND', message: `Daybook has nothing at ${method} ${path.slice(0, 200)}.` }));
  });
}

const notBuilt = `Daybook's host is running, but its page is not built: run "npm run build", then start it again.
MLflow clients can use this address as their tracking URI already.
`;
