/**
 * For tests: the whole HTTP server over a real workspace in a temporary folder, on a free port, and short ways to
 * talk to it.
 *
 *   const door = await openDoor();
 *   const { run } = await door.ok('POST', 'runs/create', { experiment_id: '0' });
 *   await door.close();
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DaybookError, type EventName } from '#contract';
import { createRelay } from '#relay';
import { createHttpServer, type HttpParts } from './http.ts';
import type { CallHandlers } from './sockets.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; an empty object when it is no JSON. */
  json: Record<string, unknown>;
}

export interface Door {
  url: string;
  port: number;
  workspace: Workspace;
  /** What was logged as a mistake of the program. */
  mistakes: string[];
  /** Sends one request; a string body goes out as it is, anything else as JSON. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** An MLflow call that must succeed. `values` are the query of a GET and the body otherwise. */
  ok(method: string, path: string, values?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** An MLflow call that must fail: its status, code and message. */
  fails(method: string, path: string, values?: Record<string, unknown>): Promise<{ status: number; code: string; message: string }>;
  /** Announces something to every page that is connected. */
  announce(event: EventName, data: unknown): void;
  /** Stops the server and opens the same folder again. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openDoor(more: Partial<HttpParts> = {}): Promise<Door> {
  const dir = await mkdtemp(join(tmpdir(), 'daybook-door-'));
  let running = await start(dir, more);
  const door: Door = {
    get url() {
      return running.server.url;
    },
    get port() {
      return running.server.port;
    },
    get workspace() {
      return running.workspace;
    },
    get mistakes() {
      return running.mistakes;
    },
    async send(method, path, body, headers = {}) {
      const json = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array);
      const response = await fetch(`${running.server.url}${path}`, {
        method,
        body: json ? JSON.stringify(body) : (body as RequestInit['body']),
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parsed(text) };
    },
    async ok(method, path, values = {}) {
      const answer = await call(door, method, path, values);
      if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer.json;
    },
    async fails(method, path, values = {}) {
      const { status, json } = await call(door, method, path, values);
      return { status, code: String(json.error_code), message: String(json.message) };
    },
    announce: (event, data) => running.announce(event, data),
    async restart() {
      await running.stop();
      running = await start(dir, more);
    },
    async close() {
      await running.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return door;
}

function call(door: Door, method: string, path: string, values: Record<string, unknown>): Promise<Answer> {
  const address = `/api/2.0/mlflow/${path}`;
  if (method !== 'GET') return door.send(method, address, values);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  return door.send('GET', `${address}?${query}`);
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function start(dir: string, more: Partial<HttpParts>) {
  const workspace = await openWorkspace({ dir });
  const relay = createRelay({ documents: workspace.documents });
  const listeners = new Set<(event: EventName, data: never) => void>();
  const mistakes: string[] = [];
  const server = await createHttpServer({
    port: 0,
    catalog: workspace.catalog,
    tracking: workspace.tracking,
    series: workspace.series,
    artifacts: workspace.artifacts,
    relay,
    calls: noCalls,
    announcements: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    user: 'test',
    log: (message) => mistakes.push(message),
    ...more,
  });
  return {
    workspace,
    server,
    mistakes,
    announce: (event: EventName, data: unknown) => listeners.forEach((listener) => listener(event, data as never)),
    async stop() {
      await server.close();
      relay.close();
      await workspace.close();
    },
  };
}

/** A test that makes calls brings the handlers it needs. */
const noCalls = new Proxy({} as CallHandlers, {
  get: () => () => {
    throw new DaybookError('not_found', 'This test has no such call.');
  },
});
