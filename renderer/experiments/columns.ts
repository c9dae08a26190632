/**
 * The run table's columns as data: which exist, which are shown without anybody having chosen, and where each one stands.
 * Columns are named as in filters (`params.lr`, `attributes.start_time`); see state/view.ts. Pure.
 */
import type { RunColumns } from '#contract';

export type ColumnKind = 'attribute' | 'param' | 'metric' | 'tag';

export interface Column {
  id: string;
  kind: ColumnKind;
  /** The key without its entity. */
  key: string;
  label: string;
  /** Whether the host can order by it. */
  sortable: boolean;
}

export interface PlacedColumn extends Column {
  width: number;
  /** Pixels from the table's left edge. */
  left: number;
  pinned: boolean;
}

export interface Layout {
  pinned: readonly PlacedColumn[];
  scrolling: readonly PlacedColumn[];
  pinnedWidth: number;
  width: number;
  groups: readonly { label: string; left: number; width: number; pinned: boolean }[];
}

export const nameColumn: Column = { id: 'attributes.run_name', kind: 'attribute', key: 'run_name', label: 'Run', sortable: true };

/** Attributes beside the name, in their usual order. */
export const attributeColumns: readonly Column[] = [
  { id: 'attributes.start_time', kind: 'attribute', key: 'start_time', label: 'Started', sortable: true },
  { id: 'attributes.duration', kind: 'attribute', key: 'duration', label: 'Duration', sortable: false },
  { id: 'attributes.user_id', kind: 'attribute', key: 'user_id', label: 'User', sortable: true },
  { id: 'attributes.source', kind: 'attribute', key: 'source', label: 'Source', sortable: false },
  { id: 'attributes.status', kind: 'attribute', key: 'status', label: 'Status', sortable: true },
];

const groupLabels: Record<ColumnKind, string> = { attribute: '', param: 'Params', metric: 'Metrics', tag: 'Tags' };
const entityKinds: Record<string, ColumnKind> = { params: 'param', metrics: 'metric', tags: 'tag', attributes: 'attribute' };
const defaultWidths: Record<string, number> = {
  'attributes.start_time': 84,
  'attributes.duration': 96,
  'attributes.user_id': 92,
  'attributes.source': 132,
  'attributes.status': 92,
};
const automatic = { params: 12, metrics: 12 };
export const minWidth = 56;
export const maxWidth = 800;

/** The column that an id names; undefined for nonsense. */
export function columnOf(id: string): Column | undefined {
  const known = id === nameColumn.id ? nameColumn : attributeColumns.find((column) => column.id === id);
  if (known) return known;
  const dot = id.indexOf('.');
  const kind = entityKinds[id.slice(0, dot)];
  const key = id.slice(dot + 1);
  if (!kind || kind === 'attribute' || key === '') return undefined;
  return { id, kind, key, label: key, sortable: true };
}

/** Everything that could be shown, MLflow's own bookkeeping tags left out. */
export function allColumns(columns: RunColumns | undefined): Column[] {
  const of = (entity: string, stats: readonly { key: string }[]): Column[] =>
    stats.flatMap(({ key }) => columnOf(`${entity}.${key}`) ?? []);
  if (!columns) return [...attributeColumns];
  return [
    ...attributeColumns,
    ...of('params', columns.params),
    ...of('metrics', columns.metrics),
    ...of('tags', columns.tags.filter(({ key }) => !key.startsWith('mlflow.'))),
  ];
}

/**
 * What is shown when nobody has chosen: when, then the metrics most runs have, the params that differ, and by whom.
 * Constant params tell runs apart no better than an empty column does. System metrics stay in the picker.
 */
export function autoColumns(columns: RunColumns | undefined): string[] {
  const first = ['attributes.start_time'];
  const last = ['attributes.duration', 'attributes.user_id', 'attributes.source'];
  if (!columns) return [...first, ...last];
  const common = <T extends { key: string; runs: number }>(stats: readonly T[]): T[] =>
    [...stats].sort((a, b) => b.runs - a.runs || naturally(a.key, b.key));
  const metrics = common(columns.metrics.filter(({ key }) => !key.startsWith('system/')))
    .slice(0, automatic.metrics)
    .map(({ key }) => `metrics.${key}`);
  const differing = columns.params.filter(({ constant }) => constant === undefined);
  const params = common(differing.length > 0 ? differing : columns.params)
    .slice(0, automatic.params)
    .map(({ key }) => `params.${key}`);
  return [...first, ...metrics, ...params, ...last];
}

