/**
 * The one socket between the page and its host: typed calls and announcements (`#wire` calls.ts speaks the protocol).
 * It opens at once, opens again by itself with jittered back-off, and always knows its own state, so that screens can say
 * what is true. What was on the screen stays there while the socket is away; a call made meanwhile is refused as `unavailable`.
 *
 *   const host = connectHost({ url: hostUrl('/call') });
 *   const { rows } = await host.call('runs.query', { experimentIds: ['0'] });
 *   const undo = host.on('runs.changed', ({ runIds }) => …);
 */
import { DaybookError, type CallArgs, type CallName, type CallResults, type ErrorCode, type EventName, type Events } from '#contract';
import { createCaller } from '#wire';

export interface Connection {
  /** `connecting` only before the first success; after that a socket is `open` or `lost`. */
  state: 'connecting' | 'open' | 'lost';
  /** Since when, ms. */
  since: number;
  /** Failed tries since the last success. */
  attempts: number;
}

export interface Host {
  /** Rejects with a DaybookError: the host's own, or `unavailable` when the socket is or goes away. */
  call<N extends CallName>(name: N, args: CallArgs<N>): Promise<CallResults[N]>;
  on<E extends EventName>(event: E, listener: (data: Events[E]) => void): () => void;
  connection(): Connection;
  onConnection(listener: (connection: Connection) => void): () => void;
  /** Tries again now instead of waiting for the back-off. */
  retry(): void;
  close(): void;
}

/** Address of a host path as a WebSocket URL on the page's own origin. */
export function hostUrl(path: string, location: Pick<Location, 'protocol' | 'host'> = window.location): string {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${path}`;
}

/** Milliseconds before try number `attempts`: 0.25 s doubling to 5 s, each half of it random. */
export function backoff(attempts: number, random: () => number = Math.random): number {
  const full = Math.min(5000, 250 * 2 ** Math.min(attempts, 10));
  return full / 2 + (full / 2) * random();
}

const lostMessage = 'The Daybook host does not answer. It may have been closed; start it again and this page carries on.';

/** Opens the socket at `url` (see `hostUrl`). */
export function connectHost({ url }: { url: string }): Host {
  const listeners = new Map<string, Set<(data: never) => void>>();
  const watchers = new Set<(connection: Connection) => void>();
  let connection: Connection = { state: 'connecting', since: Date.now(), attempts: 0 };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  let socket: WebSocket | undefined;
  let caller: ReturnType<typeof createCaller> | undefined;
  let opened = deferred();

  const become = (next: Connection): void => {
    connection = next;
    for (const watcher of watchers) watcher(connection);
  };

  const open = (): void => {
    clearTimeout(timer);
    const current = new WebSocket(url);
    current.binaryType = 'arraybuffer';
    socket = current;
    const own = createCaller(
      (bytes) => current.send(bytes as Uint8Array<ArrayBuffer>),
      (event, data) => {
        for (const listener of listeners.get(event) ?? []) listener(data as never);
      },
      ({ code, message, field, at }) => new DaybookError(code as ErrorCode, message, field, at),
    );
    current.onopen = () => {
      caller = own;
      become({ state: 'open', since: Date.now(), attempts: 0 });
      opened.resolve();
    };
    current.onmessage = ({ data }) => {
      try {
        if (data instanceof ArrayBuffer) own.receive(new Uint8Array(data));
      } catch {
        // Something else answers at this address, or a newer host does: start over.
        current.close();
      }
    };
    current.onclose = () => {
      own.close();
      if (socket !== current || closed) return;
      caller = undefined;
      const attempts = connection.attempts + 1;
      const first = connection.state === 'connecting' && attempts < 4;
      become({ state: first ? 'connecting' : 'lost', since: connection.state === 'lost' ? connection.since : Date.now(), attempts });
      if (!first) {
        opened.resolve();
        opened = deferred();
      }
      timer = setTimeout(open, backoff(attempts));
    };
  };
  open();

  return {
    async call(name, args) {
      if (connection.state === 'connecting') await opened.promise;
      if (!caller) throw new DaybookError('unavailable', lostMessage);
      return (await caller.call(name, args)) as CallResults[typeof name];
    },
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set.add(listener as (data: never) => void));
      return () => set.delete(listener as (data: never) => void);
    },
    connection: () => connection,
    onConnection(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    retry() {
      if (connection.state !== 'open' && !closed) open();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
