/**
 * One run and all that belongs to it, kept fresh while it is on screen: read again when the host says that it changed or
 * grew, at most twice a second. What was read stays on screen while the host is away.
 */
import { DaybookError, type ErrorCode, type RunDetails } from '#contract';
import type { Host } from '../host/connect.ts';
import { coalesce } from '../state/coalesce.ts';
import { messageOf } from '../state/errors.ts';

export interface RunFeedState {
  /** Undefined until the first answer. */
  details: RunDetails | undefined;
  error: { code: ErrorCode; message: string } | undefined;
}

export interface RunFeed {
  state(): RunFeedState;
  /** Follows the host while at least one listener is there. */
  subscribe(listener: () => void): () => void;
  /** Reads again now, after a change of one's own. */
  refresh(): void;
}

const interval = 500;

export function createRunFeed(host: Pick<Host, 'call' | 'on' | 'onConnection'>, runId: string): RunFeed {
  const listeners = new Set<() => void>();
  let state: RunFeedState = { details: undefined, error: undefined };
  let undo: (() => void)[] = [];

  const become = (next: RunFeedState): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  const read = async (): Promise<void> => {
    try {
      become({ details: await host.call('runs.get', { runId }), error: undefined });
    } catch (error) {
      const code = error instanceof DaybookError ? error.code : 'internal';
      become({ ...state, error: { code, message: messageOf(error) } });
    }
  };
  let refresh: () => void = () => undefined;

  return {
    state: () => state,
    refresh: () => refresh(),
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1) {
        const reading = coalesce(read, interval);
        refresh = reading;
        undo = [
          host.on('runs.changed', ({ runIds }) => runIds.includes(runId) && reading()),
          host.on('series.grew', (event) => event.runId === runId && reading()),
          host.onConnection((connection) => connection.state === 'open' && reading()),
          () => reading.stop(),
        ];
        reading();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        undo.forEach((stop) => stop());
        undo = [];
      };
    },
  };
}
