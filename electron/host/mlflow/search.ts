/** MLflow's searches over runs and the histories of their metrics. */
import { lowerBound, sampleSteps } from '#compute';
import type { SeriesColumns } from '../ports.ts';
import { searchRuns } from '../queries.ts';
import type { DoorParts } from './handler.ts';
import { invalid } from './errors.ts';
import { viewOf } from './experiments.ts';
import { optionalInt, optionalText, text, texts, type Fields } from './fields.ts';
import { limits, maxResults } from './limits.ts';
import { pageJson, pageStart, pageToken } from './pageToken.ts';
import { requireRun } from './runs.ts';
import { metricValue, runJson } from './wire.ts';

export function findRuns(fields: Fields, { catalog }: DoorParts): object {
  const page = searchRuns(catalog, {
    ...pageStart(fields),
    experimentIds: texts(fields, 'experiment_ids'),
    filter: optionalText(fields, 'filter'),
    orderBy: texts(fields, 'order_by'),
    view: viewOf(fields, 'run_view_type'),
    limit: maxResults(fields, limits.runs, 1000),
  });
  return pageJson('runs', page, (run) => runJson(run, catalog.experiment(run.experimentId)));
}

/** Points of one metric ordered by (time, step, value); everything at once for old clients, which ask for no page. */
export async function metricHistory(fields: Fields, parts: DoorParts): Promise<object> {
  const run = requireRun(fields, parts);
  const name = text(fields, 'metric_key');
  const { offset } = pageStart(fields);
  const asked = optionalInt(fields, 'max_results');
  if (asked !== undefined && asked < 1) throw invalid(`Invalid value ${asked} for parameter 'max_results' supplied: it must be at least 1.`);
  const columns = await parts.series.read(run.id, name);
  const count = columns.time.length;
  const end = asked === undefined ? count : Math.min(count, offset + Math.min(asked, limits.history));
  const place = timeOrder(columns);
  const metrics: object[] = [];
  for (let row = offset; row < end; row++) metrics.push(metricJson(name, columns, place(row)));
  return { metrics: metrics.length > 0 ? metrics : undefined, next_page_token: end < count ? pageToken(end) : undefined };
}

/** The same evenly spread steps of several runs, for charts. */
export async function bulkIntervalHistory(fields: Fields, parts: DoorParts): Promise<object> {
  const runIds = texts(fields, 'run_ids');
  if (runIds.length === 0 || runIds.length > limits.bulkRuns) {
    throw invalid(`GetMetricHistoryBulkInterval request must specify at least one and at most ${limits.bulkRuns} run_ids. Got ${runIds.length}.`);
  }
  const name = text(fields, 'metric_key');
  const most = maxResults(fields, limits.bulkPoints, 320);
  const start = optionalInt(fields, 'start_step');
  const end = optionalInt(fields, 'end_step');
  if ((start === undefined) !== (end === undefined)) throw invalid("If either 'start_step' or 'end_step' are specified, both must be specified.");
  if (start !== undefined && end !== undefined && start > end) {
    throw invalid(`'end_step' must be greater than or equal to 'start_step'. Found start_step=${start} and end_step=${end}.`);
  }
  const found = await Promise.all(runIds.map(async (runId) => ({ runId, columns: await parts.series.read(runId, name) })));
  const steps = sampleSteps(found.map(({ columns }) => columns.step), { start, end, maxResults: most });
  const metrics = found.flatMap(({ runId, columns }) => {
    const rows: object[] = [];
    let row = 0;
    for (const step of steps) {
      row = lowerBound(columns.step, step, row);
      // Many points of one step would make the answer as long as the history.
      for (; columns.step[row] === step && rows.length < limits.history; row++) rows.push({ ...metricJson(name, columns, row), run_id: runId });
    }
    return rows;
  });
  return { metrics: metrics.length > 0 ? metrics : undefined };
}

function metricJson(key: string, { value, time, step }: SeriesColumns, row: number): object {
  return { key, value: metricValue(value[row]!), timestamp: time[row]!, step: step[row]! };
}

/** Columns come ordered by step; a lookup from rank by time to row, which is the identity for most runs. */
function timeOrder({ time, step, value }: SeriesColumns): (rank: number) => number {
  let ordered = true;
  for (let row = 1; row < time.length && ordered; row++) ordered = time[row - 1]! <= time[row]!;
  if (ordered) return (rank) => rank;
  const rows = Uint32Array.from(time, (_, row) => row);
  rows.sort((a, b) => time[a]! - time[b]! || step[a]! - step[b]! || value[a]! - value[b]! || a - b);
  return (rank) => rows[rank]!;
}
