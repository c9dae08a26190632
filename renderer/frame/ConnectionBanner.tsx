/** Says so when the host does not answer. What is on the screen stays: it was true when it was read. */
import { Button } from '@blueprintjs/core';
import { useApp, useConnection } from '../state/context.tsx';
import { formatClock } from '../ui/format.ts';
import { WarningIcon } from '../ui/icons.tsx';
import { useNow } from '../ui/widgets.tsx';

export function ConnectionBanner() {
  const { host } = useApp();
  const connection = useConnection((state) => state.connection);
  const readOnly = useConnection((state) => state.workspace?.readOnly ?? false);
  const now = useNow(30_000);
  if (connection.state === 'lost') {
    return (
      <div className="banner" role="alert">
        <WarningIcon />
        <span>
          <strong>The Daybook host does not answer</strong> since {formatClock(connection.since, now)}. What you see was read before; notes you write stay in this window until it is back.
        </span>
        <Button size="small" text="Try now" onClick={() => host.retry()} />
      </div>
    );
  }
  if (readOnly) {
    return (
      <div className="banner" role="status">
        <WarningIcon />
        <span>This workspace is open read-only: a newer Daybook wrote it. Update this one to change things.</span>
      </div>
    );
  }
  return null;
}
