/**
 * Searching experiments and runs: one implementation for the page's tables and for MLflow's search calls.
 * Filters and order_by are parsed once per query, fields are read without string work per comparison.
 */
import {
  experimentFilters,
  FilterError,
  filterPredicate,
  parseFilter,
  parseOrderBy,
  runFilters,
  sortRecords,
  type Field,
  type FieldReader,
  type FilterTable,
} from '#compute';
import { DaybookError } from '#contract';
import type { Experiment, Run } from '#model';
import type { Catalog } from './ports.ts';

export type View = 'active' | 'deleted' | 'all';

export interface Paging {
  /** Rows to skip. */
  offset?: number;
  /** Skip everything up to this id instead, where it is still among the results. */
  after?: string;
  limit: number;
}

export interface Page<R> {
  /** Records that match, all pages together. */
  total: number;
  rows: R[];
  /** Offset of the first row that is not in this page any more. */
  end: number;
}

export interface RunQuery extends Paging {
  experimentIds: readonly string[];
  filter?: string;
  orderBy?: readonly string[];
  view?: View;
}

/** Runs of some experiments; ties and the default order are newest first. DaybookError `invalid_argument` with `at` for a bad filter. */
export function searchRuns(catalog: Catalog, query: RunQuery): Page<Run> {
  const read = runReader(catalog);
  const { matches, terms } = compileQuery(query, runFilters, read);
  const view = query.view ?? 'active';
  const found: Run[] = [];
  for (const id of new Set(query.experimentIds)) {
    for (const run of catalog.runs(id)) if (inView(run, view) && matches(run)) found.push(run);
  }
  return pageOf(sortRecords(found, terms, read, newestFirst), query);
}

export interface ExperimentQuery extends Paging {
  filter?: string;
  orderBy?: readonly string[];
  view?: View;
}

/** Experiments, newest first unless ordered otherwise. Errors as in `searchRuns`. */
export function searchExperiments(catalog: Catalog, query: ExperimentQuery): Page<Experiment> {
  const { matches, terms } = compileQuery(query, experimentFilters, readExperiment);
  const view = query.view ?? 'active';
  const found = [...catalog.experiments()].filter((experiment) => inView(experiment, view) && matches(experiment));
  const sorted = sortRecords(found, terms, readExperiment, (a, b) => b.createdAt - a.createdAt || compareIds(a.id, b.id));
  return pageOf(sorted, query);
}

/** The run's part of `columns` only, so that a page of rows stays small. */
export function projectRun(run: Run, columns: { params: readonly string[]; metrics: readonly string[]; tags: readonly string[] }): Run {
  return { ...run, params: pick(run.params, columns.params), metrics: pick(run.metrics, columns.metrics), tags: pick(run.tags, columns.tags) };
}

/** Where a client uploads a run's artifacts: `<experiment's location>/<run>/artifacts`. */
export function runArtifactUri(experiment: Experiment | undefined, run: Run): string {
  return `${experiment?.artifactLocation ?? `mlflow-artifacts:/${run.experimentId}`}/${run.id}/artifacts`;
}

/** Each term costs a comparison per pair of rows. */
const maxOrderTerms = 100;

/** A test and an order from texts; shared with searches over other records. */
export function compileQuery<R>(
  query: { filter?: string; orderBy?: readonly string[] },
  table: FilterTable,
  reader: FieldReader<R>,
): { matches: (record: R) => boolean; terms: ReturnType<typeof parseOrderBy> } {
  const { orderBy = [] } = query;
  if (orderBy.length > maxOrderTerms) throw new DaybookError('invalid_argument', `order_by has ${orderBy.length} terms; at most ${maxOrderTerms} are allowed.`, 'order_by');
  const matches = parsing('filter', () => filterPredicate(parseFilter(query.filter ?? '', table), reader));
  return { matches, terms: parsing('order_by', () => parseOrderBy(orderBy, table)) };
}

/** One page of sorted records. */
export function pageOf<R extends { id: string }>(sorted: readonly R[], { offset = 0, after, limit }: Paging): Page<R> {
  const place = after === undefined ? -1 : sorted.findIndex(({ id }) => id === after);
  const start = place >= 0 ? place + 1 : offset;
  const rows = sorted.slice(start, start + limit);
  return { total: sorted.length, rows, end: start + rows.length };
}

function parsing<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FilterError) throw new DaybookError('invalid_argument', error.message, field, error.at);
    throw error;
  }
}

function inView(record: { deletedAt?: number }, view: View): boolean {
  return view === 'all' || (record.deletedAt === undefined) === (view === 'active');
}

const compareIds = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const newestFirst = (a: Run, b: Run) => b.startedAt - a.startedAt || compareIds(a.id, b.id);

function runReader(catalog: Catalog): FieldReader<Run> {
  return ({ entity, key }: Field) => {
    switch (entity) {
      case 'metric':
        return (run) => own(run.metrics, key)?.value;
      case 'param':
        return (run) => own(run.params, key);
      case 'tag':
        return (run) => own(run.tags, key);
      case 'dataset':
        return datasetReader(key);
      default:
        return attributeReader(catalog, key);
    }
  };
}

function datasetReader(key: string): (run: Run) => string[] | undefined {
  if (key === 'name' || key === 'digest') return (run) => run.inputs.map((input) => input[key]);
  return (run) => run.inputs.flatMap(({ tags }) => tags.filter((tag) => tag.key === 'mlflow.data.context').map(({ value }) => value));
}

function attributeReader(catalog: Catalog, key: string): (run: Run) => string | number | undefined {
  switch (key) {
    case 'run_id':
      return (run) => run.id;
    case 'run_name':
      return (run) => run.name;
    case 'status':
      return (run) => run.status;
    case 'user_id':
      return (run) => run.user;
    case 'start_time':
      return (run) => run.startedAt;
    case 'end_time':
      return (run) => run.endedAt;
    default:
      return (run) => runArtifactUri(catalog.experiment(run.experimentId), run);
  }
}

const readExperiment: FieldReader<Experiment> = ({ entity, key }) => {
  if (entity === 'tag') return (experiment) => own(experiment.tags, key);
  switch (key) {
    case 'name':
      return (experiment) => experiment.name;
    case 'creation_time':
      return (experiment) => experiment.createdAt;
    case 'last_update_time':
      return (experiment) => experiment.updatedAt;
    default:
      return (experiment) => experiment.id;
  }
};

/** Plain objects answer `constructor` and the like; only their own keys count. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function pick<T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(record, key)).map((key) => [key, record[key]!]));
}
