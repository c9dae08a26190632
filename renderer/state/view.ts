/**
 * How one experiment's runs are looked at: filter, order, columns, panels. A link carries all of it but widths (`viewToQuery`,
 * `queryToView`), and each experiment's last view is kept on this machine.
 *
 * Columns are named as MLflow's filters name them: `params.lr`, `metrics.val loss`, `tags.stage`, `attributes.start_time`.
 */
import { createStore } from 'zustand/vanilla';
import { readLocal, writeLocal } from './local.ts';

export interface Sort {
  column: string;
  desc: boolean;
}

export interface View {
  /** MLflow's filter grammar; empty shows everything. */
  filter: string;
  /** First one first. */
  sort: readonly Sort[];
  /** The trash instead of the active runs. */
  trash: boolean;
  /** Shown columns after the fixed ones, in order; undefined leaves the choice to `autoColumns`. */
  columns: readonly string[] | undefined;
  /** Columns that stay at the left edge, besides the fixed ones. */
  pinned: readonly string[];
  /** Pixels, by column; this machine only. */
  widths: Readonly<Record<string, number>>;
  /** Whether the charts stand beside the table. */
  charts: boolean;
}

export interface ViewActions {
  /** Whose view this is; empty when none is open. */
  key: string;
  /** Changes part of the view. */
  change(part: Partial<View>): void;
  /** Shows another experiment's view: what the link says, else what this machine remembers, else the defaults. */
  open(key: string, query: URLSearchParams): void;
  /** No view is open: changes are kept nowhere. */
  leave(): void;
}

export type ViewStore = ReturnType<typeof createView>;

export const defaultView: View = {
  filter: '',
  sort: [{ column: 'attributes.start_time', desc: true }],
  trash: false,
  columns: undefined,
  pinned: [],
  widths: {},
  charts: true,
};

/** The view of one window. */
export function createView(storage: Storage | undefined) {
  const store = createStore<View & ViewActions>()((set) => ({
    ...defaultView,
    key: '',
    change: (part) => set(part),
    open: (key, query) => {
      const kept = readLocal<Partial<View>>(storage, storageKey(key), {});
      const linked = carriesView(query) ? { ...queryToView(query), widths: kept.widths ?? {} } : {};
      // More columns than a link carries are this machine's own, as widths are.
      const columns = !query.has('col') && (kept.columns?.length ?? 0) > mostLinked ? { columns: kept.columns } : {};
      set({ ...defaultView, ...kept, ...linked, ...columns, key });
    },
    leave: () => set({ key: '' }),
  }));
  const undo = store.subscribe((state) => state.key && writeLocal(storage, storageKey(state.key), viewOf(state)));
  return Object.assign(store, { close: undo });
}

const storageKey = (key: string): string => `daybook.view.${key}`;

/** The view without its actions. */
export function viewOf({ filter, sort, trash, columns, pinned, widths, charts }: View): View {
  return { filter, sort, trash, columns, pinned, widths, charts };
}

/** A link is for people to paste: a choice of thousands of columns stays on this machine. */
const mostLinked = 100;

/** What a link says of a view; parts that equal the defaults are left out. */
export function viewToQuery(view: View): URLSearchParams {
  const query = new URLSearchParams();
  if (view.filter) query.set('q', view.filter);
  if (!isDefaultSort(view.sort)) {
    if (view.sort.length === 0) query.set('sort', '');
    for (const { column, desc } of view.sort) query.append('sort', `${desc ? '-' : ''}${column}`);
  }
  if (view.trash) query.set('trash', '1');
  if (view.columns && view.columns.length <= mostLinked) {
    if (view.columns.length === 0) query.set('col', '');
    for (const column of view.columns) query.append('col', column);
  }
  for (const column of view.pinned) query.append('pin', column);
  if (!view.charts) query.set('charts', '0');
  return query;
}

/** The view a link describes; whatever it leaves out or gets wrong is the default. */
export function queryToView(query: URLSearchParams): View {
  const named = (key: string): string[] => query.getAll(key).filter((value) => value !== '');
  return {
    ...defaultView,
    filter: (query.get('q') ?? '').slice(0, 20_000),
    sort: query.has('sort')
      ? named('sort')
          .slice(0, 10)
          .map((text) => (text.startsWith('-') ? { column: text.slice(1), desc: true } : { column: text, desc: false }))
      : defaultView.sort,
    trash: query.get('trash') === '1',
    columns: query.has('col') ? unique(named('col')) : undefined,
    pinned: unique(named('pin')),
    charts: query.get('charts') !== '0',
  };
}

const carried = ['q', 'sort', 'trash', 'col', 'pin', 'charts'];
function carriesView(query: URLSearchParams): boolean {
  return carried.some((key) => query.has(key));
}

/** Whether the rows stand in the order that nobody chose: newest first. */
export function isDefaultSort(sort: readonly Sort[]): boolean {
  return JSON.stringify(sort) === JSON.stringify(defaultView.sort);
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}

/**
 * A click on a column's header: ascending, descending, none; metrics start descending because bigger is what people look for.
 * With `add` (Shift) the column joins the ones that already order the rows.
 */
export function toggleSort(sort: readonly Sort[], column: string, add: boolean): Sort[] {
  const current = sort.find((one) => one.column === column);
  const firstDesc = column.startsWith('metrics.') || column === 'attributes.start_time';
  const next = !current ? { column, desc: firstDesc } : current.desc === firstDesc ? { column, desc: !firstDesc } : undefined;
  if (!add) return next ? [next] : [];
  if (!current) return next ? [...sort, next] : [...sort];
  return sort.flatMap((one) => (one.column !== column ? [one] : next ? [next] : []));
}

/** The order as `runs.query` takes it: `metrics.\`val loss\` DESC`. */
export function orderByOf(sort: readonly Sort[]): string[] {
  return sort.map(({ column, desc }) => `${quoteColumn(column)} ${desc ? 'DESC' : 'ASC'}`);
}

/** A column's name as the filter grammar wants it, its key quoted when it is not a plain word. */
export function quoteColumn(column: string): string {
  const dot = column.indexOf('.');
  const entity = column.slice(0, dot);
  const key = column.slice(dot + 1);
  if (/^[A-Za-z_][\w]*$/.test(key)) return column;
  const quote = key.includes('`') ? '"' : '`';
  return `${entity}.${quote}${key}${quote}`;
}
