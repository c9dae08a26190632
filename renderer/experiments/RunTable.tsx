/**
 * The runs of an experiment as a grid that is virtual both ways: 100,000 lines or 12,000 columns cost what is on screen.
 * The grid itself has the focus; one line is active and follows its run when rows move. Checked, shown and hovered runs live in
 * state/selection.ts, so charts follow.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useApp, useRuns, useSelection, useView, useVisibleRuns } from '../state/context.tsx';
import { toggleSort } from '../state/view.ts';
import { dashesFor } from '../ui/palette.ts';
import { useNow } from '../ui/widgets.tsx';
import type { RunActions } from './actions.ts';
import { longestTexts } from './cellText.ts';
import { layOut, moveColumn, nameColumn } from './columns.ts';
import { extentsOf, hasNesting, isNested, linesOf, type TableLine } from './lines.ts';
import { RunRow, type RowEvents } from './RunRow.tsx';
import { headHeight, leadingWidth, TableHead, type HeadEvents } from './TableHead.tsx';
import { TableMenu, type MenuTarget } from './TableMenu.tsx';
import { tableKey } from './tableKeys.ts';

const rowHeight = 28;
const overscanPx = 240;

export interface RunTableProps {
  /** Shown columns in order. */
  shown: readonly string[];
  actions: RunActions;
  onFilterFocus: () => void;
  onTag: (runIds: readonly string[]) => void;
}

