/** The line that is always there and always true: on this disk, on the relay, and where scripts send their runs. */
import { PopoverNext } from '@blueprintjs/core';
import type { ReactElement } from 'react';
import { useConnection } from '../state/context.tsx';
import { CopyButton, StatusDot, useNow } from '../ui/widgets.tsx';
import { diskClaim, relayClaim } from './status.ts';

export function StatusLine({ team }: { team: ReactElement }) {
  const connection = useConnection((state) => state.connection);
  const sync = useConnection((state) => state.sync);
  const workspace = useConnection((state) => state.workspace);
  const now = useNow(30_000);
  const disk = diskClaim(connection, sync?.disk);
  const relay = relayClaim(sync?.relay, now);
  return (
    <footer className="status-line">
      <span className="status-item" role="status" aria-live="polite" title={disk.detail} data-testid="disk-state">
        <StatusDot tone={disk.tone} label={disk.detail} />
        {disk.text}
      </span>
      <PopoverNext content={team} placement="top-start" arrow={false}>
        <button type="button" className="status-item status-button" title={relay.detail} data-testid="relay-state">
          <StatusDot tone={relay.tone} label={relay.detail} />
          {relay.text}
        </button>
      </PopoverNext>
      <span className="status-gap" />
      {workspace && (
        <>
          <span className="status-item status-uri" title="Where training scripts log to: mlflow.set_tracking_uri">
            <span className="mono">{workspace.trackingUri}</span>
            <CopyButton text={workspace.trackingUri} label="Copy the tracking address" />
          </span>
          <span className="status-item" title={`Workspace ${workspace.name}, Daybook ${workspace.version}`}>
            {workspace.name}
          </span>
        </>
      )}
    </footer>
  );
}
