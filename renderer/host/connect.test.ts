import { describe, expect, it } from 'vitest';
import { backoff, hostUrl } from './connect.ts';

describe('reconnecting', () => {
  it('waits longer each time, up to five seconds, never in step with others', () => {
    expect([0, 1, 2, 3].map((attempts) => backoff(attempts, () => 1))).toEqual([250, 500, 1000, 2000]);
    expect(backoff(50, () => 1)).toBe(5000);
    expect(backoff(50, () => 0)).toBe(2500);
  });

  it('goes to where the page came from', () => {
    expect(hostUrl('/call', { protocol: 'http:', host: '127.0.0.1:5001' })).toBe('ws://127.0.0.1:5001/call');
    expect(hostUrl('/sync', { protocol: 'https:', host: 'lab.example' })).toBe('wss://lab.example/sync');
  });
});
