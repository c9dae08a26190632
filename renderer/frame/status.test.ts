import { describe, expect, it } from 'vitest';
import type { SyncStatus } from '#contract';
import { diskClaim, relayClaim } from './status.ts';

const open = { state: 'open', since: 0, attempts: 0 } as const;
const relay = (part: Partial<SyncStatus['relay']>): SyncStatus['relay'] => ({ state: 'online', unshared: 0, missing: 0, ...part });
const now = new Date(2026, 0, 31, 15, 0).getTime();

describe('the status line', () => {
  it('claims the disk only when the disk has confirmed', () => {
    expect(diskClaim(open, { state: 'saved' }).text).toBe('On this disk');
    expect(diskClaim(open, { state: 'saving' }).text).toBe('Saving…');
    expect(diskClaim(open, { state: 'failed', message: 'No space left.' })).toMatchObject({ tone: 'bad', detail: 'No space left.' });
    expect(diskClaim(open, undefined).text).toBe('Connecting…');
  });

  it('claims nothing while the host is away', () => {
    expect(diskClaim({ ...open, state: 'lost' }, { state: 'saved' })).toMatchObject({ text: 'Host not reachable', tone: 'warn' });
  });

  it('claims the relay only when everything is there', () => {
    const sharedAt = new Date(2026, 0, 31, 14, 2).getTime();
    expect(relayClaim(relay({ sharedAt }), now).text).toBe('On the relay · 14:02');
    expect(relayClaim(relay({ sharedAt, unshared: 3 }), now).text).toBe('Sharing · 3 not yet shared');
    expect(relayClaim(relay({ missing: 1200 }), now).text).toBe('Sharing · 1,200 to fetch');
    expect(relayClaim(relay({ state: 'offline', unshared: 3 }), now).text).toBe('Offline · 3 not yet shared');
    expect(relayClaim(relay({ state: 'offline' }), now).text).toBe('Offline');
    expect(relayClaim(relay({ state: 'refused' }), now).tone).toBe('bad');
    expect(relayClaim(undefined, now).text).toBe('Not shared');
  });
});
