/** The x that the pointer stands at on one chart, for the others on the page to show too. No store of the app: it changes with every mouse move. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { XAxis } from './chartSpec.ts';

export interface CrosshairAt {
  /** Data value, and over which axis it is one. */
  x: number;
  axis: XAxis;
}

export interface Crosshair {
  at(): CrosshairAt | undefined;
  move(at: CrosshairAt | undefined): void;
  subscribe(listener: () => void): () => void;
}

export function createCrosshair(): Crosshair {
  const listeners = new Set<() => void>();
  let at: CrosshairAt | undefined;
  return {
    at: () => at,
    move(next) {
      if (next === at) return;
      at = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const CrosshairContext = createContext<Crosshair | undefined>(undefined);

const none = () => undefined;
const never = () => none;

/** The shared x, when it is one of this axis. */
export function useCrosshair(axis: XAxis): CrosshairAt | undefined {
  const crosshair = useContext(CrosshairContext);
  const at = useSyncExternalStore(crosshair?.subscribe ?? never, crosshair?.at ?? none);
  return at?.axis === axis ? at : undefined;
}
