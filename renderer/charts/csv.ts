/** A chart's points as a CSV file that is safe to open in a spreadsheet. */
import type { SeriesLine } from '#contract';
import type { XAxis } from './chartSpec.ts';

/**
 * One row per drawn point: run id, run name, x, value. Numbers are written in full.
 *
 * @param nameOf display name of a run.
 */
export function linesToCsv(lines: readonly SeriesLine[], metric: string, x: XAxis, nameOf: (runId: string) => string): string {
  const rows = [['run_id', 'run', xColumn[x], metric].map(csvCell).join(',')];
  for (const line of lines) {
    const run = `${csvCell(line.runId)},${csvCell(nameOf(line.runId))}`;
    for (let i = 0; i < line.x.length; i++) rows.push(`${run},${line.x[i]},${line.y[i]}`);
  }
  return rows.join('\r\n') + '\r\n';
}

const xColumn: Record<XAxis, string> = { step: 'step', relative: 'relative_s', time: 'time_ms' };

/**
 * Quotes a text cell where needed, and puts an apostrophe before what a spreadsheet would run as a formula
 * (`=`, `+`, `-`, `@`, tab, return): run names come from other people's scripts.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
