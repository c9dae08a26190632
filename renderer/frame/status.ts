/** The words of the status line. Each is a claim about the data, so each follows from what disk and relay acknowledged. Pure. */
import type { SyncStatus } from '#contract';
import type { Connection } from '../state/connection.ts';
import { formatClock, formatCount } from '../ui/format.ts';

export interface Claim {
  text: string;
  tone: 'good' | 'bad' | 'warn' | 'live' | 'quiet' | 'hollow';
  /** More on hover. */
  detail: string;
}

/** Whether what was written is on this host's disk. */
export function diskClaim(connection: Connection, disk: SyncStatus['disk'] | undefined): Claim {
  if (connection.state === 'lost') return { text: 'Host not reachable', tone: 'warn', detail: 'Nothing can be saved until the Daybook host answers again.' };
  if (!disk) return { text: 'Connecting…', tone: 'hollow', detail: 'Waiting for the Daybook host.' };
  if (disk.state === 'failed') return { text: 'Not saved: the disk refuses', tone: 'bad', detail: disk.message ?? 'The last write did not reach the disk.' };
  if (disk.state === 'saving') return { text: 'Saving…', tone: 'live', detail: 'Written, but not yet confirmed by the disk.' };
  return { text: 'On this disk', tone: 'good', detail: 'Everything logged and written here is safely on this machine’s disk.' };
}

/** Whether teammates can have it. */
export function relayClaim(relay: SyncStatus['relay'] | undefined, now: number): Claim {
  if (!relay || relay.state === 'none') return { text: 'Not shared', tone: 'hollow', detail: 'This workspace is in no team. Click to join one.' };
  const waiting = relay.unshared > 0 ? ` · ${relay.unshared.toLocaleString('en-US')} not yet shared` : '';
  const missing = relay.missing > 0 ? ` · ${relay.missing.toLocaleString('en-US')} to fetch` : '';
  switch (relay.state) {
    case 'offline':
      return { text: `Offline${waiting}`, tone: 'warn', detail: relay.message ?? 'The relay does not answer. Work goes on here and is shared when it is back.' };
    case 'connecting':
      return { text: `Connecting…${waiting}`, tone: 'hollow', detail: `Trying ${relay.url ?? 'the relay'}.` };
    case 'refused':
      return { text: 'The relay refuses', tone: 'bad', detail: relay.message ?? 'The invite may have been withdrawn. Ask for a new one.' };
    case 'online':
      if (waiting || missing) return { text: `Sharing${waiting}${missing}`, tone: 'live', detail: formatCount(relay.unshared + relay.missing, 'thing') + ' under way.' };
      return {
        text: relay.sharedAt ? `On the relay · ${formatClock(relay.sharedAt, now)}` : 'On the relay',
        tone: 'good',
        detail: 'The relay has confirmed that everything is on its disk.',
      };
  }
}
