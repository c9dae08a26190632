/** What can be done to the checked runs; it stands over the table's lower edge while there are any. */
import { Button } from '@blueprintjs/core';
import { useApp, useRuns, useSelection, useView } from '../state/context.tsx';
import { formatCount } from '../ui/format.ts';
import { CloseIcon, CopyIcon, DownloadIcon, EyeIcon, RestoreIcon, TagIcon, TrashIcon } from '../ui/icons.tsx';
import type { RunActions } from './actions.ts';

export interface BulkBarProps {
  actions: RunActions;
  onTag: (runIds: readonly string[]) => void;
  onExport: (runIds: readonly string[]) => void;
}

export function BulkBar({ actions, onTag, onExport }: BulkBarProps) {
  const { selection } = useApp();
  const checked = useSelection((state) => state.checked);
  const trash = useView((state) => state.trash);
  const unloaded = useRuns((state) => !state.complete && state.rows.length > checked.size);
  if (checked.size === 0) return null;
  const ids = [...checked];
  return (
    <div className="bulk-bar" role="toolbar" aria-label="Checked runs">
      <strong className="tabular">{formatCount(ids.length, 'run')}</strong>
      {unloaded && <span className="muted" title="Runs that were never on screen are not checked">of those seen</span>}
      <span className="bulk-line" />
      <Button
        variant="minimal"
        icon={<EyeIcon />}
        text="Draw only these" title="Draw only these"
        onClick={() => {
          selection.getState().setEyeRule({ kind: 'none' });
          for (const id of ids) selection.getState().setEye(id, true);
        }}
      />
      {!trash && <Button variant="minimal" icon={<TagIcon />} text="Tag…" title="Tag these runs" onClick={() => onTag(ids)} />}
      <Button variant="minimal" icon={<CopyIcon />} text="Copy ids" title="Copy their ids" onClick={() => void actions.copyIds(ids)} />
      <Button variant="minimal" icon={<DownloadIcon />} text="CSV" title="Export these as CSV" onClick={() => onExport(ids)} />
      {trash ? (
        <Button variant="minimal" icon={<RestoreIcon />} text="Restore" title="Restore these runs" onClick={() => void actions.restore(ids)} />
      ) : (
        <Button variant="minimal" intent="danger" icon={<TrashIcon />} text="Trash" title="Move these runs to the trash" onClick={() => void actions.trash(ids)} />
      )}
      <button type="button" className="copy" aria-label="Uncheck all" title="Uncheck all (Esc)" onClick={() => selection.getState().clearChecked()}>
        <CloseIcon />
      </button>
    </div>
  );
}
