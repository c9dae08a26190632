/** The run table as a CSV file that is safe to open in a spreadsheet; numbers and times in full. Pure. */
import type { Run } from '#model';
import { csvCell } from '../charts/csv.ts';
import { fullNumber } from '../ui/format.ts';
import { columnOf } from './columns.ts';

/** One line a run, `run_id` and name first, then the columns as shown. */
export function runsToCsv(runs: readonly Run[], columns: readonly string[]): string {
  const shown = columns.flatMap((id) => (id === 'attributes.run_name' ? [] : (columnOf(id) ?? [])));
  const head = ['run_id', 'run_name', ...shown.map(({ id }) => id)].map(csvCell).join(',');
  const lines = runs.map((run) => [csvCell(run.id), csvCell(run.name), ...shown.map(({ kind, key }) => cell(run, kind, key))].join(','));
  return [head, ...lines].join('\r\n') + '\r\n';
}

function cell(run: Run, kind: string, key: string): string {
  if (kind === 'metric') {
    const metric = run.metrics[key];
    // A negative number is a number, not a formula: it must not get the apostrophe of csvCell.
    return metric ? fullNumber(metric.value) : '';
  }
  if (kind === 'param') return csvCell(run.params[key] ?? '');
  if (kind === 'tag') return csvCell(run.tags[key] ?? '');
  switch (key) {
    case 'start_time':
      return run.startedAt ? new Date(run.startedAt).toISOString() : '';
    case 'duration':
      return run.endedAt && run.startedAt ? String((run.endedAt - run.startedAt) / 1000) : '';
    case 'user_id':
      return csvCell(run.user);
    case 'source':
      return csvCell(run.tags['mlflow.source.name'] ?? '');
    default:
      return csvCell(run.status);
  }
}
