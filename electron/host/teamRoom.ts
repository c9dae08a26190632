/**
 * One document while it is connected to the team's relay: a stock y-websocket provider on the very Y.Doc that this host
 * has open, counted acks, and the presence of people on both sides of it.
 */
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import type { PresenceLink } from '#relay';
import type { OpenDocument } from '#store';
import { ackedSocket, closeCode, presencesToBytes, readPresences, type Presence } from '#wire';
import type { TeamLink } from './teamLink.ts';

export interface TeamRoom {
  readonly name: string;
  /** Everything here is on the relay's disk and everything there has arrived. */
  readonly even: boolean;
  /** Changes made here that the relay has not acknowledged. */
  readonly unshared: boolean;
  /** The relay's log position up to which its state has been received; 0 before the first answer. */
  readonly received: number;
  /** Asks the relay for what is missing here; its answer moves `received`. */
  resync(): void;
  /** Connects, or stays so, while the line is there; otherwise lets go at once. */
  follow(online: boolean): void;
  /** Shows the people in `link` to the team and the team's people to `link`; undefined stops it. */
  bridge(link: PresenceLink | undefined): void;
  /** What `watchPresence` reports goes here. */
  onPresence(presences: Presence[]): void;
  readonly bridged: boolean;
  close(): void;
}

export interface TeamRoomOptions {
  document: OpenDocument;
  link: TeamLink;
  readOnly: boolean;
  onChange: () => void;
}

const refusedMs = 30_000;

export function createTeamRoom({ document, link, readOnly, onChange }: TeamRoomOptions): TeamRoom {
  let received = 0;
  /** After a refusal: not before this time, ms. */
  let restUntil = 0;
  let presence: PresenceLink | undefined;
  const acks = ackedSocket(WebSocket, {
    readOnly,
    onChange,
    onTip: (position) => {
      received = Math.max(received, position);
      onChange();
    },
  });
  const awareness = new Awareness(document.doc);
  // The host is no person; it only speaks for its windows.
  awareness.setLocalState(null);
  const provider = new WebsocketProvider(link.socketUrl, document.name, document.doc, {
    connect: false,
    awareness,
    protocols: link.protocols,
    disableBc: true,
    maxBackoffTime: 2000 + Math.random() * 2000,
    // Its own `resyncInterval` needs a global WebSocket, which Node 20 lacks; `resync` does the same.
    WebSocketPolyfill: acks.WebSocket as unknown as typeof globalThis.WebSocket,
  });
  const unwatch = acks.watch(document.doc, provider);

  const show = (presences: readonly Presence[]): void => {
    applyAwarenessUpdate(awareness, presencesToBytes(presences), show);
  };

  awareness.on('update', ({ added, updated, removed }: Record<'added' | 'updated' | 'removed', number[]>, origin: unknown) => {
    if (origin === show || !presence) return;
    const ids = [...added, ...updated, ...removed].filter((id) => awareness.meta.has(id));
    presence.say(readPresences(encodeAwarenessUpdate(awareness, ids)));
  });
  provider.on('sync', () => onChange());
  provider.on('status', ({ status }) => {
    if (status === 'connected' && presence) announce(presence);
    onChange();
  });
  provider.on('closed', ({ code }) => {
    restUntil = Date.now() + (code === closeCode.unauthorized ? 2000 : refusedMs);
    if (code === closeCode.unauthorized) link.renew();
  });

  /** A connection that broke took our windows' presence with it, so it is said anew. */
  const announce = (to: PresenceLink): void => {
    const present = to.others();
    for (const { clientId } of present) awareness.meta.delete(clientId);
    show(present);
  };

  return {
    name: document.name,
    get even() {
      return provider.synced && (readOnly || acks.even());
    },
    get unshared() {
      return !readOnly && acks.unacked() > 0;
    },
    get received() {
      return received;
    },
    get bridged() {
      return presence !== undefined;
    },
    resync: () => void acks.resync(document.doc),
    follow(online) {
      // A provider that waits to try again by itself is left alone.
      if (online && !provider.shouldConnect && Date.now() >= restUntil) provider.connect();
      else if (!online && provider.shouldConnect) provider.disconnect();
    },
    bridge(to) {
      presence?.close();
      presence = to;
      if (!to) return;
      announce(to);
      to.say(readPresences(encodeAwarenessUpdate(awareness, [...awareness.getStates().keys()])));
    },
    onPresence: show,
    close() {
      presence?.close();
      unwatch();
      provider.destroy();
      awareness.destroy();
      document.close();
    },
  };
}
