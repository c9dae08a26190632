/** How long a serving verb lives: until someone asks it to stop. */

/**
 * Resolves when the process is asked to end (Ctrl+C, SIGTERM, closed terminal). Asked a second time while it is still
 * closing, the process ends at once; what was acknowledged is on disk already.
 */
export function untilStopped(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of signals)
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve();
      });
  });
}
