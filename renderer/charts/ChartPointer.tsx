/**
 * What follows the pointer over a chart: crosshair, a dot on each line, and a small table of values, nearest line first.
 * Drawn above Plotly and deaf to the mouse itself, so that dragging reaches the plot. Arrow keys move it too.
 */
import { useContext, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { formatClock, formatDuration, formatNumber, fullNumber } from '../ui/format.ts';
import type { XAxis } from './chartSpec.ts';
import { CrosshairContext, useCrosshair } from './crosshair.ts';
import type { Figure } from './figure.ts';
import { hitsAt, type Hit } from './nearest.ts';

export interface ChartPointerProps {
  figure: Figure;
  axis: XAxis;
  hovered: string | undefined;
  onHover(runId: string | undefined): void;
  onOpen?(runId: string): void;
  onReset(): void;
  children: ReactNode;
}

/** Within so many pixels a line counts as pointed at. */
const reach = 32;
const tableRows = 8;

export function ChartPointer({ figure, axis, hovered, onHover, onOpen, onReset, children }: ChartPointerProps) {
  const crosshair = useContext(CrosshairContext);
  const shared = useCrosshair(axis);
  const [pointer, setPointer] = useState<{ left: number; top: number }>();
  const { plot } = figure;

  const point = (left: number, top: number): void => {
    const inside = left >= -4 && left <= plot.width + 4 && top >= -4 && top <= plot.height + 4;
    if (!inside) return leave();
    setPointer({ left, top });
    crosshair?.move({ x: figure.xAt(left), axis });
    const [nearest] = hitsAt(figure, figure.xAt(left), top);
    onHover(nearest && nearest.distance <= reach ? nearest.line.run.id : undefined);
  };
  const leave = (): void => {
    if (!pointer) return;
    setPointer(undefined);
    crosshair?.move(undefined);
    onHover(undefined);
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    // While a button is down the person is zooming.
    if (event.buttons !== 0) return leave();
    const box = event.currentTarget.getBoundingClientRect();
    point(event.clientX - box.left - plot.left, event.clientY - box.top - plot.top);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.shiftKey ? 0.1 : 0.02;
    const at = pointer ?? { left: plot.width / 2, top: plot.height / 2 };
    const moves: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[event.key];
    if (move) point(clamp(at.left + move[0] * step * plot.width, plot.width), clamp(at.top + move[1] * step * plot.height, plot.height));
    else if (event.key === 'Enter' && hovered) onOpen?.(hovered);
    else if (event.key === 'Escape' && pointer) leave();
    else if (event.key === '0') onReset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const x = pointer ? figure.xAt(pointer.left) : shared?.x;
  const hits = x === undefined ? [] : hitsAt(figure, x, pointer?.top);
  const atX = x === undefined ? 0 : figure.pixelOfX(x);
  const visible = x !== undefined && atX >= -1 && atX <= plot.width + 1;

  return (
    <div
      className="chart-pointer"
      tabIndex={0}
      role="group"
      aria-label="Chart. Arrow keys read values, 0 shows everything."
      onPointerMove={onPointerMove}
      onPointerLeave={leave}
      onBlur={leave}
      onKeyDown={onKeyDown}
    >
      {children}
      {visible ? (
        <svg className="chart-cross" style={{ left: plot.left, top: plot.top }} width={plot.width} height={plot.height} aria-hidden>
          <line x1={atX} x2={atX} y1={0} y2={plot.height} />
          {hits.slice(0, 40).map((hit) => (
            <circle key={hit.line.run.id} cx={figure.pixelOfX(hit.x)} cy={figure.pixelOfY(hit.y)} r={hit.line.run.id === hovered ? 4 : 2.5} fill={hit.line.run.color} />
          ))}
        </svg>
      ) : null}
      {pointer && hits.length ? <PointerTable hits={hits} hovered={hovered} axis={axis} style={besidePointer(pointer, figure)} /> : null}
    </div>
  );
}

interface PointerTableProps {
  hits: readonly Hit[];
  hovered: string | undefined;
  axis: XAxis;
  style: Record<string, number>;
}

function PointerTable({ hits, hovered, axis, style }: PointerTableProps) {
  const shown = hits.slice(0, tableRows);
  const smoothed = shown.some((hit) => hit.raw !== hit.y);
  return (
    <div className="chart-values" style={style} role="status">
      <table>
        <caption>{xLabel(axis, shown[0]!.x)}</caption>
        <tbody>
          {shown.map(({ line: { run }, y, raw }) => (
            <tr key={run.id} data-hovered={run.id === hovered}>
              <td>
                <i style={{ background: run.color }} />
                <span>{run.label}</span>
              </td>
              <td title={fullNumber(y)}>{formatNumber(y)}</td>
              {smoothed ? <td className="chart-values-raw">{formatNumber(raw)}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
      {hits.length > shown.length ? <p>{hits.length - shown.length} more</p> : null}
    </div>
  );
}

function xLabel(axis: XAxis, x: number): string {
  if (axis === 'step') return `step ${x.toLocaleString('en-US')}`;
  return axis === 'relative' ? `after ${formatDuration(x * 1000)}` : formatClock(x, Date.now());
}

/** Right of the pointer, or left of it in the right half; never under it. */
function besidePointer({ left, top }: { left: number; top: number }, { plot, layout }: Figure): Record<string, number> {
  const above = top > plot.height * 0.55;
  return {
    ...(left > plot.width / 2 ? { right: layout.width - plot.left - left + 14 } : { left: plot.left + left + 14 }),
    ...(above ? { bottom: layout.height - plot.top - top + 10 } : { top: plot.top + top + 10 }),
  };
}

function clamp(value: number, greatest: number): number {
  return Math.min(greatest, Math.max(0, value));
}
