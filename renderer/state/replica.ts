/**
 * Shared documents that people write in (notes): a Y.Doc here, kept equal to the host's over `/sync/<name>` with y-websocket.
 * Opening is counted, so two views of a note share one document; it closes a moment after the last one let go.
 * `unsaved` counts updates that this window made and the host has not yet put on its disk, from the host's own acks.
 */
import { WebsocketProvider } from 'y-websocket';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { ackedSocket, protocolName } from '#wire';
import type { PresenceStore } from './presence.ts';

export interface Replica {
  name: string;
  doc: Y.Doc;
  /** Who else is here: each state's `user` is a Person. */
  awareness: Awareness;
  state(): ReplicaState;
  onState(listener: () => void): () => void;
}

export interface ReplicaState {
  connected: boolean;
  /** Whether the host's copy has arrived since the document was opened; until then it may look empty. */
  loaded: boolean;
  /** Updates made here that are not yet on the host's disk. */
  unsaved: number;
}

export type Replicas = ReturnType<typeof createReplicas>;

interface Open {
  holders: number;
  replica: Replica;
  state: ReplicaState;
  timer?: ReturnType<typeof setTimeout>;
  close(): void;
}

/** How long a document without holders stays open, so that switching tabs does not reload it. */
const graceMs = 5000;

/** `url` is the WebSocket address of the host's `/sync`. */
export function createReplicas({ url, presence }: { url: string; presence: PresenceStore }) {
  const open = new Map<string, Open>();

  const start = (name: string): Open => {
    const doc = new Y.Doc();
    const listeners = new Set<() => void>();
    const acks = ackedSocket(WebSocket, { onChange: () => update({}) });
    const provider = new WebsocketProvider(url, name, doc, {
      WebSocketPolyfill: acks.WebSocket,
      protocols: [protocolName],
      disableBc: true,
      maxBackoffTime: 5000,
    });
    const update = (part: Partial<ReplicaState>): void => {
      const next = { ...entry.state, ...part, unsaved: acks.unacked() };
      if (JSON.stringify(next) === JSON.stringify(entry.state)) return;
      entry.state = next;
      for (const listener of listeners) listener();
    };
    const greet = (): void => provider.awareness.setLocalStateField('user', presence.getState().me);
    const undo = [presence.subscribe(greet), acks.watch(doc, provider)];
    const entry: Open = {
      holders: 0,
      state: { connected: false, loaded: false, unsaved: 0 },
      replica: {
        name,
        doc,
        awareness: provider.awareness,
        state: () => entry.state,
        onState(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      close() {
        for (const stop of undo) stop();
        provider.destroy();
        doc.destroy();
        open.delete(name);
      },
    };
    greet();
    provider.on('status', ({ status }) => update({ connected: status === 'connected' }));
    provider.on('sync', (synced) => synced && update({ loaded: true }));
    doc.on('update', () => update({}));
    open.set(name, entry);
    return entry;
  };

  return {
    /** A document that someone holds, or held a moment ago. */
    get: (name: string): Replica | undefined => open.get(name)?.replica,
    /** Opens a document or joins its holders; returns the undo. */
    hold(name: string): () => void {
      const entry = open.get(name) ?? start(name);
      entry.holders += 1;
      clearTimeout(entry.timer);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        entry.holders -= 1;
        // Unsaved words outlive their editor: the document stays open until the host has them.
        const leave = (): void => {
          if (entry.holders > 0) return;
          if (entry.state.unsaved > 0) entry.timer = setTimeout(leave, graceMs);
          else entry.close();
        };
        if (entry.holders === 0) entry.timer = setTimeout(leave, graceMs);
      };
    },
    /** Updates of this window that no disk has yet, over all documents. */
    unsaved: (): number => [...open.values()].reduce((sum, entry) => sum + entry.state.unsaved, 0),
    close(): void {
      for (const entry of [...open.values()]) {
        clearTimeout(entry.timer);
        entry.close();
      }
    },
  };
}
