/** One experiment: its runs as a table, beside them their charts and, if wanted, its note. */
import { Button, PopoverNext, SegmentedControl } from '@blueprintjs/core';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useParams } from 'react-router';
import { documentName } from '#model';
import { useApp, useCommand, useConnection, useExperiments, useRuns, useUi, useView } from '../state/context.tsx';
import { isDefaultSort, orderByOf } from '../state/view.ts';
import { ColumnsIcon, DownloadIcon } from '../ui/icons.tsx';
import { SplitPane, type Pane } from '../ui/SplitPane.tsx';
import { EmptyState, Skeleton, Snippet, useMedia } from '../ui/widgets.tsx';
import { createRunActions } from './actions.ts';
import { BulkBar } from './BulkBar.tsx';
import { ColumnPicker } from './ColumnPicker.tsx';
import { autoColumns, columnOf } from './columns.ts';
import { ExperimentHeader } from './ExperimentHeader.tsx';
import { exportRuns } from './exportRuns.ts';
import { FilterBar } from './FilterBar.tsx';
import { RunTable } from './RunTable.tsx';
import { firstRun } from './snippets.ts';
import { TagDialog } from './TagDialog.tsx';
import { useViewInUrl } from './useViewInUrl.ts';
import { wantedColumns } from './wantedColumns.ts';

const ChartsPanel = lazy(() => import('../charts/ChartsPanel.tsx').then((module) => ({ default: module.ChartsPanel })));
const NoteEditor = lazy(() => import('../notes/NoteEditor.tsx').then((module) => ({ default: module.NoteEditor })));

export function ExperimentPage() {
  const { experimentId = '' } = useParams();
  const experiment = useExperiments((state) => state.rows?.find(({ id }) => id === experimentId));
  const known = useExperiments((state) => state.rows !== undefined);
  if (!known) return <PageSkeleton />;
  if (!experiment) {
    return (
      <EmptyState title="There is no such experiment here">
        <p>
          No experiment of this workspace has the id <code>{experimentId}</code>. If a teammate made it, it appears here once the relay has brought it.
        </p>
      </EmptyState>
    );
  }
  return <Experiment key={experimentId} experimentId={experimentId} />;
}

function Experiment({ experimentId }: { experimentId: string }) {
  const app = useApp();
  const experiment = useExperiments((state) => state.rows?.find(({ id }) => id === experimentId));
  const opened = useViewInUrl(experimentId);
  const charts = useView((state) => state.charts);
  const layout = useUi((state) => state.layouts);
  const setLayout = useUi((state) => state.setLayout);
  const [note, setNote] = useState(false);
  const narrow = useMedia('(max-width: 1480px)');
  useEffect(() => app.selection.getState().reset(), [app, experimentId]);
  if (!experiment || !opened) return <PageSkeleton />;

  // Three panes side by side need room; on a small window the note takes the charts' place while it is open.
  const hasRuns = experiment.activeRuns + experiment.deletedRuns > 0;
  const chartsCovered = note && narrow;
  const panes: Pane[] = [
    { id: 'table', content: <TableSide experimentId={experimentId} />, min: 320 },
    ...(charts && hasRuns && !chartsCovered ? [{ id: 'charts', size: '38%', min: 280, content: <Slot><ChartsPanel experimentId={experimentId} /></Slot> }] : []),
    ...(note ? [{ id: 'note', size: narrow ? '40%' : 400, min: 280, content: <Slot><aside className="inspector" aria-label="Note"><NoteEditor name={documentName.experimentNote(experimentId)} /></aside></Slot> }] : []),
  ];
  const layoutId = `experiment.${panes.map(({ id }) => id).join('+')}`;
  return (
    <div className="experiment">
      <ExperimentHeader experiment={experiment} note={note} onNote={() => setNote(!note)} chartsCovered={chartsCovered} />
      <div className="experiment-body">
        <SplitPane panes={panes} layout={layout[layoutId]} onLayout={(next) => setLayout(layoutId, next)} />
      </div>
    </div>
  );
}

