/**
 * The MLflow door: what a stock MLflow client, pointed at the host's address, talks to. Answers 200 only once what
 * was asked is on the disk; errors have MLflow's shape and codes (errors.ts). The calls themselves are in routes.ts.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { jsonText, parseJsonBody } from '../jsonBody.ts';
import { deleteProxied, downloadModelArtifact, downloadProxied, downloadRunArtifact, listProxied, uploadProxied } from './artifacts.ts';
import { errorReply } from './errors.ts';
import type { Fields } from './fields.ts';
import type { DoorParts, Exchange } from './handler.ts';
import { notImplemented, routes, unknownRoute } from './routes.ts';

/** The API level of which clients may use everything that is here. Clients read it as a version of MLflow. */
const apiVersion = '3.11.1';
const prefixes = ['/api/2.0', '/api/3.0', '/ajax-api/2.0', '/ajax-api/3.0'];

export const apiHeaders = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
};
const plainHeaders = { ...apiHeaders, 'content-type': 'text/plain; charset=utf-8' };

/** Adds the door's routes. Bodies of calls are JSON objects; those of artifact uploads are left as streams. */
export function registerMlflow(app: FastifyInstance, parts: DoorParts): void {
  app.removeAllContentTypeParsers();
  // The named type is what clients send: Fastify remembers its parser, and looks for the other one each time.
  for (const type of ['application/json', '*']) {
    app.addContentTypeParser<Buffer>(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, parseJsonBody(body)));
  }

  for (const prefix of prefixes) {
    for (const [method, path, handle] of routes) {
      app.route({
        method,
        url: `${prefix}/mlflow/${path}`,
        exposeHeadRoute: false,
        handler: async (request, reply) => {
          try {
            const fields: Fields = { values: valuesOf(request), at: '' };
            const answer = await handle(fields, parts, exchangeOf(request, reply, path));
            reply.headers(apiHeaders);
            return JSON.stringify(answer);
          } catch (error) {
            return failed(error, reply, parts);
          }
        },
      });
    }
    app.all(`${prefix}/mlflow/*`, (request, reply) => {
      const { '*': path = '' } = request.params as { '*'?: string };
      return failed(unknownRoute(request.method, path), reply, parts);
    });
    app.get(`${prefix}/mlflow/logged-models/:model_id/artifacts/files`, (request, reply) => settled(downloadModelArtifact, request, reply, parts));
    registerProxy(app, prefix, parts);
  }
  app.get('/get-artifact', (request, reply) => settled(downloadRunArtifact, request, reply, parts));
  app.get('/health', (_request, reply) => reply.headers(plainHeaders).send('OK'));
  app.get('/version', (_request, reply) => reply.headers(plainHeaders).send(apiVersion));
}

function registerProxy(app: FastifyInstance, prefix: string, parts: DoorParts): void {
  const files = `${prefix}/mlflow-artifacts/artifacts`;
  app.get(files, (request, reply) => {
    try {
      return reply.headers(apiHeaders).send(JSON.stringify(listProxied({ values: valuesOf(request), at: '' }, parts)));
    } catch (error) {
      return failed(error, reply, parts);
    }
  });
  app.get(`${files}/*`, (request, reply) => settled(downloadProxied, request, reply, parts));
  app.delete(`${files}/*`, (request, reply) => settled(json(deleteProxied), request, reply, parts));
  void app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser('*', (_request, stream, done) => done(null, stream));
    uploads.put(`${files}/*`, { bodyLimit: Number.MAX_SAFE_INTEGER }, (request, reply) => settled(json(uploadProxied), request, reply, parts));
  });
  for (const part of ['mpu/*', 'presigned/*']) {
    app.all(`${prefix}/mlflow-artifacts/${part}`, (request, reply) => settled(async () => notImplemented(), request, reply, parts));
  }
}

/** Path parameters win over the query or body, so that nothing can name two things. */
function valuesOf(request: FastifyRequest): Record<string, unknown> {
  const sent = (request.method === 'GET' ? request.query : request.body) as Record<string, unknown> | undefined;
  const named = request.params as Record<string, unknown>;
  for (const _ in named) return { ...sent, ...named };
  return sent ?? {};
}

function exchangeOf(request: FastifyRequest, reply: FastifyReply, path: string): Exchange {
  return {
    hash: () => createHash('sha256').update(`${path}\n${jsonText(request.body)}`).digest('hex'),
    onLost(action) {
      const { raw } = reply;
      if (raw.destroyed) action();
      else {
        raw.once('close', () => {
          if (!raw.writableFinished) action();
        });
      }
    },
  };
}

type Sender = (request: FastifyRequest, reply: FastifyReply, parts: DoorParts) => Promise<FastifyReply>;

function json(handle: (request: FastifyRequest, parts: DoorParts) => Promise<object>): Sender {
  return async (request, reply, parts) => {
    const answer = await handle(request, parts);
    return reply.headers(apiHeaders).send(JSON.stringify(answer));
  };
}

async function settled(send: Sender, request: FastifyRequest, reply: FastifyReply, parts: DoorParts): Promise<FastifyReply> {
  try {
    return await send(request, reply, parts);
  } catch (error) {
    return failed(error, reply, parts);
  }
}

function failed(error: unknown, reply: FastifyReply, parts: DoorParts): FastifyReply {
  const { status, body, mistake } = errorReply(error);
  if (mistake !== undefined) parts.log?.(mistake);
  return reply.code(status).headers(apiHeaders).send(JSON.stringify(body));
}
