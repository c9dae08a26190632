/**
 * The line to the team's relay: gets access tokens by signing the time, keeps one socket open on which the relay tells
 * which documents grew, and tries again with jittered back-off when it breaks. Everything else that talks to the relay
 * (documents, chunks) does so while this line is `online`.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { tokenChallenge } from '#relay';
import { closeCode, protocolName, tokenProtocol } from '#wire';
import type { Membership } from './teamFiles.ts';

export interface LinkState {
  state: 'offline' | 'connecting' | 'online' | 'refused';
  message?: string;
}

export interface TeamLink {
  /** Begins to connect; once. */
  start(): void;
  readonly current: LinkState;
  /** Subprotocols for a socket to the relay; the same array always, with the present token in it. */
  readonly protocols: string[];
  /** `ws://…/<team>` */
  readonly socketUrl: string;
  /** A request below the team's address. Rejects when the relay cannot be reached; any answer is an answer. */
  request(path: string, init?: RequestInit & { duplex?: 'half' }): Promise<Response>;
  /** A socket was told that its token is no good: get another one at once. */
  renew(): void;
  close(): void;
}

export interface TeamLinkOptions {
  membership: Membership;
  fetch: typeof globalThis.fetch;
  onState: () => void;
  /** Rooms that grew on the relay: all of them first after each connection (`first`). */
  onTips: (tips: { relay: string; rooms: Record<string, number>; first: boolean }) => void;
}

const tipsSchema = z.object({ relay: z.string().max(64), rooms: z.record(z.string(), z.number()) });
const tokenSchema = z.object({ token: z.string(), expiresAt: z.number() });
/** Renewed well before the relay's 15 minutes are over. */
const renewMs = 8 * 60_000;
/** The relay pings every 10 s. */
const silenceMs = 30_000;
const refusedMs = 60_000;

export function createTeamLink({ membership, fetch, onState, onTips }: TeamLinkOptions): TeamLink {
  const httpUrl = httpUrlOf(membership.relay);
  const protocols = [protocolName];
  const key = createPrivateKey(membership.privateKey);
  let current: LinkState = { state: 'connecting' };
  let token = '';
  let socket: WebSocket | undefined;
  let attempts = 0;
  let retry: NodeJS.Timeout | undefined;
  let renewal: NodeJS.Timeout | undefined;
  let closed = false;

  const become = (next: LinkState): void => {
    current = next;
    onState();
  };

  const getToken = async (): Promise<void> => {
    const time = Date.now();
    const signature = sign(null, tokenChallenge(membership.member, time), key).toString('base64url');
    const response = await fetch(`${httpUrl}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ member: membership.member, time, signature }),
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status === 403) throw new RefusedError(await messageOf(response));
    if (!response.ok) throw new Error(`The relay answered ${response.status}.`);
    token = tokenSchema.parse(await response.json()).token;
    protocols.splice(0, protocols.length, protocolName, tokenProtocol(token));
    clearTimeout(renewal);
    renewal = setTimeout(() => void getToken().catch(() => undefined), renewMs).unref();
  };

  const later = (state: LinkState, ms?: number): void => {
    if (closed) return;
    socket = undefined;
    become(state);
    attempts += 1;
    const full = Math.min(5000, 250 * 2 ** Math.min(attempts, 10));
    clearTimeout(retry);
    retry = setTimeout(() => void connect(), ms ?? full / 2 + (full / 2) * Math.random()).unref();
  };

  const connect = async (): Promise<void> => {
    if (closed) return;
    if (current.state !== 'refused') become({ state: 'connecting', message: current.message });
    try {
      await getToken();
    } catch (error) {
      if (error instanceof RefusedError) later({ state: 'refused', message: error.message }, refusedMs);
      else later({ state: 'offline', message: 'The relay cannot be reached. Work goes on; it is shared when the relay is back.' });
      return;
    }
    if (!closed) listen();
  };

  const listen = (): void => {
    const ws = new WebSocket(`${membership.relay}/${membership.team}/tips`, [...protocols], { handshakeTimeout: 10_000 });
    socket = ws;
    let first = true;
    let silence = setTimeout(() => ws.terminate(), silenceMs).unref();
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => ws.terminate(), silenceMs).unref();
    };
    ws.on('ping', heard);
    ws.on('message', (data: Buffer) => {
      heard();
      const tips = tipsSchema.safeParse(parseJson(data.toString()));
      if (!tips.success) return ws.terminate();
      onTips({ ...tips.data, first });
      if (!first) return;
      first = false;
      attempts = 0;
      become({ state: 'online' });
    });
    ws.on('error', () => undefined);
    ws.on('close', (code) => {
      clearTimeout(silence);
      const refused = code === closeCode.forbidden;
      if (refused) later({ state: 'refused', message: 'The relay refuses this device.' }, refusedMs);
      else later({ state: 'offline', message: 'The connection to the relay was lost. It is tried again by itself.' });
    });
  };

  return {
    start: () => void connect(),
    get current() {
      return current;
    },
    protocols,
    socketUrl: `${membership.relay}/${membership.team}`,
    request: (path, init = {}) =>
      fetch(`${httpUrl}/${membership.team}/${path}`, {
        ...init,
        headers: { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${token}` },
      }),
    renew: () => void getToken().catch(() => undefined),
    close() {
      closed = true;
      clearTimeout(retry);
      clearTimeout(renewal);
      socket?.close();
      socket?.terminate();
    },
  };
}

class RefusedError extends Error {}

/** `ws://host` → `http://host` */
export function httpUrlOf(relay: string): string {
  return relay.replace(/^ws/, 'http').replace(/\/+$/, '');
}

/** The text of a relay's refusal. */
export async function messageOf(response: Response): Promise<string> {
  const body = parseJson(await response.text().catch(() => ''));
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' ? message : `The relay answered ${response.status}.`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
