/** How long a serving verb lives: until someone asks it to stop. */

/** A signal this soon after the first is the same one. */
const echoMs = 1000;

/**
 * Runs `serve` with a promise that resolves when the process is asked to end: Ctrl+C, SIGTERM, a closed terminal. It
 * listens from the first moment, so that an early Ctrl+C closes in order too. Asked a second time while it is still
 * closing, the process ends at once: what was acknowledged is on disk already.
 */
export async function untilStopped(serve: (stopped: Promise<void>) => Promise<void>): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let askedAt: number | undefined;
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const ask = (): void => {
    // In a terminal, npm passes on a Ctrl+C that this process got already.
    if (askedAt !== undefined && performance.now() - askedAt > echoMs) process.exit(130);
    askedAt ??= performance.now();
    stop();
  };
  for (const signal of signals) process.on(signal, ask);
  try {
    await serve(stopped);
  } finally {
    for (const signal of signals) process.off(signal, ask);
  }
}
