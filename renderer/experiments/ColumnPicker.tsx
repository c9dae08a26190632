/** Which columns the table shows: search, tick, pin; hide all that are the same everywhere; back to the automatic choice. */
import { Button, Checkbox, InputGroup } from '@blueprintjs/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { ColumnStat } from '#contract';
import { useApp, useRuns, useView } from '../state/context.tsx';
import { PinIcon, SearchIcon } from '../ui/icons.tsx';
import { allColumns, constantColumns, naturally, type Column } from './columns.ts';

const groupNames = { attribute: 'Run', param: 'Params', metric: 'Metrics', tag: 'Tags' } as const;

type Entry = { kind: 'head'; label: string; count: number } | { kind: 'column'; column: Column; stat: ColumnStat | undefined };

export function ColumnPicker({ shown }: { shown: readonly string[] }) {
  const { view } = useApp();
  const columns = useRuns((state) => state.columns);
  const chosen = useView((state) => state.columns);
  const pinned = useView((state) => state.pinned);
  const [search, setSearch] = useState('');
  const scroller = useRef<HTMLDivElement>(null);
  const constants = useMemo(() => new Set(constantColumns(columns)), [columns]);
  const entries = useMemo(() => entriesOf(columns, search), [columns, search]);
  const isShown = useMemo(() => new Set(shown), [shown]);
  const rows = useVirtualizer({ count: entries.length, getScrollElement: () => scroller.current, estimateSize: () => 28, overscan: 6 });
  const change = view.getState().change;
  const constantsShown = shown.filter((id) => constants.has(id));

  const toggle = (id: string): void => change({ columns: isShown.has(id) ? shown.filter((other) => other !== id) : [...shown, id] });
  return (
    <div className="column-picker">
      <InputGroup autoFocus leftElement={<SearchIcon />} placeholder="Find a param, metric or tag" aria-label="Find a column" value={search} onValueChange={setSearch} />
      <div ref={scroller} className="column-list" role="group" aria-label="Columns">
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const entry = entries[index];
            if (!entry) return null;
            if (entry.kind === 'head') {
              return (
                <h4 key={entry.label} style={{ top: start }}>
                  {entry.label} <span className="tabular">{entry.count.toLocaleString('en-US')}</span>
                </h4>
              );
            }
            const { column, stat } = entry;
            const isPinned = pinned.includes(column.id);
            return (
              <div key={column.id} className="column-entry" style={{ top: start }}>
                <Checkbox checked={isShown.has(column.id)} onChange={() => toggle(column.id)}>
                  <span title={column.id}>{column.label}</span>
                </Checkbox>
                {stat?.constant !== undefined && <small title={stat.constant}>= {stat.constant}</small>}
                <button
                  type="button"
                  className="copy"
                  aria-pressed={isPinned}
                  aria-label={isPinned ? `Unpin ${column.label}` : `Pin ${column.label} to the left`}
                  title={isPinned ? 'Unpin' : 'Pin to the left'}
                  onClick={() =>
                    change(isPinned ? { pinned: pinned.filter((id) => id !== column.id) } : { pinned: [...pinned, column.id], columns: isShown.has(column.id) ? chosen : [...shown, column.id] })
                  }
                >
                  <PinIcon />
                </button>
              </div>
            );
          })}
          {entries.length === 0 && <p className="column-none">None is called like that.</p>}
        </div>
      </div>
      <footer>
        <Button
          size="small"
          disabled={constantsShown.length === 0}
          text={constantsShown.length > 0 ? `Hide ${constantsShown.length} that never differ` : 'All shown differ'}
          onClick={() => change({ columns: shown.filter((id) => !constants.has(id)) })}
        />
        <Button size="small" variant="minimal" disabled={chosen === undefined && pinned.length === 0} text="Automatic" onClick={() => change({ columns: undefined, pinned: [] })} />
      </footer>
    </div>
  );
}

function entriesOf(columns: Parameters<typeof allColumns>[0], search: string): Entry[] {
  const wanted = search.trim().toLowerCase();
  const stats = new Map<string, ColumnStat>();
  for (const stat of columns?.params ?? []) stats.set(`params.${stat.key}`, stat);
  for (const stat of columns?.tags ?? []) stats.set(`tags.${stat.key}`, stat);
  const found = allColumns(columns).filter(({ label }) => label.toLowerCase().includes(wanted));
  return (['attribute', 'metric', 'param', 'tag'] as const).flatMap((kind): Entry[] => {
    const some = found.filter((column) => column.kind === kind);
    if (some.length === 0) return [];
    if (kind !== 'attribute') some.sort((a, b) => naturally(a.key, b.key));
    return [{ kind: 'head', label: groupNames[kind], count: some.length }, ...some.map((column): Entry => ({ kind: 'column', column, stat: stats.get(column.id) }))];
  });
}
