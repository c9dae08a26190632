/**
 * All metrics of some runs as a page of charts: sections by prefix, one search box, one set of axes and smoothing.
 * A chart is drawn while it is near the screen; thousands of metrics cost empty boxes.
 */
import { Button, InputGroup, SegmentedControl, Slider } from '@blueprintjs/core';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Desktop } from '#contract';
import { ChevronIcon, SearchIcon } from '../ui/icons.tsx';
import { EmptyState, Skeleton } from '../ui/widgets.tsx';
import { ChartCard, xAxisNames } from './ChartCard.tsx';
import { xAxes, type XAxis } from './chartSpec.ts';
import { readControls, writeControls, type BoardControls } from './controls.ts';
import { createCrosshair, CrosshairContext } from './crosshair.ts';
import type { ChartRun } from './figure.ts';
import { groupMetrics } from './groups.ts';
import type { SeriesHost } from './seriesFeed.ts';
import './charts.css';

export interface ChartsBoardProps {
  host: SeriesHost;
  desktop: Pick<Desktop, 'saveFile'>;
  /** Keys, any order; undefined while they are not known. */
  metrics: readonly string[] | undefined;
  runs: readonly ChartRun[];
  hovered: string | undefined;
  onHover(runId: string | undefined): void;
  onOpen?(runId: string): void;
  storage?: Storage;
  /** Where the controls are kept on this machine. */
  storageKey: string;
  /** Said beside the search box: which runs these are. */
  legend?: ReactNode;
}

export function ChartsBoard(props: ChartsBoardProps) {
  const { metrics, storage, storageKey, legend, ...charts } = props;
  const [controls, setControls] = useState(() => readControls(storage, storageKey));
  const [search, setSearch] = useState('');
  const [crosshair] = useState(createCrosshair);
  const groups = useMemo(() => groupMetrics(metrics ?? [], search), [metrics, search]);
  const change = (part: Partial<BoardControls>): void => {
    const next = { ...controls, ...part };
    setControls(next);
    writeControls(storage, storageKey, next);
  };
  const fold = (name: string): void =>
    change({ folded: controls.folded.includes(name) ? controls.folded.filter((other) => other !== name) : [...controls.folded, name] });

  if (metrics?.length === 0) {
    return (
      <EmptyState title="No metrics yet">
        <p>As soon as a script logs a metric, its chart appears here and grows while the script runs.</p>
      </EmptyState>
    );
  }
  return (
    <CrosshairContext value={crosshair}>
      <div className="board">
        <BoardBar controls={controls} onChange={change} search={search} onSearch={setSearch} legend={legend} />
        <div className="board-scroll">
          {metrics === undefined ? <BoardSkeleton /> : null}
          {metrics && groups.length === 0 ? <p className="board-none">No metric is called “{search}”.</p> : null}
          {groups.map((group) => {
            const open = search !== '' || !controls.folded.includes(group.name);
            return (
              <section key={group.name} className="board-group">
                {groups.length > 1 || group.name ? (
                  <h2>
                    <button type="button" aria-expanded={open} onClick={() => fold(group.name)}>
                      <ChevronIcon size={12} />
                      {group.name || 'Metrics'}
                      <span>{group.metrics.length}</span>
                    </button>
                  </h2>
                ) : null}
                {open ? (
                  <div className="board-grid" data-columns={controls.columns}>
                    {group.metrics.map((metric) => (
                      <NearScreen key={metric}>
                        <ChartCard {...charts} metric={metric} shared={controls} />
                      </NearScreen>
                    ))}
                  </div>
                ) : null}
              </section>
            );
          })}
        </div>
      </div>
    </CrosshairContext>
  );
}

interface BoardBarProps {
  controls: BoardControls;
  onChange(part: Partial<BoardControls>): void;
  search: string;
  onSearch(search: string): void;
  legend: ReactNode;
}

function BoardBar({ controls, onChange, search, onSearch, legend }: BoardBarProps) {
  return (
    <div className="board-bar" role="toolbar" aria-label="All charts">
      <InputGroup
        className="board-search"
        size="small"
        leftIcon={<span className="bp6-icon"><SearchIcon /></span>}
        placeholder="Search metrics"
        aria-label="Search metrics"
        value={search}
        onValueChange={onSearch}
        onKeyDown={(event) => event.key === 'Escape' && onSearch('')}
      />
      {legend}
      <span className="board-space" />
      <label className="board-smoothing">
        <span>Smoothing</span>
        <Slider min={0} max={0.99} stepSize={0.01} labelRenderer={false} value={controls.smoothing} onChange={(smoothing) => onChange({ smoothing })} handleHtmlProps={{ 'aria-label': 'Smoothing' }} />
        <output className="mono tabular">{controls.smoothing.toFixed(2)}</output>
      </label>
      <SegmentedControl
        size="small"
        aria-label="X axis of all charts"
        options={xAxes.map((value) => ({ value, label: shortNames[value], title: xAxisNames[value] }))}
        value={controls.x}
        onValueChange={(x) => onChange({ x: x as XAxis })}
      />
      <Button variant="minimal" size="small" text="log y" active={controls.logY} aria-pressed={controls.logY} title="Logarithmic y on all charts" onClick={() => onChange({ logY: !controls.logY })} />
    </div>
  );
}

const shortNames: Record<XAxis, string> = { step: 'Step', relative: 'Elapsed', time: 'Time' };

/** Holds the place of its child and draws it only while it is within a screen's height of the view. */
function NearScreen({ children }: { children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => setNear(entry!.isIntersecting), { rootMargin: '600px 0px' });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} className="board-place">
      {near ? children : null}
    </div>
  );
}

function BoardSkeleton() {
  return (
    <div className="board-grid" data-columns="auto">
      {[1, 2, 3, 4].map((place) => (
        <div key={place} className="board-place">
          <Skeleton width="100%" height="100%" />
        </div>
      ))}
    </div>
  );
}
