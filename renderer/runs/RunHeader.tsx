/** Who a run is: name, state, when, by whom, from what source, its family, its tags. */
import { Button } from '@blueprintjs/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { RunDetails } from '#contract';
import { useApp, useExperiments, useSelection } from '../state/context.tsx';
import { messageOf } from '../state/errors.ts';
import { formatDuration, formatTime } from '../ui/format.ts';
import { ChevronIcon, RestoreIcon, TrashIcon } from '../ui/icons.tsx';
import { InlineEdit } from '../ui/InlineEdit.tsx';
import { slotOf } from '../ui/palette.ts';
import { CopyButton, RelativeTime, StatusDot, Swatch, useNow } from '../ui/widgets.tsx';
import { commitOf, durationOf, sourceOf, statusLook } from './facts.ts';
import { RunTags } from './RunTags.tsx';

export interface RunHeaderProps {
  details: RunDetails;
  onChanged(): void;
}

export function RunHeader({ details, onChanged }: RunHeaderProps) {
  const { run, parent, children } = details;
  const { host, notices } = useApp();
  const experiment = useExperiments((state) => state.rows?.find((row) => row.id === run.experimentId));
  const slots = useSelection((state) => state.slots);
  const now = useNow(1000);
  const look = statusLook[run.status];
  const duration = durationOf(run, now);
  const source = sourceOf(run.tags);
  const commit = commitOf(run.tags);
  const deleted = run.deletedAt !== undefined;

  /** Does it, says it, offers the way back. */
  const act = async (text: string, work: () => Promise<unknown>, back?: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      onChanged();
      notices.getState().show({ kind: 'done', text, action: back && { label: 'Undo', run: () => void act('Undone', back) } });
    } catch (error) {
      notices.getState().show({ kind: 'failed', text: messageOf(error) });
    }
  };
  const rename = (name: string) => host.call('runs.rename', { runId: run.id, name });
  const remove = () => host.call('runs.delete', { runIds: [run.id] });
  const restore = () => host.call('runs.restore', { runIds: [run.id] });

  return (
    <header className="run-header">
      <nav className="run-crumbs" aria-label="Where this run is">
        <Link to={`/experiments/${run.experimentId}`}>{experiment?.name ?? `Experiment ${run.experimentId}`}</Link>
        <ChevronIcon size={12} />
        {parent ? (
          <>
            <Link to={`/runs/${parent.id}`}>{parent.name}</Link>
            <ChevronIcon size={12} />
          </>
        ) : null}
        <span>Run</span>
      </nav>
      <div className="run-title">
        <Swatch color={`var(--run-${slotOf(run.id, slots)})`} />
        <h1>
          <InlineEdit value={run.name} label="Name of the run" disabled={deleted} onSave={(name) => act(`Renamed to “${name}”`, () => rename(name), () => rename(run.name))} />
        </h1>
        <span className="run-status" data-tone={look.tone}>
          <StatusDot tone={look.tone} label="" />
          {look.text}
        </span>
        <span className="run-space" />
        {deleted ? (
          <Button icon={<RestoreIcon />} text="Restore" intent="primary" onClick={() => void act('Restored the run', restore, remove)} />
        ) : (
          <Button icon={<TrashIcon />} text="Delete" variant="minimal" onClick={() => void act('Moved the run to the trash', remove, restore)} />
        )}
      </div>
      {deleted ? (
        <p className="run-deleted" role="status">
          In the trash since {formatTime(run.deletedAt ?? 0)}. Nothing of it is lost; restore it to change it.
        </p>
      ) : null}
      <dl className="run-facts">
        <Fact name="Started">
          <RelativeTime time={run.startedAt} />
        </Fact>
        <Fact name={run.status === 'RUNNING' ? 'Running for' : 'Took'}>
          <span className="tabular">{duration === undefined ? '–' : formatDuration(duration)}</span>
        </Fact>
        <Fact name="By">{run.user || '–'}</Fact>
        {source ? (
          <Fact name="Source">
            <span className="mono" title={source.full}>
              {source.name}
            </span>
          </Fact>
        ) : null}
        {commit ? (
          <Fact name="Commit">
            <span className="mono" title={commit}>
              {commit.slice(0, 8)}
            </span>
            <CopyButton text={commit} label="Copy the commit" />
          </Fact>
        ) : null}
        <Fact name="Run id">
          <span className="mono" title={run.id}>
            {run.id.slice(0, 8)}
          </span>
          <CopyButton text={run.id} label="Copy the run id" />
        </Fact>
        {children.length ? (
          <Fact name={`Nested runs (${children.length.toLocaleString('en-US')})`}>
            <span className="run-children">
              {children.slice(0, 6).map((child) => (
                <Link key={child.id} to={`/runs/${child.id}`}>
                  <Swatch color={`var(--run-${slotOf(child.id, slots)})`} />
                  {child.name}
                </Link>
              ))}
              {children.length > 6 ? <Link to={`/experiments/${run.experimentId}?q=${encodeURIComponent(`tags.\`mlflow.parentRunId\` = '${run.id}'`)}`}>all {children.length}</Link> : null}
            </span>
          </Fact>
        ) : null}
      </dl>
      <RunTags runId={run.id} tags={run.tags} disabled={deleted} onChanged={onChanged} />
    </header>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
