/** An experiment's title row: its name (edited in place), what it holds, and the panels beside the table. */
import { Button, Menu, MenuDivider, MenuItem, PopoverNext } from '@blueprintjs/core';
import type { ExperimentRow } from '#contract';
import { useApp, useConnection, useView } from '../state/context.tsx';
import { messageOf } from '../state/errors.ts';
import { formatCount } from '../ui/format.ts';
import { ChartIcon, CopyIcon, MoreIcon, NoteIcon, RestoreIcon, TrashIcon } from '../ui/icons.tsx';
import { InlineEdit } from '../ui/InlineEdit.tsx';
import { copyText, CopyButton, RelativeTime, Snippet, StatusDot } from '../ui/widgets.tsx';
import { connect } from './snippets.ts';

export interface ExperimentHeaderProps {
  experiment: ExperimentRow;
  note: boolean;
  onNote: () => void;
  /** The note stands where the charts would. */
  chartsCovered: boolean;
}

export function ExperimentHeader({ experiment, note, onNote, chartsCovered }: ExperimentHeaderProps) {
  const { view } = useApp();
  const charts = useView((state) => state.charts) && !chartsCovered;
  const trackingUri = useConnection((state) => state.workspace?.trackingUri);
  const act = useExperimentActions(experiment);
  const deleted = experiment.deletedAt !== undefined;
  return (
    <>
      <title>{`${experiment.name} · Daybook`}</title>
      <header className="title-row">
        <h1>
          <InlineEdit value={experiment.name} label="Name of the experiment" disabled={deleted} onSave={act.rename} />
        </h1>
        <span className="title-facts">
          {formatCount(experiment.activeRuns, 'run')}
          {experiment.runningRuns > 0 && (
            <>
              {' · '}
              <StatusDot tone="live" label="running" /> {experiment.runningRuns.toLocaleString('en-US')} running
            </>
          )}
          {experiment.lastRunAt !== undefined && (
            <>
              {' · last '}
              <RelativeTime time={experiment.lastRunAt} />
            </>
          )}
        </span>
        <span className="title-gap" />
        <Button variant="minimal" active={note} aria-pressed={note} icon={<NoteIcon />} text="Note" onClick={onNote} />
        <Button variant="minimal" active={charts} aria-pressed={charts} icon={<ChartIcon />} text="Charts" onClick={() => {
            if (chartsCovered) onNote();
            view.getState().change({ charts: !charts });
          }} />
        <PopoverNext
          placement="bottom-end"
          arrow={false}
          content={
            <div className="experiment-facts">
              <dl className="facts">
                <dt>Id</dt>
                <dd className="mono">
                  {experiment.id} <CopyButton text={experiment.id} label="Copy the id" />
                </dd>
                <dt>Artifacts</dt>
                <dd className="mono">
                  {experiment.artifactLocation} <CopyButton text={experiment.artifactLocation} />
                </dd>
                <dt>Created</dt>
                <dd>
                  <RelativeTime time={experiment.createdAt} />
                </dd>
                {Object.entries(experiment.tags)
                  .filter(([key]) => !key.startsWith('mlflow.'))
                  .map(([key, value]) => (
                    <Fact key={key} name={key} value={value} />
                  ))}
              </dl>
              {trackingUri && (
                <>
                  <h4>Log here from Python</h4>
                  <Snippet code={connect(trackingUri, experiment.name)} />
                </>
              )}
              <Menu>
                <MenuDivider />
                <MenuItem icon={<CopyIcon />} text="Copy a link to this view" onClick={() => void copyText(window.location.href)} />
                {deleted ? (
                  <MenuItem icon={<RestoreIcon />} text="Restore the experiment" onClick={() => void act.restore()} />
                ) : (
                  <MenuItem icon={<TrashIcon />} intent="danger" text="Move the experiment to the trash" disabled={experiment.id === '0'} onClick={() => void act.remove()} />
                )}
              </Menu>
            </div>
          }
        >
          <Button variant="minimal" icon={<MoreIcon />} aria-label="More about the experiment" title="More about the experiment" />
        </PopoverNext>
      </header>
      {deleted && (
        <div className="banner" role="status">
          <TrashIcon />
          <span>This experiment is in the trash, and its runs with it. Nothing can be logged to it.</span>
          <Button size="small" text="Restore" onClick={() => void act.restore()} />
        </div>
      )}
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd title={value}>{value}</dd>
    </>
  );
}

/** Rename, trash and restore, each with its undo. */
function useExperimentActions({ id, name }: ExperimentRow) {
  const { experiments, notices } = useApp();
  const attempt = async (work: () => Promise<unknown>, done?: { text: string; undo: () => Promise<unknown> }): Promise<void> => {
    try {
      await work();
      if (done) notices.getState().show({ kind: 'done', text: done.text, action: { label: 'Undo', run: () => void attempt(done.undo) } });
    } catch (error) {
      notices.getState().show({ kind: 'failed', text: messageOf(error) });
    }
  };
  return {
    rename: (next: string) => attempt(() => experiments.rename(id, next), { text: `Renamed to ${next}.`, undo: () => experiments.rename(id, name) }),
    remove: () => attempt(() => experiments.remove(id), { text: `${name} is in the trash.`, undo: () => experiments.restore(id) }),
    restore: () => attempt(() => experiments.restore(id)),
  };
}
