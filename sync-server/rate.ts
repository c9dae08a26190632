/** A token bucket: how much of something may still happen now. */
export interface Bucket {
  /** Takes `amount`; returns how many ms to wait before the next take, 0 when there was enough. */
  take(amount: number): number;
}

/** Fills with `perSecond` tokens a second up to `burst`. Takes may overdraw once; the debt is what one waits for. */
export function createBucket(perSecond: number, burst: number, now: () => number = () => performance.now()): Bucket {
  let tokens = burst;
  let at = now();
  return {
    take(amount) {
      const time = now();
      tokens = Math.min(burst, tokens + ((time - at) / 1000) * perSecond) - amount;
      at = time;
      return tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1000);
    },
  };
}
