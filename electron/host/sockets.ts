/**
 * WebSockets of the page: `/call` for calls and events, `/sync/<document>` for co-edited documents. Whoever gets here
 * has passed the loopback filter.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { calls, DaybookError, hostPaths, type CallName, type CallResults, type EventName, type Events, type ParsedArgs } from '#contract';
import { isDocumentName } from '#model';
import { closeCode, createResponder, protocolName } from '#wire';
import { percentDecode } from './artifactPath.ts';

/** One function per call of the contract; arguments are parsed already. */
export type CallHandlers = { [N in CallName]: (args: ParsedArgs<N>) => CallResults[N] | Promise<CallResults[N]> };

/** Announcements to every open page. Returns its undo. */
export type Announcements = (listener: <N extends EventName>(event: N, data: Events[N]) => void) => () => void;

/** The part of a relay (`#relay`) that pages' documents are connected to. */
export interface DocumentRelay {
  accept(socket: WebSocket, visitor: { room: string; role: 'editor'; user: string; acks: boolean }): void;
}

export interface SocketParts {
  calls: CallHandlers;
  announcements: Announcements;
  relay: DocumentRelay;
  /** Who edits, for the relay's records. */
  user: string;
}

export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/** Bytes: a call's arguments are small; a document's first exchange may be large. */
const maxCallBytes = 4 * 1024 * 1024;
const maxSyncBytes = 64 * 1024 * 1024;
/** Bytes that wait for a page that does not read; beyond them it is cut off and connects anew. */
const maxWaiting = 64 * 1024 * 1024;

export function createSockets(parts: SocketParts): Sockets {
  const callServer = new WebSocketServer({ noServer: true, maxPayload: maxCallBytes, perMessageDeflate: false });
  const syncServer = new WebSocketServer({
    noServer: true,
    maxPayload: maxSyncBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(protocolName) ? protocolName : false),
  });

  callServer.on('connection', (socket) => serveCalls(socket, parts));

  return {
    upgrade(request, socket, head) {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      if (path === hostPaths.calls) {
        callServer.handleUpgrade(request, socket, head, (opened) => callServer.emit('connection', opened, request));
        return;
      }
      const room = path.startsWith(`${hostPaths.sync}/`) ? percentDecode(path.slice(hostPaths.sync.length + 1)) : '';
      if (!isDocumentName(room)) {
        refuseUpgrade(socket, 404, 'Not Found');
        return;
      }
      syncServer.handleUpgrade(request, socket, head, (opened) => {
        parts.relay.accept(opened, { room, role: 'editor', user: parts.user, acks: opened.protocol === protocolName });
      });
    },
    close() {
      for (const server of [callServer, syncServer]) {
        for (const client of server.clients) client.close(1001, 'The host is closing.');
        server.close();
      }
    },
  };
}

/** Answers an upgrade that is not granted and hangs up. */
export function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function serveCalls(socket: WebSocket, parts: SocketParts): void {
  const send = (bytes: Uint8Array) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > maxWaiting) socket.close(closeCode.tooSlow, 'The page reads too slowly.');
    else socket.send(bytes);
  };
  const responder = createResponder(send, (name, args) => answer(parts.calls, name, args));
  const unsubscribe = parts.announcements((event, data) => responder.event(event, data));
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: Buffer, isBinary) => {
    try {
      if (!isBinary) throw new DaybookError('invalid_argument', 'Calls are binary messages.');
      responder.receive(data);
    } catch (error) {
      socket.close(closeCode.badFrame, error instanceof Error ? error.message.slice(0, 100) : 'The message cannot be read.');
    }
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    unsubscribe();
    responder.close();
  });
}

/** Parses a call's arguments with the contract's schema and hands them to its handler. */
export async function answer(handlers: CallHandlers, name: string, args: unknown): Promise<unknown> {
  if (!Object.hasOwn(calls, name)) throw new DaybookError('not_found', `There is no call "${name}".`);
  const known = name as CallName;
  const parsed = calls[known].safeParse(args);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    throw new DaybookError('invalid_argument', `${known}: ${field === '' ? 'the arguments' : `"${field}"`} cannot be used: ${issue?.message ?? ''}`, field);
  }
  return (handlers[known] as (args: unknown) => unknown)(parsed.data);
}