export function RunTable({ shown, actions, onFilterFocus, onTag }: RunTableProps) {
  const { runs, selection, view } = useApp();
  const navigate = useNavigate();
  const rows = useRuns((state) => state.rows);
  const complete = useRuns((state) => state.complete);
  const loading = useRuns((state) => state.loading);
  const pinned = useView((state) => state.pinned);
  const widths = useView((state) => state.widths);
  const sort = useView((state) => state.sort);
  const trash = useView((state) => state.trash);
  const checkedCount = useSelection((state) => state.checked.size);
  const visible = useVisibleRuns();
  const slots = useSelection((state) => state.slots);
  /** Of the runs that are drawn, the pattern of their lines. */
  const dashes = useMemo(() => {
    const ids = visible.map(({ id }) => id);
    const patterns = dashesFor(ids, slots);
    return new Map(ids.map((id, index) => [id, patterns[index] ?? 'solid']));
  }, [visible, slots]);

  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState<{ index: number; id?: string }>({ index: 0 });
  const [renaming, setRenaming] = useState<string>();
  const [menu, setMenu] = useState<MenuTarget>();
  const lastChecked = useRef(0);
  const scroller = useRef<HTMLDivElement>(null);

  const now = useNow(20_000);
  const lines = useMemo(() => linesOf(rows, complete, folded), [rows, complete, folded]);
  const [lengths, setLengths] = useState<ReadonlyMap<string, number>>(new Map());
  const measured = longestTexts(lengths, [nameColumn.id, ...shown], rows);
  if (measured !== lengths) setLengths(measured);
  const [room, setRoom] = useState<number>();
  const layout = useMemo(() => layOut(shown, pinned, widths, leadingWidth, measured, room), [shown, pinned, widths, measured, room]);
  const extents = useMemo(() => {
    const metrics = shown.filter((id) => id.startsWith('metrics.')).map((id) => id.slice('metrics.'.length));
    return complete ? extentsOf(rows, metrics) : new Map();
  }, [rows, complete, shown]);
  const nested = useMemo(() => hasNesting(lines) || lines.some((line) => line && isNested(line.run)), [lines]);
  const activeIndex = indexOf(lines, active);
  const activeLine = lines[activeIndex];

  const rowWindow = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    paddingStart: headHeight,
    scrollPaddingStart: headHeight,
    scrollPaddingEnd: rowHeight,
    useFlushSync: false,
  });
  const columnWindow = useVirtualizer({
    horizontal: true,
    count: layout.scrolling.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => layout.scrolling[index]?.width ?? 0,
    paddingStart: layout.pinnedWidth,
    scrollPaddingStart: layout.pinnedWidth,
    useFlushSync: false,
    overscan: Math.ceil(overscanPx / 100),
  });
  // Widths are ours; the virtualizer must forget the ones it remembers.
  useEffect(() => columnWindow.measure(), [columnWindow, layout]);
  const columnItems = columnWindow.getVirtualItems();
  const [firstColumn, lastColumn] = [columnItems[0]?.index ?? 0, columnItems.at(-1)?.index ?? -1];
  // The same array while the same columns are on screen: rows that stay need not draw again.
  const columns = useMemo(() => layout.scrolling.slice(firstColumn, lastColumn + 1), [layout, firstColumn, lastColumn]);
  const items = rowWindow.getVirtualItems();
  const [from, to] = [items[0]?.index ?? 0, (items.at(-1)?.index ?? 0) + 1];
  useEffect(() => runs.want(from, to), [runs, from, to]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setRoom(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const latest = useRef({ lines });
  useEffect(() => {
    latest.current = { lines };
  });
  const focusGrid = useCallback(() => scroller.current?.focus({ preventScroll: true }), []);

  const events = useMemo<RowEvents>(
    () => ({
      onActivate: (index) => {
        focusGrid();
        setActive({ index, id: latest.current.lines[index]?.run.id });
      },
      onCheck: (index, on, range) => {
        const [start, end] = range ? [Math.min(index, lastChecked.current), Math.max(index, lastChecked.current)] : [index, index];
        const ids = latest.current.lines.slice(start, end + 1).flatMap((line) => line?.run.id ?? []);
        selection.getState().check(ids, on);
        lastChecked.current = index;
      },
      onEye: (index, on) => {
        const id = latest.current.lines[index]?.run.id;
        if (id) selection.getState().setEye(id, on);
      },
      onFold: (id) => setFolded((old) => toggled(old, id)),
      onMenu: (index, x, y) => {
        const run = latest.current.lines[index]?.run;
        setActive({ index, id: run?.id });
        if (run) setMenu({ kind: 'run', run, x, y });
      },
      onRename: (index, name) => {
        const run = latest.current.lines[index]?.run;
        if (name !== undefined && run) void actions.rename(run, name);
        else {
          setRenaming(undefined);
          focusGrid();
        }
      },
    }),
    [selection, actions, focusGrid],
  );

  const headEvents = useMemo<HeadEvents>(
    () => ({
      onSort: (column, add) => view.getState().change({ sort: toggleSort(view.getState().sort, column, add) }),
      onResize: (column, width) => view.getState().change({ widths: { ...view.getState().widths, [column]: width } }),
      onMove: (column, before) => view.getState().change({ columns: moveColumn(shown, column, before) }),
      onMenu: (column, x, y) => setMenu({ kind: 'column', column, x, y }),
      onCheckAll: (on) => {
        if (on) selection.getState().check(latest.current.lines.flatMap((line) => line?.run.id ?? []), true);
        else selection.getState().clearChecked();
      },
      onEyeMenu: (x, y) => setMenu({ kind: 'eye', x, y }),
      onLeave: focusGrid,
      onFocus: (column) => {
        const index = layout.scrolling.findIndex(({ id }) => id === column.id);
        if (index >= 0) columnWindow.scrollToIndex(index);
      },
    }),
    [view, selection, shown, layout, columnWindow, focusGrid],
  );

  const move = (index: number): void => {
    const next = Math.max(0, Math.min(lines.length - 1, index));
    setActive({ index: next, id: lines[next]?.run.id });
    rowWindow.scrollToIndex(next);
    selection.getState().hover(lines[next]?.run.id);
  };

  const onKeyDown = (event: React.KeyboardEvent): void => {
    // Boxes and eyes in a row take clicks, not keys; header and open fields have keys of their own.
    const inRow = event.target instanceof HTMLElement && event.target.closest('.run-row') && !event.target.matches('.inline-edit');
    if (event.target !== scroller.current && !inRow) return;
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - headHeight) / rowHeight) - 1);
    const command = tableKey(event);
    if (!command) return;
    event.preventDefault();
    focusGrid();
    const run = activeLine?.run;
    switch (command) {
      case 'up':
        if (activeIndex === 0) scroller.current?.querySelector<HTMLElement>('.head-label[tabindex="0"]')?.focus();
        else move(activeIndex - 1);
        break;
      case 'down':
        move(activeIndex + 1);
        break;
      case 'first':
        move(0);
        break;
      case 'last':
        move(lines.length - 1);
        break;
      case 'pageUp':
        move(activeIndex - page);
        break;
      case 'pageDown':
        move(activeIndex + page);
        break;
      case 'left':
        if (activeLine?.open) setFolded((old) => toggled(old, activeLine.run.id));
        else if (activeLine && activeLine.depth > 0) move(parentIndex(lines, activeIndex));
        else scroller.current?.scrollBy({ left: -160 });
        break;
      case 'right':
        if (activeLine && activeLine.children > 0 && !activeLine.open) setFolded((old) => toggled(old, activeLine.run.id));
        else scroller.current?.scrollBy({ left: 160 });
        break;
      case 'check':
        if (run) events.onCheck(activeIndex, !selection.getState().checked.has(run.id), false);
        break;
      case 'checkAll':
        headEvents.onCheckAll(true);
        break;
      case 'eye':
        if (run) events.onEye(activeIndex, !dashes.has(run.id));
        break;
      case 'open':
        if (run) void navigate(`/runs/${run.id}`);
        break;
      case 'rename':
        if (run && !trash) setRenaming(run.id);
        break;
      case 'trash': {
        const { checked } = selection.getState();
        const ids = checked.size > 0 ? [...checked] : run ? [run.id] : [];
        if (ids.length > 0 && !trash) void actions.trash(ids);
        break;
      }
      case 'filter':
        onFilterFocus();
        break;
      case 'menu': {
        const box = document.getElementById(`run-${run?.id}`)?.getBoundingClientRect();
        if (run && box) setMenu({ kind: 'run', run, x: box.left + 120, y: box.bottom });
        break;
      }
      case 'leave':
        if (selection.getState().checked.size > 0) selection.getState().clearChecked();
        else scroller.current?.blur();
    }
  };

  return (
    <>
      <div
        ref={scroller}
        className="run-table"
        role={nested ? 'treegrid' : 'grid'}
        tabIndex={0}
        aria-label="Runs"
        aria-rowcount={lines.length + 1}
        aria-colcount={layout.pinned.length + layout.scrolling.length + 2}
        aria-multiselectable
        aria-busy={loading}
        aria-activedescendant={activeLine && items.some(({ index }) => index === activeIndex) ? `run-${activeLine.run.id}` : undefined}
        onKeyDown={onKeyDown}
        onMouseLeave={() => selection.getState().hover(undefined)}
      >
        <TableHead
          layout={layout}
          columns={columns}
          sort={sort}
          checked={checkedCount === 0 ? 'none' : checkedCount >= lines.length ? 'all' : 'some'}
          events={headEvents}
        />
        <div className="run-rows" style={{ height: rowWindow.getTotalSize() - headHeight, width: layout.width }} data-refreshing={loading || undefined}>
          {items.map(({ index, start }) => (
            <RunRow
              key={lines[index]?.run.id ?? `line-${index}`}
              line={lines[index]}
              index={index}
              top={start - headHeight}
              width={layout.width}
              pinned={layout.pinned}
              pinnedWidth={layout.pinnedWidth}
              columns={columns}
              extents={extents}
              active={index === activeIndex}
              shown={dashes.has(lines[index]?.run.id ?? '')}
              dash={dashes.get(lines[index]?.run.id ?? '')}
              indent={nested}
              now={now}
              renaming={renaming !== undefined && renaming === lines[index]?.run.id}
              events={events}
            />
          ))}
        </div>
      </div>
      {menu && (
        <TableMenu
          target={menu}
          shown={shown}
          actions={actions}
          onClose={() => {
            setMenu(undefined);
            focusGrid();
          }}
          onOpen={(runId) => void navigate(`/runs/${runId}`)}
          onRename={setRenaming}
          onTag={onTag}
        />
      )}
    </>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** Where the active run stands now: it is followed when rows move, and its place is kept when it is gone. */
function indexOf(lines: readonly TableLine[], active: { index: number; id?: string }): number {
  const { index, id } = active;
  if (id !== undefined && lines[index]?.run.id !== id) {
    const moved = lines.findIndex((line) => line?.run.id === id);
    if (moved >= 0) return moved;
  }
  return Math.max(0, Math.min(lines.length - 1, index));
}

function parentIndex(lines: readonly TableLine[], index: number): number {
  const depth = lines[index]?.depth ?? 0;
  for (let above = index - 1; above >= 0; above--) if ((lines[above]?.depth ?? 0) < depth) return above;
  return index;
}
