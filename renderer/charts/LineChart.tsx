/**
 * One metric over several runs. Reads what its width can show, reads finer when zoomed, grows while runs log.
 * Drag to zoom, Shift-drag to move, double-click for everything; the crosshair is shared with the other charts in a CrosshairContext.
 *
 *   <LineChart host={host} spec={chartOf('loss')} runs={runs} onWindow={setWindow} hovered={hovered} onHover={hover} />
 */
import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { SeriesLine } from '#contract';
import type { Plotly, PlotlyElement } from 'plotly.js-strict-dist-min';
import { BarList } from './BarList.tsx';
import type { ChartSpec } from './chartSpec.ts';
import { ChartPointer } from './ChartPointer.tsx';
import type { Outliers, Range } from './extent.ts';
import { figure, type ChartRun, type Figure } from './figure.ts';
import { useChartTheme } from './pageTheme.ts';
import { highlightRun, loadPlotly, plotlyConfig } from './plotly.ts';
import { createSeriesFeed, seriesRequest, type SeriesHost } from './seriesFeed.ts';
import { useSize } from './size.ts';
import { readZoom, type Zoom } from './zoom.ts';

export interface LineChartProps {
  host: SeriesHost;
  spec: ChartSpec;
  /** In drawing order; the first is drawn at the bottom. */
  runs: readonly ChartRun[];
  /** The person zoomed, or asked for everything (both undefined). */
  onZoom(zoom: Zoom): void;
  hovered: string | undefined;
  onHover(runId: string | undefined): void;
  onOpen?(runId: string): void;
  /** The lines on screen, and from where to where there are points, for whoever exports them. */
  onLines?(lines: readonly SeriesLine[], whole: Range | undefined): void;
  /** Points that flatten the others, when there are such. The same function every time. */
  onOutliers?(outliers: Outliers | undefined): void;
}

export function LineChart({ host, spec, runs, onZoom, hovered, onHover, onOpen, onLines, onOutliers }: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const theme = useChartTheme();
  const [feed] = useState(() => createSeriesFeed(host));
  const { lines, whole, error } = useSyncExternalStore(feed.subscribe, feed.state);
  const width = size?.width;
  const ids = runs.map((run) => run.id).join(' ');

  useEffect(() => {
    if (width !== undefined) feed.want(seriesRequest(spec, ids === '' ? [] : ids.split(' '), width));
  }, [feed, spec, ids, width]);
  useEffect(() => {
    if (lines) onLines?.(lines, whole);
  }, [lines, whole, onLines]);

  const drawn = useMemo(() => (size && lines ? figure(spec, runs, lines, theme, size, { whole }) : undefined), [spec, runs, lines, theme, size, whole]);
  const outliers = drawn?.outliers;
  useEffect(() => onOutliers?.(outliers), [outliers, onOutliers]);
  const empty = lines !== undefined && drawn !== undefined && drawn.lines.length === 0;
  const single = drawn !== undefined && !empty && !spec.window && drawn.lines.every((line) => line.x.length === 1);

  let inside: ReactNode;
  if (!drawn) inside = error ? <ChartMessage title={error.away ? 'Waiting for the host' : 'The points cannot be read'} text={error.message} /> : <ChartSkeleton />;
  else if (runs.length === 0) inside = <ChartMessage title="No run is shown" text="Open the eye of a run in the table to draw it here." />;
  else if (empty) inside = <ChartMessage title="No points" text={spec.window ? 'Nothing was logged in this window.' : 'None of the shown runs has logged this metric.'} />;
  else if (single) inside = <BarList lines={drawn.lines} hovered={hovered} onHover={onHover} onOpen={onOpen} />;
  else inside = <Drawing figure={drawn} spec={spec} hovered={hovered} onHover={onHover} onOpen={onOpen} onZoom={onZoom} />;

  return (
    <div className="chart" ref={box}>
      {inside}
      {drawn && error ? <p className="chart-stale">{error.away ? 'Host away: last known points' : error.message}</p> : null}
    </div>
  );
}

type DrawingProps = Pick<LineChartProps, 'spec' | 'hovered' | 'onHover' | 'onOpen' | 'onZoom'> & { figure: Figure };

interface Latest {
  drawn: Figure;
  onZoom(zoom: Zoom): void;
  hovered: string | undefined;
}

/** Plotly's element and our pointer over it. */
function Drawing({ figure: drawn, spec, hovered, onHover, onOpen, onZoom }: DrawingProps) {
  const at = useRef<HTMLDivElement>(null);
  // Drawing waits for Plotly, and Plotly keeps its listeners; both need what is true by then.
  const latest = useRef<Latest>({ drawn, onZoom, hovered: undefined });
  const [failure, setFailure] = useState<string>();
  // The drawing library is large; on a slow machine it comes seconds after the points.
  const [ready, setReady] = useState(false);
  const faded = drawn.lines.some((line) => line.run.id === hovered) ? hovered : undefined;

  useEffect(() => {
    latest.current = { drawn, onZoom, hovered: faded };
  }, [drawn, onZoom, faded]);

  useEffect(() => {
    const element = at.current;
    let current = true;
    const draw = async (plotly: Plotly): Promise<void> => {
      if (!current || !element) return;
      // Plotly writes into the layout it is given; ours stays as it is.
      const layout = { ...drawn.layout, xaxis: { ...drawn.layout.xaxis }, yaxis: { ...drawn.layout.yaxis } };
      const chart = await plotly.react(element, drawn.traces, layout, plotlyConfig);
      if (!current) return;
      setReady(true);
      highlightRun(chart, latest.current.hovered);
      listen(chart, latest);
    };
    loadPlotly()
      .then(draw)
      .catch((error: unknown) => current && setFailure(String(error)));
    return () => {
      current = false;
    };
  }, [drawn]);

  useEffect(() => {
    if (at.current) highlightRun(at.current, faded);
  }, [faded]);

  useEffect(() => {
    const element = at.current;
    return () => {
      if (!element) return;
      delete element.dataset.listening;
      void loadPlotly().then((plotly) => plotly.purge(element));
    };
  }, []);

  if (failure) return <ChartMessage title="The chart cannot be drawn" text={failure} />;
  return (
    <ChartPointer figure={drawn} axis={spec.x} hovered={hovered} onHover={onHover} onOpen={onOpen} onReset={() => onZoom({})}>
      <div className="chart-plot" ref={at} />
      {ready ? null : <ChartSkeleton />}
    </ChartPointer>
  );
}

/** Plotly keeps listeners over redraws; they are set once and always see the latest figure. */
function listen(chart: PlotlyElement, latest: { current: Latest }): void {
  if (chart.dataset.listening) return;
  chart.dataset.listening = 'yes';
  chart.on('plotly_relayout', (change) => {
    const zoom = readZoom(change, latest.current.drawn);
    if (zoom) latest.current.onZoom(zoom);
  });
  chart.on('plotly_doubleclick', () => latest.current.onZoom({}));
}

function ChartMessage({ title, text }: { title: string; text: string }) {
  return (
    <div className="chart-message" role="status">
      <strong>{title}</strong>
      <p>{text}</p>
    </div>
  );
}

/** The axes without their data, drawn only when waiting takes long enough to notice. */
export function ChartSkeleton() {
  return (
    <svg className="chart-skeleton" aria-label="Reading points" role="img" preserveAspectRatio="none" viewBox="0 0 100 60">
      {[10, 22, 34, 46].map((y) => (
        <line key={y} x1="9" x2="97" y1={y} y2={y} />
      ))}
      <polyline points="9,14 22,30 35,36 48,41 61,43 74,44 97,45" />
    </svg>
  );
}