/** The columns whose single value all runs share. */
export function constantColumns(columns: RunColumns | undefined): string[] {
  if (!columns) return [];
  const of = (entity: string, stats: RunColumns['params']): string[] =>
    stats.filter(({ constant }) => constant !== undefined).map(({ key }) => `${entity}.${key}`);
  return [...of('params', columns.params), ...of('tags', columns.tags)];
}

/**
 * Where each shown column stands. The name leads, pinned ones follow it, and columns of one kind stand under one heading.
 * `widths` are those that people chose; otherwise a column is as wide as its longest text of `lengths` wants (see cellText.ts),
 * and the name leaves the others some of the `room`.
 */
export function layOut(
  shown: readonly string[],
  pinned: readonly string[],
  widths: Readonly<Record<string, number>>,
  leading: number,
  lengths: ReadonlyMap<string, number> = new Map(),
  room = Infinity,
): Layout {
  const pins = new Set(pinned);
  const rest = shown.filter((id) => id !== nameColumn.id);
  const ordered = [nameColumn.id, ...rest.filter((id) => pins.has(id)), ...rest.filter((id) => !pins.has(id))];
  let left = leading;
  const placed = ordered.flatMap((id): PlacedColumn[] => {
    const column = columnOf(id);
    if (!column) return [];
    const natural = defaultWidths[id] ?? naturalWidth(column, lengths.get(id) ?? 0);
    const width = widths[id] ?? (id === nameColumn.id ? Math.min(natural, nameWidthIn(room, leading)) : natural);
    const one = { ...column, width, left, pinned: id === nameColumn.id || pins.has(id) };
    left += width;
    return [one];
  });
  const pinnedColumns = placed.filter((column) => column.pinned);
  const last = pinnedColumns.at(-1);
  const groups: { label: string; left: number; width: number; pinned: boolean; kind: ColumnKind }[] = [];
  for (const column of placed) {
    const group = groups.at(-1);
    if (group && group.kind === column.kind && group.pinned === column.pinned) group.width += column.width;
    else groups.push({ label: groupLabels[column.kind], left: column.left, width: column.width, pinned: column.pinned, kind: column.kind });
  }
  return {
    pinned: pinnedColumns,
    scrolling: placed.filter((column) => !column.pinned),
    pinnedWidth: last ? last.left + last.width : leading,
    width: left,
    groups: groups.map(({ label, left: start, width, pinned: fixed }) => ({ label, left: start, width, pinned: fixed })),
  };
}

/** The name's column on a table of `room` pixels: never so wide that the others cannot be scrolled to. */
export function nameWidthIn(room: number, leading: number): number {
  return Math.max(112, Math.floor(room * 0.55) - leading);
}

/** Wide enough for its heading and its usual values; a text as long as a sentence is cut, and whole on hover. */
function naturalWidth({ id, kind, label }: Column, longest: number): number {
  if (id === nameColumn.id) return longest === 0 ? 216 : Math.min(240, Math.max(148, Math.ceil(longest * 6.5) + 66));
  const heading = Math.min(kind === 'metric' ? 148 : 180, Math.ceil(label.length * 6.4) + 24);
  const value = longest > 30 ? 180 : Math.ceil(longest * 7.3) + 22;
  return Math.max(76, heading, value);
}

/** Moves a column before another one (or to the end), for dragging a header. */
export function moveColumn(shown: readonly string[], moved: string, before: string | undefined): string[] {
  if (moved === before) return [...shown];
  const rest = shown.filter((id) => id !== moved);
  const index = before === undefined ? rest.length : rest.indexOf(before);
  return index < 0 ? [...shown] : [...rest.slice(0, index), moved, ...rest.slice(index)];
}

/** `layer2` before `layer10`. */
export function naturally(a: string, b: string): number {
  return collator.compare(a, b);
}
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Whether a metric has a better end at all; settings that are logged as metrics have none. */
export function hasBetterEnd(key: string): boolean {
  return !/(^|[^a-z])(lr|learning_rate|epochs?|steps?|iterations?|grad_norm|weight_decay|momentum|batch_size|seed)([^a-z]|$)/i.test(key);
}

/** Whether less of a metric is better, judged by what people call such metrics. */
export function lowerIsBetter(key: string): boolean {
  return /(^|[^a-z])(loss|err|error|rmse|mse|mae|mape|wer|cer|fid|perplexity|ppl|nll|bpc|logloss|log_loss|latency|time|duration|deviance|kl|brier)([^a-z]|$)|loss$/i.test(key);
}
