/** The charts beside an experiment's table: every metric of its runs, drawn for the runs whose eye is open there. */
import { useEffect, useMemo } from 'react';
import { useNavigate } from 'react-router';
import { useApp, useRuns, useSelection, useUi, useVisibleRuns } from '../state/context.tsx';
import { formatCount } from '../ui/format.ts';
import { chartRunsOf } from './chartRuns.ts';
import { ChartsBoard } from './ChartsBoard.tsx';

/** More lines than this on one chart cannot be told apart. */
const mostRuns = 100;

export function ChartsPanel({ experimentId }: { experimentId: string }) {
  const { host, desktop, selection, runs: table } = useApp();
  const navigate = useNavigate();
  const visible = useVisibleRuns(mostRuns);
  const columns = useRuns((state) => state.columns);
  const total = useRuns((state) => state.rows.length);
  const slots = useSelection((state) => state.slots);
  const hovered = useSelection((state) => state.hovered);
  const theme = useUi((state) => state.resolved);
  // Rows change whenever a metric does; the lines' colours and names seldom.
  const names = JSON.stringify(visible.map(({ id, name }) => ({ id, name })));
  const runs = useMemo(() => chartRunsOf(JSON.parse(names) as { id: string; name: string }[], slots, theme), [names, slots, theme]);
  const keys = columns && JSON.stringify(columns.metrics.map((column) => column.key));
  const metrics = useMemo(() => (keys === undefined ? undefined : (JSON.parse(keys) as string[])), [keys]);

  // Points alone do not make the table read its columns again; a metric that nobody had logged before must get its chart.
  useEffect(
    () =>
      host.on('series.grew', (event) => {
        if (metrics && event.experimentId === experimentId && event.keys.some((name) => !metrics.includes(name))) table.refresh();
      }),
    [host, table, metrics, experimentId],
  );

  return (
    <ChartsBoard
      key={experimentId}
      host={host}
      desktop={desktop}
      metrics={metrics}
      runs={runs}
      hovered={hovered}
      onHover={selection.getState().hover}
      onOpen={(runId) => void navigate(`/runs/${runId}`)}
      storage={window.localStorage}
      storageKey={`daybook.charts.${experimentId}`}
      legend={<span className="board-legend">{visible.length < total ? `${visible.length} of ${formatCount(total, 'run')}` : formatCount(total, 'run')}</span>}
    />
  );
}
