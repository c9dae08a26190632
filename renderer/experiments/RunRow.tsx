/** One run's line: the pinned part stays at the left edge, the rest scrolls under it. Re-rendered only when its own run changes. */
import { memo } from 'react';
import { Link } from 'react-router';
import { useSelection } from '../state/context.tsx';
import { ChevronIcon } from '../ui/icons.tsx';
import { InlineEdit } from '../ui/InlineEdit.tsx';
import { slotOf } from '../ui/palette.ts';
import { EyeToggle, LineKey, Skeleton, StatusDot, type Tone } from '../ui/widgets.tsx';
import type { PlacedColumn } from './columns.ts';
import type { Extent, TableLine } from './lines.ts';
import { RunCell, statusWord } from './RunCell.tsx';

export interface RowEvents {
  onActivate(index: number): void;
  onCheck(index: number, on: boolean, range: boolean): void;
  onEye(index: number, on: boolean): void;
  onFold(runId: string): void;
  onMenu(index: number, x: number, y: number): void;
  onRename(index: number, name: string | undefined): void;
}

export interface RunRowProps {
  line: TableLine;
  index: number;
  top: number;
  width: number;
  pinned: readonly PlacedColumn[];
  pinnedWidth: number;
  columns: readonly PlacedColumn[];
  extents: ReadonlyMap<string, Extent>;
  active: boolean;
  shown: boolean;
  /** The pattern of its lines on the charts. */
  dash: string | undefined;
  indent: boolean;
  renaming: boolean;
  /** The clock for relative times, one for all lines. */
  now: number;
  events: RowEvents;
}

const tones: Record<string, Tone> = { RUNNING: 'live', FINISHED: 'quiet', FAILED: 'bad', KILLED: 'warn', SCHEDULED: 'hollow' };

export const RunRow = memo(function RunRow(props: RunRowProps) {
  const { line, index, top, width, pinned, pinnedWidth, columns, extents, active, events } = props;
  const id = line?.run.id ?? '';
  const hovered = useSelection((state) => id !== '' && state.hovered === id);
  const checked = useSelection((state) => state.checked.has(id));
  const hover = useSelection((state) => state.hover);
  if (!line) {
    return (
      <div role="row" className="run-row" aria-rowindex={index + 2} aria-busy style={{ top, width }}>
        <div className="row-pinned" style={{ width: pinnedWidth }}>
          <div className="cell" style={{ left: 84 }}>
            <Skeleton width={90 + ((index * 37) % 80)} />
          </div>
        </div>
      </div>
    );
  }
  const { run } = line;
  const [name, ...otherPinned] = pinned;
  return (
    <div
      role="row"
      id={`run-${id}`}
      className="run-row"
      aria-rowindex={index + 2}
      aria-selected={checked}
      aria-level={line.depth + 1}
      aria-expanded={line.children > 0 ? line.open : undefined}
      data-active={active || undefined}
      data-hovered={hovered || undefined}
      data-run={id}
      style={{ top, width }}
      onMouseEnter={() => hover(id)}
      onMouseDown={(event) => {
        if (event.button !== 0 || (event.target instanceof HTMLElement && event.target.matches('.inline-edit'))) return;
        // The grid keeps the focus, so that its keys go on working after a click.
        event.preventDefault();
        events.onActivate(index);
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        events.onMenu(index, event.clientX, event.clientY);
      }}
    >
      <div className="row-pinned" style={{ width: pinnedWidth }}>
        <div role="gridcell" className="cell cell-check" style={{ left: 0, width: 34 }}>
          <label className="check-area">
            <input
              type="checkbox"
              className="check"
              checked={checked}
              tabIndex={-1}
              aria-label={`Check ${run.name}`}
              onChange={(event) => events.onCheck(index, !checked, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
            />
          </label>
        </div>
        <div role="gridcell" className="cell cell-eye" style={{ left: 34, width: 26 }}>
          <EyeToggle on={props.shown} tabIndex={-1} label={props.shown ? 'Hide its curves' : 'Show its curves'} onChange={(on) => events.onEye(index, on)} />
        </div>
        {name && (
          <div role="rowheader" className="cell cell-name" style={{ left: name.left, width: name.width, paddingLeft: 4 + line.depth * 18 }}>
            {props.indent && <Expander line={line} onFold={() => events.onFold(id)} />}
            <RowKey id={id} shown={props.shown} dash={props.dash} />
            {props.renaming ? (
              <InlineEdit editing value={run.name} label="Name of the run" onSave={(next) => events.onRename(index, next)} onDone={() => events.onRename(index, undefined)} />
            ) : (
              <Link to={`/runs/${id}`} className="run-name" tabIndex={-1} title={run.name} aria-label={run.name || id} draggable={false}>
                <RunName name={run.name || id} />
              </Link>
            )}
            {line.children > 0 && !line.open && <span className="child-count tabular">{line.children}</span>}
            <span className="name-gap" />
            <StatusDot tone={tones[run.status] ?? 'quiet'} label={statusWord(run.status)} />
          </div>
        )}
        {otherPinned.map((column) => (
          <RunCell key={column.id} run={run} column={column} now={props.now} extent={extents.get(column.key)} />
        ))}
      </div>
      {columns.map((column) => (
        <RunCell key={column.id} run={run} column={column} now={props.now} extent={column.kind === 'metric' ? extents.get(column.key) : undefined} />
      ))}
    </div>
  );
});

/** Long names of one script often differ only at their end, so the end stays when there is no room for all. */
function RunName({ name }: { name: string }) {
  if (name.length <= 22) return <span className="name-start">{name}</span>;
  return (
    <>
      <span className="name-start">{name.slice(0, -7)}</span>
      <span className="name-end">{name.slice(-7)}</span>
    </>
  );
}

function RowKey({ id, shown, dash }: { id: string; shown: boolean; dash: string | undefined }) {
  const slot = useSelection((state) => slotOf(id, state.slots));
  return <LineKey color={shown ? `var(--run-${slot})` : 'var(--line-strong)'} dash={shown ? dash : undefined} />;
}

function Expander({ line, onFold }: { line: NonNullable<TableLine>; onFold: () => void }) {
  if (line.children === 0) return <span className="expander" aria-hidden />;
  return (
    <button type="button" className="expander" tabIndex={-1} data-open={line.open || undefined} aria-label={line.open ? 'Fold nested runs' : 'Unfold nested runs'} onClick={onFold}>
      <ChevronIcon size={12} />
    </button>
  );
}
