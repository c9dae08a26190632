/** The first rows of a CSV or TSV file as a table. Cells are text: nothing in them is a formula here. */
import { useVirtualizer } from '@tanstack/react-virtual';
import Papa from 'papaparse';
import { useMemo, useRef } from 'react';
import { formatCount } from '../ui/format.ts';

export interface TableViewProps {
  text: string;
  delimiter: string;
  /** Whether the text is the whole file. */
  complete: boolean;
}

export const mostRows = 500;
const mostColumns = 100;
const rowHeight = 26;

export function TableView({ text, delimiter, complete }: TableViewProps) {
  const { head, rows, total, numeric, widths } = useMemo(() => readTable(text, delimiter, complete), [text, delimiter, complete]);
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight, overscan: 20 });
  const grid = { gridTemplateColumns: `56px ${widths.map((width) => `${width}px`).join(' ')}` };
  return (
    <div className="table-view">
      <p className="view-note">
        {rows.length < total || !complete ? `First ${formatCount(rows.length, 'row')} of ${complete ? total.toLocaleString('en-US') : 'more'}` : formatCount(total, 'row')}
        {' · '}
        {formatCount(head.length, 'column')}
        {head.length > widths.length ? `, the first ${mostColumns} shown` : ''}
      </p>
      <div className="table-scroll" ref={scroll} tabIndex={0}>
        <div className="table-head" style={grid}>
          <span />
          {widths.map((_, column) => (
            <span key={column} data-align={numeric[column] ? 'right' : undefined} title={head[column]}>
              {head[column]}
            </span>
          ))}
        </div>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div key={index} className="table-row mono" style={{ ...grid, transform: `translateY(${start}px)` }}>
              <span className="table-number">{index + 1}</span>
              {widths.map((_, column) => (
                <span key={column} data-align={numeric[column] ? 'right' : undefined} title={rows[index]?.[column]}>
                  {rows[index]?.[column]}
                </span>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

export interface ReadTable {
  head: string[];
  /** At most `mostRows`. */
  rows: string[][];
  /** Rows in the text. */
  total: number;
  /** Columns whose shown cells are all numbers. */
  numeric: boolean[];
  /** Pixels, from the longest shown cell. */
  widths: number[];
}

/** Parses the text; a last row that the end of an incomplete text may have cut is dropped. */
export function readTable(text: string, delimiter: string, complete: boolean): ReadTable {
  const parsed = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), { delimiter, skipEmptyLines: 'greedy' }).data;
  if (!complete && parsed.length > 1) parsed.pop();
  const [head = [], ...all] = parsed;
  const rows = all.slice(0, mostRows);
  const columns = [...head.slice(0, mostColumns).keys()];
  const cells = (column: number): string[] => rows.map((row) => row[column] ?? '');
  return {
    head,
    rows,
    total: all.length,
    numeric: columns.map((column) => cells(column).every((cell) => cell === '' || (cell.trim() !== '' && !Number.isNaN(Number(cell))))),
    widths: columns.map((column) => {
      const longest = Math.max((head[column] ?? '').length, ...cells(column).map((cell) => cell.length));
      return Math.min(320, Math.max(64, longest * 7.6 + 24));
    }),
  };
}
