/**
 * The page's state as React sees it. `createApp` builds every store once, `AppProvider` hands them down, and each hook below
 * subscribes to the part that it selects:
 *
 *   const app = useApp();                              // stores and their verbs
 *   const hovered = useSelection((s) => s.hovered);    // re-renders when it changes
 */
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Desktop, MenuCommand } from '#contract';
import type { Run } from '#model';
import type { Host } from '../host/connect.ts';
import { createCommands } from './commands.ts';
import { createConnection, type ConnectionState } from './connection.ts';
import { createExperiments, type ExperimentsState } from './experiments.ts';
import { createNotices, type Notices } from './notices.ts';
import { createPresence, type Person } from './presence.ts';
import { createReplicas, type Replica, type ReplicaState } from './replica.ts';
import { createRuns, type RunsState } from './runs.ts';
import { createSelection, visibleOf, type Selection } from './selection.ts';
import { treeLines } from './tree.ts';
import { createUi, type Ui } from './ui.ts';
import { createView, type View, type ViewActions } from './view.ts';

export type App = ReturnType<typeof createApp>;

/** All state of one window. `storage` and the queries are the browser's. */
export function createApp({ host, desktop, syncUrl, storage, darkQuery, narrowQuery }: AppParts) {
  const presence = createPresence(storage);
  const connection = createConnection(host);
  const parts = {
    host,
    desktop,
    commands: createCommands(desktop),
    connection,
    presence,
    experiments: createExperiments(host),
    runs: createRuns(host),
    selection: createSelection(storage),
    view: createView(storage),
    ui: createUi(storage, darkQuery, narrowQuery),
    notices: createNotices(),
    replicas: createReplicas({ url: syncUrl, presence }),
  };
  const undo = connection.subscribe(({ workspace }) => workspace && presence.suggest(workspace.user));
  return {
    ...parts,
    close() {
      undo();
      for (const part of [parts.commands, parts.experiments, parts.runs, parts.view, parts.ui, parts.replicas, connection, host]) part.close();
    },
  };
}

export interface AppParts {
  host: Host;
  desktop: Desktop;
  /** WebSocket address of the host's `/sync`. */
  syncUrl: string;
  storage?: Storage;
  darkQuery?: MediaQueryList;
  narrowQuery?: MediaQueryList;
}

const AppContext = createContext<App | undefined>(undefined);

/** Makes the state available below. */
export function AppProvider({ app, children }: { app: App; children: ReactNode }) {
  return <AppContext value={app}>{children}</AppContext>;
}

/** Every store of this window. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('useApp outside of AppProvider');
  return app;
}

export const useConnection = <T,>(select: (state: ConnectionState) => T): T => useStore(useApp().connection, select);
export const useExperiments = <T,>(select: (state: ExperimentsState) => T): T => useStore(useApp().experiments, select);
export const useRuns = <T,>(select: (state: RunsState) => T): T => useStore(useApp().runs, select);
export const useSelection = <T,>(select: (state: Selection) => T): T => useStore(useApp().selection, select);
export const useView = <T,>(select: (state: View & ViewActions) => T): T => useStore(useApp().view, select);
export const useUi = <T,>(select: (state: Ui) => T): T => useStore(useApp().ui, select);
export const useNotices = <T,>(select: (state: Notices) => T): T => useStore(useApp().notices, select);
export const useMe = (): Person => useStore(useApp().presence, (state) => state.me);

/** The runs that charts draw: those of the table whose eye is open, in table order. A new array only when they changed. */
export function useVisibleRuns(limit = 1000): readonly Run[] {
  const rows = useRuns((state) => state.rows);
  const complete = useRuns((state) => state.complete);
  const rule = useSelection(useShallow(({ eyeRule, eyes }) => ({ eyeRule, eyes })));
  const ordered = useMemo(() => (complete ? treeLines(rows as readonly Run[], new Set()).map(({ run }) => run) : [...loaded(rows)]), [rows, complete]);
  return useMemo(() => visibleOf(ordered, rule, limit), [ordered, rule, limit]);
}

function* loaded(rows: readonly (Run | undefined)[]): IterableIterator<Run> {
  for (const row of rows) if (row) yield row;
}

/** Listens to a menu command as long as the component is there. */
export function useCommand(command: MenuCommand, listener: () => void): void {
  const { commands } = useApp();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => commands.on(command, () => latest.current()), [commands, command]);
}

/** A shared document, open as long as the component is; undefined on the first render. See replica.ts. */
export function useReplica(name: string): Replica | undefined {
  const { replicas } = useApp();
  const hold = useCallback(
    (changed: () => void) => {
      const letGo = replicas.hold(name);
      changed();
      return letGo;
    },
    [replicas, name],
  );
  return useSyncExternalStore(hold, () => replicas.get(name));
}

/** What is true of a replica now: connected, synced, saved on the host's disk. */
export function useReplicaState(replica: Replica | undefined): ReplicaState | undefined {
  return useSyncExternalStore(
    (changed) => replica?.onState(changed) ?? (() => undefined),
    () => replica?.state(),
  );
}
