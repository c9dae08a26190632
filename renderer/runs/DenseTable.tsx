/** A searchable table of many short rows, drawn only where one looks. Cells are copied with their button or Ctrl+C on a focused row. */
import { InputGroup } from '@blueprintjs/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { SearchIcon } from '../ui/icons.tsx';
import { CopyButton, copyText } from '../ui/widgets.tsx';
import { matching } from './facts.ts';

export interface DenseRow {
  key: string;
  /** In full, for searching and copying. */
  value: string;
}

export interface DenseTableProps<Row extends DenseRow> {
  title: string;
  rows: readonly Row[];
  /** Headings after the key's, and what stands in them. */
  columns: readonly { name: string; width: string; align?: 'right'; cell(row: Row): ReactNode }[];
  /** Said when there are no rows at all. */
  empty: string;
}

const rowHeight = 28;

export function DenseTable<Row extends DenseRow>({ title, rows, columns, empty }: DenseTableProps<Row>) {
  const [search, setSearch] = useState('');
  const scroll = useRef<HTMLDivElement>(null);
  const shown = matching(rows, search);
  const virtual = useVirtualizer({ count: shown.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight, overscan: 12 });
  const grid = { gridTemplateColumns: `minmax(96px, 1fr) ${columns.map(({ width }) => width).join(' ')} 28px` };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>, row: Row, index: number): void => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'c' && window.getSelection()?.isCollapsed) void copyText(row.value);
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to === undefined || to < 0 || to >= shown.length) return;
    event.preventDefault();
    virtual.scrollToIndex(to);
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus());
  };

  return (
    <section className="dense" aria-label={title}>
      <header>
        <h2>
          {title} <span>{rows.length.toLocaleString('en-US')}</span>
        </h2>
        {rows.length > 8 ? (
          <InputGroup size="small" leftIcon={<span className="bp6-icon"><SearchIcon /></span>} placeholder="Search" aria-label={`Search ${title.toLowerCase()}`} value={search} onValueChange={setSearch} />
        ) : null}
      </header>
      {rows.length === 0 ? (
        <p className="dense-none">{empty}</p>
      ) : (
        <div role="table" aria-rowcount={shown.length + 1} className="dense-table">
          <div role="row" className="dense-head" style={grid}>
            <span role="columnheader">Name</span>
            {columns.map(({ name, align }) => (
              <span key={name} role="columnheader" data-align={align}>
                {name}
              </span>
            ))}
          </div>
          {shown.length === 0 ? <p className="dense-none">Nothing here matches “{search}”.</p> : null}
          <div ref={scroll} className="dense-scroll">
            <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
              {virtual.getVirtualItems().map(({ index, start }) => {
                const row = shown[index]!;
                return (
                  <div
                    key={row.key}
                    role="row"
                    aria-rowindex={index + 2}
                    data-index={index}
                    tabIndex={index === 0 ? 0 : -1}
                    className="dense-row"
                    style={{ ...grid, transform: `translateY(${start}px)` }}
                    onKeyDown={(event) => onKeyDown(event, row, index)}
                  >
                    <span role="rowheader" title={row.key}>
                      {row.key}
                    </span>
                    {columns.map(({ name, align, cell }) => (
                      <span key={name} role="cell" data-align={align}>
                        {cell(row)}
                      </span>
                    ))}
                    <CopyButton text={row.value} label={`Copy the value of ${row.key}`} />
                  </div>
                );
              })}
            </div>
          </div>
        </div>
      )}
    </section>
  );
}
