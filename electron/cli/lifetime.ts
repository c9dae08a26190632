/** How long a serving verb lives: until someone asks it to stop. */

/**
 * Runs `serve` with a promise that resolves when the process is asked to end: Ctrl+C, SIGTERM, a closed terminal. It
 * listens from the first moment, so that an early Ctrl+C closes in order too. Asked a second time while it is still
 * closing, the process ends at once: what was acknowledged is on disk already.
 */
export async function untilStopped(serve: (stopped: Promise<void>) => Promise<void>): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let isAsked = false;
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const ask = (): void => {
    if (isAsked) process.exit(130);
    isAsked = true;
    stop();
  };
  for (const signal of signals) process.on(signal, ask);
  try {
    await serve(stopped);
  } finally {
    for (const signal of signals) process.off(signal, ask);
  }
}
