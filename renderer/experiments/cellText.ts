/** What stands in a cell of a param or tag, and how much room the cells of a column want. Pure. */
import type { Run } from '#model';
import { formatNumber } from '../ui/format.ts';
import { columnOf } from './columns.ts';

/** Whether a param reads as a number and is set like one. */
export function isNumeric(value: string | undefined): value is string {
  return value !== undefined && value !== '' && value.length <= 24 && Number.isFinite(Number(value));
}

/** A param as it fits a cell: a long number in four digits, a text's first line. The whole value is on hover. */
export function shortValue(value: string): string {
  if (value.length > 8 && isNumeric(value)) return formatNumber(Number(value));
  const end = value.indexOf('\n');
  return end < 0 ? value : `${value.slice(0, end)} …`;
}

/** Rows that are looked at; a table of 100,000 opens as fast as one of ten. */
const sample = 200;

/**
 * Characters of the longest text in each shown column, over the first loaded rows. A column is measured once, when its first
 * rows are there: widths that follow every new row would move under the reader's eyes. Gives back `known` when nothing is new.
 */
export function longestTexts(known: ReadonlyMap<string, number>, shown: readonly string[], rows: readonly (Run | undefined)[]): ReadonlyMap<string, number> {
  const missing = shown.filter((id) => !known.has(id));
  const runs = rows.slice(0, sample).filter((run) => run !== undefined);
  if (missing.length === 0 || runs.length === 0) return known;
  const lengths = new Map(known);
  for (const id of missing) lengths.set(id, Math.max(0, ...runs.map((run) => textOf(run, id).length)));
  return lengths;
}

function textOf(run: Run, id: string): string {
  const column = columnOf(id);
  if (id === 'attributes.run_name') return run.name;
  if (column?.kind === 'param') return shortValue(run.params[column.key] ?? '');
  if (column?.kind === 'tag') return shortValue(run.tags[column.key] ?? '');
  const metric = column?.kind === 'metric' ? run.metrics[column.key] : undefined;
  return metric ? formatNumber(metric.value) : '';
}
