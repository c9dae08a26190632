/** The table's two header lines: groups, then columns that order, move, widen and pin. Arrow keys walk along them. */
import { useRef, useState } from 'react';
import type { Sort } from '../state/view.ts';
import { ChevronIcon, PinIcon } from '../ui/icons.tsx';
import { maxWidth, minWidth, type Layout, type PlacedColumn } from './columns.ts';

export interface HeadEvents {
  onSort(column: string, add: boolean): void;
  onResize(column: string, width: number): void;
  /** Moves a column before another one; undefined is the end. */
  onMove(column: string, before: string | undefined): void;
  onMenu(column: PlacedColumn, x: number, y: number): void;
  onCheckAll(on: boolean): void;
  onEyeMenu(x: number, y: number): void;
  /** Back to the rows. */
  onLeave(): void;
  /** A column got the focus and should be on screen. */
  onFocus(column: PlacedColumn): void;
}

export interface TableHeadProps {
  layout: Layout;
  columns: readonly PlacedColumn[];
  sort: readonly Sort[];
  checked: 'none' | 'some' | 'all';
  events: HeadEvents;
}

export const headHeight = 52;
export const leadingWidth = 60;

export function TableHead({ layout, columns, sort, checked, events }: TableHeadProps) {
  const all = [...layout.pinned, ...layout.scrolling];
  const [focused, setFocused] = useState('');
  const roving = all.some(({ id }) => id === focused) ? focused : all[0]?.id;
  const [target, setTarget] = useState<string>();

  const walk = (event: React.KeyboardEvent, column: PlacedColumn): void => {
    const index = all.findIndex(({ id }) => id === column.id);
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (event.key === 'ArrowDown' || event.key === 'Escape') events.onLeave();
    else if (event.shiftKey && step) events.onResize(column.id, clampWidth(column.width + step * 16));
    else if (event.altKey && step) moveBy(index, step);
    else if (step) {
      const next = all[index + step];
      if (!next) return;
      setFocused(next.id);
      events.onFocus(next);
      const head = event.currentTarget.closest('.table-head');
      // A column that was off screen is drawn after the scroll.
      requestAnimationFrame(() => requestAnimationFrame(() => head?.querySelector<HTMLElement>(`[data-column="${CSS.escape(next.id)}"] .head-label`)?.focus()));
    } else if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
      const box = event.currentTarget.getBoundingClientRect();
      events.onMenu(column, box.left, box.bottom);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const moveBy = (index: number, step: number): void => {
    const column = all[index];
    const other = all[index + step];
    if (!column || !other || other.pinned !== column.pinned || index + step < 1) return;
    events.onMove(column.id, step < 0 ? other.id : all[index + 2]?.id);
  };

  const head = (column: PlacedColumn) => (
    <HeadCell
      key={column.id}
      column={column}
      sort={sort.find((one) => one.column === column.id)}
      order={sort.length > 1 ? sort.findIndex((one) => one.column === column.id) + 1 : 0}
      tabIndex={column.id === roving ? 0 : -1}
      target={target === column.id}
      events={events}
      onFocus={() => setFocused(column.id)}
      onKeyDown={(event) => walk(event, column)}
      onTarget={setTarget}
    />
  );
  const group = ({ label, left, width }: Layout['groups'][number]) => (
    <div key={left} className="head-group" style={{ left, width }}>
      {label && <span style={{ left: layout.pinnedWidth + 10 }}>{label}</span>}
    </div>
  );
  return (
    <div className="table-head" role="row" aria-rowindex={1} style={{ width: layout.width, height: headHeight }}>
      <div className="head-pinned" style={{ width: layout.pinnedWidth }}>
        {layout.groups.filter(({ pinned }) => pinned).map(group)}
        <div role="columnheader" className="cell cell-check" style={{ left: 0, width: 34 }} aria-label="Checked">
          <input
            type="checkbox"
            className="check"
            ref={(box) => {
              if (box) box.indeterminate = checked === 'some';
            }}
            checked={checked === 'all'}
            aria-label="Check all"
            tabIndex={-1}
            onChange={() => events.onCheckAll(checked !== 'all')}
          />
        </div>
        <div role="columnheader" className="cell cell-eye" style={{ left: 34, width: 26 }} aria-label="Shown">
          <button
            type="button"
            className="eye-menu"
            aria-label="Which runs are drawn"
            title="Which runs are drawn"
            onClick={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              events.onEyeMenu(box.left, box.bottom + 4);
            }}
          >
            <ChevronIcon size={11} />
          </button>
        </div>
        {layout.pinned.map(head)}
      </div>
      {layout.groups.filter(({ pinned }) => !pinned).map(group)}
      {columns.map(head)}
    </div>
  );
}

interface HeadCellProps {
  column: PlacedColumn;
  sort: Sort | undefined;
  order: number;
  tabIndex: number;
  target: boolean;
  events: HeadEvents;
  onFocus: () => void;
  onKeyDown: (event: React.KeyboardEvent) => void;
  onTarget: (column: string | undefined) => void;
}

const dragType = 'application/x-daybook-column';

function HeadCell({ column, sort, order, tabIndex, target, events, onFocus, onKeyDown, onTarget }: HeadCellProps) {
  const fixed = column.id === 'attributes.run_name';
  const arrow = sort ? (sort.desc ? '↓' : '↑') : '';
  return (
    <div
      role="columnheader"
      className={`head-cell ${column.kind === 'metric' ? 'right' : ''}`}
      data-column={column.id}
      data-target={target || undefined}
      aria-sort={sort ? (sort.desc ? 'descending' : 'ascending') : column.sortable ? 'none' : undefined}
      style={{ left: column.left, width: column.width }}
      onDragOver={(event) => {
        if (fixed || !event.dataTransfer.types.includes(dragType)) return;
        event.preventDefault();
        onTarget(column.id);
      }}
      onDragLeave={() => onTarget(undefined)}
      onDrop={(event) => {
        onTarget(undefined);
        const moved = event.dataTransfer.getData(dragType);
        if (moved) events.onMove(moved, column.id);
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        events.onMenu(column, event.clientX, event.clientY);
      }}
    >
      <button
        type="button"
        className="head-label"
        tabIndex={tabIndex}
        draggable={!fixed}
        title={column.sortable ? `${column.id}. Click orders by it, Shift adds to the order` : column.id}
        onDragStart={(event) => {
          event.dataTransfer.setData(dragType, column.id);
          event.dataTransfer.effectAllowed = 'move';
        }}
        onFocus={onFocus}
        onKeyDown={onKeyDown}
        onClick={(event) => column.sortable && events.onSort(column.id, event.shiftKey)}
      >
        {column.pinned && !fixed && <PinIcon size={11} />}
        <span className="head-text">{column.label}</span>
        {arrow && (
          <span className="head-arrow" aria-hidden>
            {arrow}
            {order > 0 && <sub>{order}</sub>}
          </span>
        )}
      </button>
      <Resizer column={column} onResize={(width) => events.onResize(column.id, width)} />
    </div>
  );
}

function Resizer({ column, onResize }: { column: PlacedColumn; onResize: (width: number) => void }) {
  const start = useRef<{ x: number; width: number }>(undefined);
  return (
    <span
      className="resizer"
      aria-hidden
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width: column.width };
      }}
      onPointerMove={(event) => {
        if (start.current) onResize(clampWidth(start.current.width + event.clientX - start.current.x));
      }}
      onPointerUp={() => (start.current = undefined)}
      onPointerCancel={() => (start.current = undefined)}
    />
  );
}

function clampWidth(width: number): number {
  return Math.round(Math.min(maxWidth, Math.max(minWidth, width)));
}
