/**
 * A WebSocket that counts: how many update-bearing frames a y-websocket provider sent, and how many of them the other
 * side has on its disk. So that "saved" and "shared" are said from acks, never from "sent".
 *
 *   const acks = ackedSocket(WebSocket, { onChange: () => show(acks.unacked()) });
 *   const provider = new WebsocketProvider(url, name, doc, { WebSocketPolyfill: acks.WebSocket, protocols: [protocolName] });
 *   const undo = acks.watch(doc, provider);       // also counts what is written while there is no connection
 *
 * One per provider. What a lost connection left un-acked stays counted until the next connection's answer to the
 * relay's state vector, which holds all of it, is acked. A server without acks leaves the count standing.
 */
import type * as Y from 'yjs';
import { closeCode, protocolName, readFrame, stateVectorFrame, type Frame } from './frames.ts';

/** Anything with the constructor of a WebSocket: the browser's, or `ws`. */
export type SocketClass = new (url: string, protocols?: string | string[]) => object;

export interface AckedSocket<C extends SocketClass> {
  /** To be used in place of the class that was given. */
  WebSocket: C;
  /** Updates written here that the other side has not acknowledged. 0 means: all of it is on its disk. */
  unacked(): number;
  /** Whether the connection is open and the other side has acknowledged its part of the first exchange. */
  even(): boolean;
  /** Counts updates made to `doc` (by anyone but `provider`) while no connection is open. Returns its undo. */
  watch(doc: Y.Doc, provider: unknown): () => void;
  /** Asks the other side for what it has and we lack; heals lost frames. False when not connected. */
  resync(doc: Y.Doc): boolean;
}

export interface AckedSocketOptions {
  onChange?: () => void;
  /** For viewers: sends no updates, which the other side would refuse. */
  readOnly?: boolean;
  /** The state asked for last holds everything up to this position of the other side's log. */
  onTip?: (position: number) => void;
}

interface Socket {
  binaryType: string;
  readonly readyState: number;
  readonly protocol: string;
  onopen: ((event: unknown) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: unknown) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(data: Uint8Array): void;
  close(code?: number, reason?: string): void;
}

interface Connection {
  socket: Socket;
  sent: number;
  acked: number;
  /** How many frames were sent up to the first answer to the other side's state vector. */
  answer?: number;
}

const open = 1;

/** Wraps a WebSocket class; see the file's header. */
export function ackedSocket<C extends SocketClass>(Base: C, { onChange, onTip, readOnly = false }: AckedSocketOptions = {}): AckedSocket<C> {
  let current: Connection | undefined;
  let earlier = 0;

  const leave = (connection: Connection): void => {
    if (current !== connection) return;
    current = undefined;
    earlier += connection.sent - connection.acked;
    onChange?.();
  };

  /** Takes frames that are for us; true when y-websocket need not see it. */
  const take = (connection: Connection, data: unknown): boolean => {
    if (!(data instanceof ArrayBuffer) || (new Uint8Array(data)[0] ?? 0) < 100) return false;
    const frame = tryRead(new Uint8Array(data));
    if (frame?.kind === 'ack' && frame.value <= connection.sent && frame.value >= connection.acked) {
      connection.acked = frame.value;
      if (connection.answer !== undefined && connection.acked >= connection.answer) earlier = 0;
      if (connection === current) onChange?.();
    } else if (frame?.kind === 'tip') {
      if (connection === current) onTip?.(frame.value);
    } else {
      connection.socket.close(closeCode.badFrame, 'unreadable frame');
    }
    return true;
  };

  const count = (connection: Connection, isAnswer: boolean): void => {
    connection.sent += 1;
    if (isAnswer) connection.answer ??= connection.sent;
    onChange?.();
  };

  function CountingSocket(url: string, protocols?: string | string[]): Socket {
    const inner = new Base(url, protocols) as Socket;
    const connection: Connection = { socket: inner, sent: 0, acked: 0 };
    inner.binaryType = 'arraybuffer';
    const outer = {
      OPEN: open,
      binaryType: 'arraybuffer',
      get readyState() {
        return inner.readyState;
      },
      get protocol() {
        return inner.protocol;
      },
      onopen: null as Socket['onopen'],
      onmessage: null as Socket['onmessage'],
      onclose: null as Socket['onclose'],
      onerror: null as Socket['onerror'],
      send(data: Uint8Array) {
        const bearsUpdate = data[0] === 0 && (data[1] === 1 || data[1] === 2);
        if (bearsUpdate && readOnly) return;
        inner.send(data);
        if (bearsUpdate) count(connection, data[1] === 1);
      },
      close(code?: number, reason?: string) {
        leave(connection);
        inner.close(code, reason);
      },
    };
    inner.onopen = (event) => {
      current = connection;
      outer.onopen?.(event);
    };
    inner.onmessage = (event) => {
      if (!take(connection, event.data)) outer.onmessage?.(event);
    };
    inner.onclose = (event) => {
      leave(connection);
      outer.onclose?.(event);
    };
    inner.onerror = (event) => outer.onerror?.(event);
    return outer;
  }

  return {
    // A plain function that returns an object may stand behind `new`, which is all that y-websocket does with it.
    WebSocket: CountingSocket as unknown as C,
    unacked: () => earlier + (current ? current.sent - current.acked : 0),
    even: () =>
      current !== undefined && earlier === 0 && current.answer !== undefined && current.acked === current.sent,
    watch(doc, provider) {
      const onUpdate = (_: Uint8Array, origin: unknown): void => {
        if (current || origin === provider) return;
        earlier += 1;
        onChange?.();
      };
      doc.on('update', onUpdate);
      return () => doc.off('update', onUpdate);
    },
    resync(doc) {
      if (current?.socket.readyState !== open || current.socket.protocol !== protocolName) return false;
      current.socket.send(stateVectorFrame(doc));
      return true;
    },
  };
}

function tryRead(bytes: Uint8Array): Frame | undefined {
  try {
    return readFrame(bytes);
  } catch {
    return undefined;
  }
}
