/** Which params, metrics and tags to ask the host for. Pure. */
import type { RunColumns } from '#contract';
import type { RunsQuery } from '../state/runs.ts';
import { columnOf } from './columns.ts';
import { parentTag } from '../state/tree.ts';

/** Up to this many columns rows come whole; beyond it only what is shown, or rows of 12,000 params would cross the wire. */
const wholeRows = 300;

/** Undefined asks for all. Until it is known how many columns there are, only the shown ones are worth the risk. */
export function wantedColumns(columns: RunColumns | undefined, shown: readonly string[]): RunsQuery['columns'] {
  if (columns && columns.params.length + columns.metrics.length + columns.tags.length <= wholeRows) return undefined;
  const wanted = shown.flatMap((id) => columnOf(id) ?? []);
  const keys = (kind: string): string[] => wanted.filter((column) => column.kind === kind).map(({ key }) => key);
  return { params: keys('param'), metrics: keys('metric'), tags: [...keys('tag'), parentTag, 'mlflow.source.name'] };
}
