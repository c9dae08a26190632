/** Many announcements, few re-reads: at most one at a time and one every `interval` ms, and always one after the last call. */
export interface Coalesced {
  (): void;
  /** Does not wait for the interval: somebody looks at an empty place. */
  now(): void;
  /** Forgets a waiting call; one that is under way ends by itself. */
  stop(): void;
}

/** Wraps `work` so that it can be called as often as events arrive. The first call runs at once. */
export function coalesce(work: () => Promise<void> | void, interval: number): Coalesced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  let wanted = false;
  let lastStart = -Infinity;
  let stopped = false;

  const start = async (): Promise<void> => {
    timer = undefined;
    busy = true;
    wanted = false;
    lastStart = Date.now();
    try {
      await work();
    } finally {
      busy = false;
      if (wanted && !stopped) schedule();
    }
  };
  const schedule = (): void => {
    if (timer !== undefined) return;
    const wait = Math.max(0, lastStart + interval - Date.now());
    if (wait === 0) void start();
    else timer = setTimeout(() => void start(), wait);
  };
  const call = (): void => {
    if (stopped) return;
    if (busy) wanted = true;
    else schedule();
  };
  return Object.assign(call, {
    now() {
      lastStart = -Infinity;
      clearTimeout(timer);
      timer = undefined;
      call();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  });
}