function TableSide({ experimentId }: { experimentId: string }) {
  const app = useApp();
  const { runs, view } = app;
  const filter = useView((state) => state.filter);
  const sort = useView((state) => state.sort);
  const trash = useView((state) => state.trash);
  const chosen = useView((state) => state.columns);
  const columns = useRuns((state) => state.columns);
  const total = useRuns((state) => state.rows.length);
  const deletedRuns = useExperiments((state) => state.rows?.find(({ id }) => id === experimentId)?.deletedRuns ?? 0);
  const filterField = useRef<HTMLInputElement>(null);
  const [tagging, setTagging] = useState<readonly string[]>();
  const actions = useMemo(() => createRunActions(app), [app]);

  // The automatic choice is made again only when another set of columns exists, not with every count that changes.
  const auto = useMemo(() => autoColumns(columns), [columns]).join('\n');
  const shown = useMemo(() => chosen ?? auto.split('\n'), [chosen, auto]);
  const wanted = useMemo(() => wantedColumns(columns, shown), [columns, shown]);
  useEffect(() => {
    runs.show({ experimentIds: [experimentId], filter, orderBy: orderByOf(sort), view: trash ? 'deleted' : 'active', columns: wanted });
  }, [runs, experimentId, filter, sort, trash, wanted]);

  useCommand('find', () => filterField.current?.focus());
  const apply = useCallback((next: string) => view.getState().change({ filter: next }), [view]);
  const focusTable = (): void => document.querySelector<HTMLElement>('.run-table')?.focus();
  return (
    <section className="table-side" aria-label="Runs">
      <div className="table-bar">
        <FilterBar value={filter} onApply={apply} onLeave={focusTable} inputRef={filterField} />
        <PopoverNext placement="bottom-end" arrow={false} content={<ColumnPicker shown={shown} />}>
          <Button variant="minimal" icon={<ColumnsIcon />} text="Columns" />
        </PopoverNext>
        <Button variant="minimal" icon={<DownloadIcon />} aria-label="Export as CSV" title="Export the filtered runs as CSV" disabled={total === 0} onClick={() => void exportRuns(app, shown)} />
      </div>
      <div className="chip-bar">
        <span className="tabular chip-total" data-testid="run-total">
          {total.toLocaleString('en-US')} {filter ? 'found' : total === 1 ? 'run' : 'runs'}
        </span>
        {!isDefaultSort(sort) && sort.map(({ column, desc }) => (
          <span key={column} className="chip">
            {columnOf(column)?.label ?? column} {desc ? '↓' : '↑'}
            <button type="button" aria-label={`No longer order by ${column}`} onClick={() => view.getState().change({ sort: sort.filter((one) => one.column !== column) })}>
              ×
            </button>
          </span>
        ))}
        <span className="title-gap" />
        {(trash || deletedRuns > 0) && (
          <SegmentedControl
            size="small"
            value={trash ? 'trash' : 'active'}
            onValueChange={(value) => view.getState().change({ trash: value === 'trash' })}
            options={[
              { label: 'Active', value: 'active' },
              { label: `Trash ${deletedRuns.toLocaleString('en-US')}`, value: 'trash' },
            ]}
          />
        )}
      </div>
      <TableBody experimentId={experimentId}>
        <RunTable shown={shown} actions={actions} onFilterFocus={() => filterField.current?.focus()} onTag={setTagging} />
      </TableBody>
      <BulkBar actions={actions} onTag={setTagging} onExport={(ids) => void exportRuns(app, shown, ids)} />
      {tagging && <TagDialog runIds={tagging} onClose={() => setTagging(undefined)} onSet={(key, value) => void actions.setTag(tagging, key, value)} />}
    </section>
  );
}

/** The table, or what to say when there is nothing in it. */
function TableBody({ experimentId, children }: { experimentId: string; children: ReactNode }) {
  const { runs, view } = useApp();
  const total = useRuns((state) => state.rows.length);
  const loading = useRuns((state) => state.loading || state.query === undefined);
  const error = useRuns((state) => state.error);
  const filter = useView((state) => state.filter);
  const trash = useView((state) => state.trash);
  const trackingUri = useConnection((state) => state.workspace?.trackingUri);
  const name = useExperiments((state) => state.rows?.find(({ id }) => id === experimentId)?.name ?? '');
  if (total > 0) return <>{children}</>;
  if (loading && !error) return <RowsSkeleton />;
  if (error && error.code !== 'invalid_argument') {
    return (
      <EmptyState title="The runs cannot be read now" action={<Button text="Try again" onClick={() => runs.refresh()} />}>
        <p>{error.message}</p>
      </EmptyState>
    );
  }
  if (filter) {
    return (
      <EmptyState title={error ? 'The filter cannot be read' : 'No run fits this filter'} action={<Button text="Clear the filter" onClick={() => view.getState().change({ filter: '' })} />}>
        {error && <p>{error.message}</p>}
      </EmptyState>
    );
  }
  if (trash) return <EmptyState title="The trash is empty" action={<Button text="Back to the runs" onClick={() => view.getState().change({ trash: false })} />} />;
  return (
    <EmptyState title="No run has been logged here">
      <p>Runs appear while they train. Paste this into a script, or into Python:</p>
      {trackingUri && <Snippet code={firstRun(trackingUri, name)} />}
    </EmptyState>
  );
}

function Slot({ children }: { children: ReactNode }) {
  return <Suspense fallback={<div className="page-loading" aria-busy="true" />}>{children}</Suspense>;
}

function RowsSkeleton() {
  return (
    <div className="skeleton-rows" aria-busy="true" aria-label="Reading runs">
      {Array.from({ length: 12 }, (_, index) => (
        <Skeleton key={index} width={`${30 + ((index * 23) % 50)}%`} />
      ))}
    </div>
  );
}

function PageSkeleton() {
  return (
    <div className="experiment">
      <header className="title-row">
        <Skeleton width={180} height={20} />
      </header>
      <RowsSkeleton />
    </div>
  );
}
