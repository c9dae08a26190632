/** Whether the host answers, who it is, and where its data are: the truth behind the status line. */
import { createStore } from 'zustand/vanilla';
import type { SyncStatus, WorkspaceInfo } from '#contract';
import type { Connection, Host } from '../host/connect.ts';

export type { Connection };

export interface ConnectionState {
  connection: Connection;
  /** Undefined until the host has answered for the first time. */
  workspace: WorkspaceInfo | undefined;
  sync: SyncStatus | undefined;
}

export type ConnectionStore = ReturnType<typeof createConnection>;

/** Follows the host's connection and status. */
export function createConnection(host: Host) {
  const store = createStore<ConnectionState>()(() => ({ connection: host.connection(), workspace: undefined, sync: undefined }));
  const refresh = async (): Promise<void> => {
    try {
      const [workspace, sync] = await Promise.all([host.call('workspace.info', {}), host.call('team.status', {})]);
      store.setState({ workspace, sync });
    } catch {
      // The connection state says so already; the next opening asks again.
    }
  };
  const undo = [
    host.onConnection((connection) => {
      store.setState({ connection });
      if (connection.state === 'open') void refresh();
    }),
    host.on('status.changed', (sync) => store.setState({ sync })),
  ];
  if (host.connection().state === 'open') void refresh();
  return Object.assign(store, {
    /** Joins a team; rejects with the host's words when the invite is no good. */
    join: async (invite: string, name?: string) => store.setState({ sync: await host.call('team.join', { invite, name }) }),
    leave: async () => store.setState({ sync: await host.call('team.leave', {}) }),
    close: () => undo.forEach((stop) => stop()),
  });
}
