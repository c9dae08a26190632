/** The page of one run. Its tab stands in the address, so a link or the back button returns to it. */
import { lazy, Suspense, useMemo, useState, useSyncExternalStore } from 'react';
import { useParams, useSearchParams } from 'react-router';
import type { RunDetails } from '#contract';
import { documentName } from '#model';
import { chartRunsOf } from '../charts/chartRuns.ts';
import { useApp, useSelection, useUi } from '../state/context.tsx';
import { formatCount } from '../ui/format.ts';
import { EmptyState, Skeleton } from '../ui/widgets.tsx';
import { createRunFeed } from './runFeed.ts';
import { RunHeader } from './RunHeader.tsx';
import { RunOverview } from './RunOverview.tsx';
import './runs.css';

const ChartsBoard = lazy(() => import('../charts/ChartsBoard.tsx').then((module) => ({ default: module.ChartsBoard })));
const ArtifactBrowser = lazy(() => import('../artifacts/ArtifactBrowser.tsx').then((module) => ({ default: module.ArtifactBrowser })));
const NoteEditor = lazy(() => import('../notes/NoteEditor.tsx').then((module) => ({ default: module.NoteEditor })));

const tabs = ['overview', 'charts', 'artifacts', 'notes'] as const;
type Tab = (typeof tabs)[number];
const tabNames: Record<Tab, string> = { overview: 'Overview', charts: 'Charts', artifacts: 'Artifacts', notes: 'Note' };

export function RunPage() {
  const { runId = '' } = useParams();
  return <RunOf key={runId} runId={runId} />;
}

function RunOf({ runId }: { runId: string }) {
  const { host } = useApp();
  const [feed] = useState(() => createRunFeed(host, runId));
  const { details, error } = useSyncExternalStore(feed.subscribe, feed.state);
  const [query, setQuery] = useSearchParams();
  const tab = tabs.find((name) => name === query.get('tab')) ?? 'overview';

  if (!details && error?.code === 'not_found') {
    return (
      <EmptyState title="There is no such run here">
        <p>It may belong to another workspace, or a teammate has it and this machine has not received it yet. Its id is {runId}.</p>
      </EmptyState>
    );
  }
  if (!details && error) {
    return (
      <EmptyState title={error.code === 'unavailable' ? 'Waiting for the host' : 'This run cannot be read'}>
        <p>{error.message}</p>
      </EmptyState>
    );
  }
  if (!details) return <RunSkeleton />;

  const counts: Record<Tab, number | undefined> = {
    overview: undefined,
    charts: Object.values(details.run.metrics).filter((summary) => summary.count > 1).length,
    artifacts: details.artifacts.length,
    notes: undefined,
  };
  return (
    <div className="run-page">
      <RunHeader details={details} onChanged={feed.refresh} />
      <div className="run-tabs" role="tablist" aria-label="Parts of the run">
        {tabs.map((name, index) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`run-tab-${name}`}
            aria-selected={tab === name}
            aria-controls="run-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => setQuery(name === 'overview' ? {} : { tab: name })}
            onKeyDown={(event) => {
              const to = tabs[index + ({ ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0)];
              if (!to || to === name) return;
              setQuery(to === 'overview' ? {} : { tab: to });
              document.getElementById(`run-tab-${to}`)?.focus();
            }}
          >
            {tabNames[name]}
            {counts[name] ? <span>{counts[name]}</span> : null}
          </button>
        ))}
      </div>
      <div className="run-panel" role="tabpanel" id="run-panel" aria-labelledby={`run-tab-${tab}`}>
        <Suspense fallback={<PanelSkeleton />}>
          {tab === 'overview' ? <RunOverview details={details} /> : null}
          {tab === 'charts' ? <RunCharts details={details} /> : null}
          {tab === 'artifacts' ? <ArtifactBrowser runId={runId} artifacts={details.artifacts} /> : null}
          {tab === 'notes' ? <NoteEditor name={documentName.runNote(runId)} /> : null}
        </Suspense>
      </div>
    </div>
  );
}

function RunCharts({ details: { run } }: { details: RunDetails }) {
  const { host, desktop } = useApp();
  const slots = useSelection((state) => state.slots);
  const theme = useUi((state) => state.resolved);
  const { id, name } = run;
  const runs = useMemo(() => chartRunsOf([{ id, name }], slots, theme), [id, name, slots, theme]);
  const all = Object.entries(run.metrics);
  // A single value has no course; the overview's table says it better.
  const keys = JSON.stringify(all.filter(([, summary]) => summary.count > 1).map(([key]) => key));
  const metrics = useMemo(() => JSON.parse(keys) as string[], [keys]);
  const single = all.length - metrics.length;
  if (single > 0 && metrics.length === 0) {
    return (
      <EmptyState title="No courses to draw">
        <p>Each metric of this run was logged once; the overview lists them. A metric logged with several steps becomes a chart here.</p>
      </EmptyState>
    );
  }
  return (
    <ChartsBoard
      host={host}
      desktop={desktop}
      metrics={metrics}
      runs={runs}
      hovered={undefined}
      onHover={() => undefined}
      storage={window.localStorage}
      storageKey="daybook.charts.run"
      legend={single > 0 ? <span className="board-legend">{formatCount(single, 'single value')} in the overview</span> : undefined}
    />
  );
}

function RunSkeleton() {
  return (
    <div className="run-page" aria-busy="true">
      <div className="run-header">
        <Skeleton width={160} />
        <Skeleton width={320} height={26} />
        <Skeleton width={520} height={32} />
      </div>
      <PanelSkeleton />
    </div>
  );
}

function PanelSkeleton() {
  return (
    <div className="run-overview" aria-busy="true">
      <Skeleton width="100%" height={240} />
      <Skeleton width="100%" height={240} />
    </div>
  );
}
