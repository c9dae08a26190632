/** A chart with its heading and menu: own axes where they should differ from the page's, full screen, and files to take away. */
import { Button, Dialog, Menu, MenuDivider, MenuItem, PopoverNext } from '@blueprintjs/core';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import type { Desktop, SeriesLine } from '#contract';
import { CloseIcon, MoreIcon } from '../ui/icons.tsx';
import { LineKey } from '../ui/widgets.tsx';
import { chartOf, xAxes, type ChartSpec, type XAxis } from './chartSpec.ts';
import { linesToCsv } from './csv.ts';
import { haveNoSteps, type Outliers, type Range } from './extent.ts';
import { figure, type ChartRun } from './figure.ts';
import { ExpandIcon, ResetZoomIcon } from './icons.tsx';
import { LineChart } from './LineChart.tsx';
import { useChartTheme } from './pageTheme.ts';
import { figureImage } from './plotly.ts';
import { seriesRequest, type SeriesHost } from './seriesFeed.ts';
import type { Zoom } from './zoom.ts';

export interface ChartCardProps {
  host: SeriesHost;
  desktop: Pick<Desktop, 'saveFile'>;
  metric: string;
  /** What the page says for all charts. */
  shared: Pick<ChartSpec, 'x' | 'logX' | 'logY' | 'smoothing'>;
  runs: readonly ChartRun[];
  hovered: string | undefined;
  onHover(runId: string | undefined): void;
  onOpen?(runId: string): void;
}

export const xAxisNames: Record<XAxis, string> = { step: 'Step', relative: 'Time since start', time: 'Time of day' };
/** Of an exported picture, in CSS pixels. */
const exported = { width: 960, height: 540 };

