/** All experiments at a glance, the trash at the end; the first page a new user sees. */
import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { ExperimentRow } from '#contract';
import { useApp, useConnection, useExperiments } from '../state/context.tsx';
import { messageOf } from '../state/errors.ts';
import { formatCount } from '../ui/format.ts';
import { RestoreIcon } from '../ui/icons.tsx';
import { EmptyState, RelativeTime, Skeleton, Snippet, StatusDot } from '../ui/widgets.tsx';
import { descriptionOf, useContents } from './contents.ts';
import { firstRun } from './snippets.ts';

export function OverviewPage() {
  const rows = useExperiments((state) => state.rows);
  const error = useExperiments((state) => state.error);
  const trackingUri = useConnection((state) => state.workspace?.trackingUri);
  const [trash, setTrash] = useState(false);
  const active = rows?.filter(({ deletedAt }) => deletedAt === undefined);
  const deleted = rows?.filter(({ deletedAt }) => deletedAt !== undefined) ?? [];
  const empty = active?.every(({ activeRuns, deletedRuns }) => activeRuns + deletedRuns === 0);
  const runs = active?.reduce((sum, row) => sum + row.activeRuns, 0) ?? 0;
  const running = active?.reduce((sum, row) => sum + row.runningRuns, 0) ?? 0;
  return (
    <div className="overview">
      <title>Experiments · Daybook</title>
      <header className="title-row">
        <h1>Experiments</h1>
        {active && !empty && (
          <span className="title-facts">
            {formatCount(active.length, 'experiment')} · {formatCount(runs, 'run')}
            {running > 0 && ` · ${running.toLocaleString('en-US')} running`}
          </span>
        )}
        <span className="title-gap" />
        {deleted.length > 0 && <Button variant="minimal" active={trash} text={`Trash · ${deleted.length}`} onClick={() => setTrash(!trash)} />}
      </header>
      <div className="overview-body">
        {!rows && error && <EmptyState title="The experiments cannot be read">{<p>{error}</p>}</EmptyState>}
        {!rows && !error && <TableSkeleton />}
        {rows && empty && !trash && (
          <EmptyState title="Nothing is logged here yet">
            <p>
              Daybook speaks MLflow’s language: point a training script at this address and its runs appear here while they train. No account, no network.
            </p>
            {trackingUri && <Snippet code={firstRun(trackingUri, 'first-light')} />}
          </EmptyState>
        )}
        {rows && (!empty || trash) && <ExperimentTable rows={trash ? deleted : (active ?? [])} trash={trash} />}
      </div>
    </div>
  );
}

function ExperimentTable({ rows, trash }: { rows: readonly ExperimentRow[]; trash: boolean }) {
  const { host } = useApp();
  const contents = useContents(host, rows);
  const running = rows.some(({ runningRuns }) => runningRuns > 0);
  return (
    <table className="plain-table overview-table">
      <thead>
        <tr>
          <th scope="col">Experiment</th>
          <th scope="col" className="right">Runs</th>
          {running && <th scope="col">Now</th>}
          <th scope="col">Last run</th>
          <th scope="col">{trash ? 'Deleted' : 'Created'}</th>
          {trash && <th scope="col" aria-label="Actions" />}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <th scope="row">
              <Link to={`/experiments/${row.id}`} title={row.name}>
                {row.name}
              </Link>
              <small>{descriptionOf(row.tags) ?? contents.get(row.id) ?? (row.activeRuns + row.deletedRuns === 0 ? 'nothing logged' : '')}</small>
            </th>
            <td className="right tabular">{(trash ? row.deletedRuns : row.activeRuns).toLocaleString('en-US')}</td>
            {running && (
              <td>
                {row.runningRuns > 0 && (
                  <span className="with-dot">
                    <StatusDot tone="live" label="running" /> {row.runningRuns.toLocaleString('en-US')} running
                  </span>
                )}
              </td>
            )}
            <td className="muted">{row.lastRunAt ? <RelativeTime time={row.lastRunAt} /> : '–'}</td>
            <td className="muted">
              <RelativeTime time={(trash ? row.deletedAt : row.createdAt) ?? 0} />
            </td>
            {trash && (
              <td className="right">
                <RestoreButton row={row} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RestoreButton({ row }: { row: ExperimentRow }) {
  const { experiments, notices } = useApp();
  const restore = async (): Promise<void> => {
    try {
      await experiments.restore(row.id);
    } catch (failure) {
      notices.getState().show({ kind: 'failed', text: messageOf(failure) });
    }
  };
  return <Button size="small" icon={<RestoreIcon />} text="Restore" onClick={() => void restore()} />;
}

function TableSkeleton() {
  return (
    <div className="skeleton-rows" aria-busy="true" aria-label="Reading experiments">
      {[220, 160, 264, 188].map((width) => (
        <Skeleton key={width} width={width} />
      ))}
    </div>
  );
}
