import { describe, expect, it, vi } from 'vitest';
import { coalesce } from './coalesce.ts';

describe('coalesce', () => {
  it('runs at once, then gathers, then runs once more', async () => {
    let runs = 0;
    const call = coalesce(() => void (runs += 1), 20);
    call();
    expect(runs).toBe(1);
    for (let i = 0; i < 100; i++) call();
    expect(runs).toBe(1);
    await vi.waitFor(() => expect(runs).toBe(2));
  });

  it('never overlaps, and does not lose the call made meanwhile', async () => {
    const release: (() => void)[] = [];
    let under = 0;
    const call = coalesce(async () => {
      under += 1;
      expect(under).toBe(1);
      await new Promise<void>((resolve) => release.push(resolve));
      under -= 1;
    }, 1);
    call();
    call();
    call.now();
    expect(release).toHaveLength(1);
    release[0]?.();
    await vi.waitFor(() => expect(release).toHaveLength(2));
    release[1]?.();
    await vi.waitFor(() => expect(under).toBe(0));
  });

  it('does nothing after stop', async () => {
    let runs = 0;
    const call = coalesce(() => void (runs += 1), 1);
    call.stop();
    call();
    expect(runs).toBe(0);
  });
});