export function ChartCard({ host, desktop, metric, shared, runs, hovered, onHover, onOpen }: ChartCardProps) {
  const [own, setOwn] = useState<Partial<Pick<ChartSpec, 'x' | 'logX' | 'logY' | 'clip'>>>({});
  const [zoom, setZoom] = useState<{ axis: string; zoom: Zoom }>();
  const [stepless, setStepless] = useState(false);
  const [outliers, setOutliers] = useState<Outliers>();
  const [withPoints, setWithPoints] = useState('');
  const [large, setLarge] = useState(false);
  const [failure, setFailure] = useState<string>();
  const read = useRef<{ lines: readonly SeriesLine[]; whole: Range | undefined }>({ lines: [], whole: undefined });
  const theme = useChartTheme();

  // Scripts that never name a step log all points at step 0; their course is one over time.
  const x = own.x ?? (stepless && shared.x === 'step' ? 'relative' : shared.x);
  const logX = own.logX ?? shared.logX;
  const logY = own.logY ?? shared.logY;
  const clip = own.clip ?? false;
  // A zoom is in the units of its axes; with other axes it means nothing.
  const axis = `${x} ${logX} ${logY}`;
  const shown = zoom?.axis === axis ? zoom.zoom : undefined;
  const spec = useMemo(
    () => chartOf(metric, { x, logX, logY, clip, smoothing: shared.smoothing, window: shown?.window, yWindow: shown?.yWindow }),
    [metric, x, logX, logY, clip, shared.smoothing, shown],
  );
  const zoomed = shown?.window !== undefined || shown?.yWindow !== undefined;

  /** The points that the picture's own width can show; a card may have read fewer. */
  const finely = async (): Promise<readonly SeriesLine[]> =>
    (await host.call('series.read', seriesRequest(spec, runs.map((run) => run.id), exported.width))).lines;
  const save = async (kind: 'png' | 'svg' | 'csv'): Promise<void> => {
    const name = `${metric.replaceAll(/[^\w.-]+/g, '-')}.${kind}`;
    const names = new Map(runs.map((run) => [run.id, run.name]));
    try {
      const bytes =
        kind === 'csv'
          ? new TextEncoder().encode(linesToCsv(read.current.lines, metric, x, (id) => names.get(id) ?? id))
          : await figureImage(figure(spec, runs, await finely(), theme, exported, { title: clip && outliers ? `${metric} (${percent(outliers.share)} of the points lie off the axis)` : metric, whole: read.current.whole }), kind);
      await desktop.saveFile(name, bytes);
      setFailure(undefined);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };

  const chart = (
    <LineChart
      host={host}
      spec={spec}
      runs={runs}
      hovered={hovered}
      onHover={onHover}
      onOpen={onOpen}
      onZoom={(next) => setZoom({ axis, zoom: next })}
      onOutliers={setOutliers}
      onLines={(lines, whole) => {
        read.current = { lines, whole };
        setWithPoints(lines.flatMap((line) => (line.x.length > 0 ? line.runId : [])).join(' '));
        if (x === 'step' && own.x === undefined && haveNoSteps(lines)) setStepless(true);
      }}
    />
  );
  const menu = (
    <Menu>
      <MenuDivider title="X axis" />
      {xAxes.map((name) => (
        <Choice key={name} text={xAxisNames[name]} on={x === name} onClick={() => setOwn({ ...own, x: name })} />
      ))}
      <MenuDivider title="Scale" />
      <Choice text="Logarithmic x" on={logX} disabled={x === 'time'} onClick={() => setOwn({ ...own, logX: !logX })} />
      <Choice text="Logarithmic y" on={logY} onClick={() => setOwn({ ...own, logY: !logY })} />
      <MenuItem text="Same as the page" disabled={Object.keys(own).length === 0} onClick={() => setOwn({})} />
      <MenuDivider title="Save as" />
      <MenuItem text="Picture (PNG)" onClick={() => void save('png')} />
      <MenuItem text="Vector graphic (SVG)" onClick={() => void save('svg')} />
      <MenuItem text="Points as drawn (CSV)" onClick={() => void save('csv')} />
    </Menu>
  );
  const tools = (
    <div className="chart-tools">
      {zoomed ? <Button variant="minimal" size="small" icon={<ResetZoomIcon />} title="Show everything (double-click)" aria-label="Show everything" onClick={() => setZoom(undefined)} /> : null}
      <Button variant="minimal" size="small" text="log" active={logY} title="Logarithmic y" aria-pressed={logY} onClick={() => setOwn({ ...own, logY: !logY })} />
      {large ? null : <Button variant="minimal" size="small" icon={<ExpandIcon />} title="Full screen" aria-label={`${metric} in full screen`} onClick={() => setLarge(true)} />}
      <PopoverNext content={menu} placement="bottom-end" arrow={false} animation="minimal">
        <Button variant="minimal" size="small" icon={<MoreIcon />} title="Axes and files" aria-label={`Menu of ${metric}`} />
      </PopoverNext>
    </div>
  );
  const clipping = outliers ? (
    <Button
      variant="minimal"
      size="small"
      className="chart-clip"
      active={clip}
      aria-pressed={clip}
      text={clip ? `${percent(outliers.share)} off the axis` : 'Clip outliers'}
      title={`${percent(outliers.share)} of the drawn points flatten all others. ${clip ? 'Show them again' : 'Leave them off the axis; the points themselves stay'}`}
      onClick={() => setOwn({ ...own, clip: !clip })}
    />
  ) : null;
  const note = failure ? <p className="chart-failure" role="alert">The file could not be made: {failure}</p> : null;

  return (
    <article className="chart-card" data-zoomed={zoomed || undefined} data-own={Object.keys(own).length > 0 || undefined} aria-label={metric}>
      <CardHead metric={metric} note={stepless && x === 'relative' ? 'logged without steps' : undefined}>
        {clipping}
        {tools}
      </CardHead>
      {note}
      {large ? <div className="chart" /> : chart}
      <Dialog isOpen={large} onClose={() => setLarge(false)} className="chart-large" aria-label={metric}>
        <CardHead metric={metric}>
          {clipping}
          {tools}
          <Button variant="minimal" size="small" icon={<CloseIcon />} aria-label="Close" title="Close (Esc)" onClick={() => setLarge(false)} />
        </CardHead>
        {note}
        {large ? chart : null}
        <RunLegend runs={runs.filter(({ id }) => withPoints.includes(id))} hovered={hovered} onHover={onHover} />
      </Dialog>
    </article>
  );
}

function CardHead({ metric, note, children }: { metric: string; note?: string; children: ReactNode }) {
  const slash = metric.lastIndexOf('/') + 1;
  return (
    <header className="chart-head">
      <h3 title={metric}>
        {slash > 1 ? <span>{metric.slice(0, slash)}</span> : null}
        {slash > 1 ? metric.slice(slash) : metric}
        {note ? <small>{note}</small> : null}
      </h3>
      {children}
    </header>
  );
}

/** Which line is whose; on the page itself the table says it. */
function RunLegend({ runs, hovered, onHover }: Pick<ChartCardProps, 'runs' | 'hovered' | 'onHover'>) {
  return (
    <ul className="chart-legend" onMouseLeave={() => onHover(undefined)}>
      {runs.map((run) => (
        <li key={run.id} data-faded={hovered !== undefined && hovered !== run.id} onMouseEnter={() => onHover(run.id)}>
          <LineKey color={run.color} dash={run.dash} />
          {run.name}
        </li>
      ))}
    </ul>
  );
}

/** `1.4 %`; never nought for what is there. */
function percent(share: number): string {
  return share < 0.001 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`;
}

function Choice({ text, on, disabled, onClick }: { text: string; on: boolean; disabled?: boolean; onClick(): void }) {
  return (
    <MenuItem
      text={text}
      disabled={disabled}
      shouldDismissPopover={false}
      roleStructure="listoption"
      selected={on}
      onClick={onClick}
    />
  );
}
