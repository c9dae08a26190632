/** The menus of a run, of a column, and of the eye in the header. */
import { ContextMenuPopover, Menu, MenuDivider, MenuItem } from '@blueprintjs/core';
import type { ReactElement } from 'react';
import type { Run } from '#model';
import { useApp, useRuns, useSelection, useView } from '../state/context.tsx';
import { formatCount } from '../ui/format.ts';
import { CopyIcon, EyeClosedIcon, EyeIcon, PencilIcon, PinIcon, RestoreIcon, TagIcon, TrashIcon } from '../ui/icons.tsx';
import { lightColors, slotOf } from '../ui/palette.ts';
import type { RunActions } from './actions.ts';
import type { PlacedColumn } from './columns.ts';

export type MenuTarget =
  | { kind: 'run'; run: Run; x: number; y: number }
  | { kind: 'column'; column: PlacedColumn; x: number; y: number }
  | { kind: 'eye'; x: number; y: number };

interface TableMenuProps {
  target: MenuTarget;
  shown: readonly string[];
  actions: RunActions;
  onClose: () => void;
  onOpen: (runId: string) => void;
  onRename: (runId: string) => void;
  onTag: (runIds: readonly string[]) => void;
}

export function TableMenu(props: TableMenuProps) {
  const { target, onClose } = props;
  let content: ReactElement;
  if (target.kind === 'run') content = <RunMenu {...props} run={target.run} />;
  else if (target.kind === 'column') content = <ColumnMenu column={target.column} shown={props.shown} />;
  else content = <EyeMenu />;
  return <ContextMenuPopover isOpen content={content} targetOffset={{ left: target.x, top: target.y }} onClose={onClose} />;
}

function RunMenu({ run, actions, onOpen, onRename, onTag }: TableMenuProps & { run: Run }) {
  const { selection } = useApp();
  const trash = useView((state) => state.trash);
  const checked = useSelection((state) => state.checked);
  const several = checked.size > 1 && checked.has(run.id);
  const ids = several ? [...checked] : [run.id];
  const what = several ? formatCount(ids.length, 'run') : 'run';
  return (
    <Menu>
      <MenuItem text="Open" label="Enter" onClick={() => onOpen(run.id)} />
      {!trash && <MenuItem icon={<PencilIcon />} text="Rename" label="F2" onClick={() => onRename(run.id)} />}
      {!trash && <MenuItem icon={<TagIcon />} text={`Tag ${what}…`} onClick={() => onTag(ids)} />}
      <MenuItem icon={<CopyIcon />} text={several ? 'Copy run ids' : 'Copy run id'} onClick={() => void actions.copyIds(ids)} />
      <MenuItem icon={<EyeIcon />} text="Draw only this" onClick={() => drawOnly(ids)} />
      <MenuDivider title="Colour" />
      <SlotPicker runId={run.id} />
      <MenuDivider />
      {trash ? (
        <MenuItem icon={<RestoreIcon />} text={`Restore ${what}`} onClick={() => void actions.restore(ids)} />
      ) : (
        <MenuItem icon={<TrashIcon />} intent="danger" text={`Move ${what} to the trash`} label="Del" onClick={() => void actions.trash(ids)} />
      )}
    </Menu>
  );

  function drawOnly(runIds: readonly string[]): void {
    selection.getState().setEyeRule({ kind: 'none' });
    for (const id of runIds) selection.getState().setEye(id, true);
  }
}

/** The twenty colours of runs, and the way back to the one that follows from the run's id. */
function SlotPicker({ runId }: { runId: string }) {
  const { selection } = useApp();
  const slots = useSelection((state) => state.slots);
  const current = slotOf(runId, slots);
  return (
    <li className="slot-picker" role="none">
      {lightColors.map((color, slot) => (
        <button
          key={color}
          type="button"
          role="menuitemradio"
          aria-checked={slot === current}
          aria-label={`Colour ${slot + 1}`}
          className="slot"
          style={{ background: `var(--run-${slot})` }}
          onClick={() => selection.getState().pickSlot(runId, slot === slotOf(runId) ? undefined : slot)}
        />
      ))}
    </li>
  );
}

function ColumnMenu({ column, shown }: { column: PlacedColumn; shown: readonly string[] }) {
  const { view } = useApp();
  const pinned = useView((state) => state.pinned);
  const change = view.getState().change;
  const isName = column.id === 'attributes.run_name';
  return (
    <Menu>
      {column.sortable && <MenuItem text="Order ascending" onClick={() => change({ sort: [{ column: column.id, desc: false }] })} />}
      {column.sortable && <MenuItem text="Order descending" onClick={() => change({ sort: [{ column: column.id, desc: true }] })} />}
      {!isName && (
        <>
          <MenuDivider />
          <MenuItem
            icon={<PinIcon />}
            text={column.pinned ? 'Unpin' : 'Pin to the left'}
            onClick={() => change({ pinned: column.pinned ? pinned.filter((id) => id !== column.id) : [...pinned, column.id] })}
          />
          <MenuItem icon={<EyeClosedIcon />} text="Hide the column" onClick={() => change({ columns: shown.filter((id) => id !== column.id) })} />
        </>
      )}
    </Menu>
  );
}

function EyeMenu() {
  const { selection } = useApp();
  const total = useRuns((state) => state.rows.length);
  const set = selection.getState().setEyeRule;
  return (
    <Menu>
      <MenuDivider title="Draw in charts" />
      <MenuItem text="First 10" onClick={() => set({ kind: 'first', count: 10 })} />
      <MenuItem text="First 20" onClick={() => set({ kind: 'first', count: 20 })} />
      <MenuItem text="All" label={total.toLocaleString('en-US')} onClick={() => set({ kind: 'all' })} />
      <MenuItem text="None" onClick={() => set({ kind: 'none' })} />
    </Menu>
  );
}
