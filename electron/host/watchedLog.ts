/**
 * The host's log with two things kept in view: whether the disk takes what is written (for the "on this disk" display),
 * and how much was written since the last checkpoint.
 */
import type { AppendLog } from '#store';

export interface WatchedLog extends AppendLog {
  /** Why the last attempt to store something failed; undefined when it went well. */
  readonly failure: string | undefined;
  /** Since when the oldest write waits for the disk, ms of `performance.now()`; undefined when none does. */
  readonly waitingSince: number | undefined;
  /** Bytes read and appended since the last call of `restart`. */
  readonly bytes: number;
  restart(): void;
  /** Told when `failure` comes or goes. Returns its undo. */
  onStoring(listener: () => void): () => void;
  /** Notes how storing went elsewhere. */
  note(failure: string | undefined): void;
}

export function createWatchedLog(log: AppendLog): WatchedLog {
  const listeners = new Set<() => void>();
  let failure: string | undefined;
  let bytes = 0;
  let waiting = 0;
  let waitingSince: number | undefined;

  function note(now: string | undefined): void {
    if (now === failure) return;
    failure = now;
    for (const listener of listeners) listener();
  }

  return {
    get lastSeq() {
      return log.lastSeq;
    },
    get failure() {
      return failure;
    },
    get waitingSince() {
      return waitingSince;
    },
    get bytes() {
      return bytes;
    },
    restart() {
      bytes = 0;
    },
    append(type, payload) {
      bytes += payload.byteLength;
      return log.append(type, payload);
    },
    async durable(seq, from) {
      waiting += 1;
      waitingSince ??= performance.now();
      try {
        await log.durable(seq, from);
        note(undefined);
      } catch (error) {
        note((error as Error).message);
        throw error;
      } finally {
        waiting -= 1;
        // Group commits complete in order: whoever still waits has waited since the last one at most.
        waitingSince = waiting === 0 ? undefined : performance.now();
      }
    },
    async *read(from) {
      for await (const record of log.read(from)) {
        bytes += record.payload.byteLength;
        yield record;
      }
    },
    retire: (seq) => log.retire(seq),
    close: () => log.close(),
    onStoring(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    note,
  };
}
