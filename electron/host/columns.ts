/** Which params, metrics and tags some runs have: how many have each, and whether they all say the same. */
import type { ColumnStat, RunColumns } from '#contract';
import type { Run } from '#model';

/** Statistics over runs that are not in the trash; each list ordered by key. */
export function columnsOf(runs: Iterable<Run>): RunColumns {
  const params = new Map<string, ColumnStat>();
  const metrics = new Map<string, ColumnStat>();
  const tags = new Map<string, ColumnStat>();
  for (const run of runs) {
    if (run.deletedAt !== undefined) continue;
    for (const key in run.params) count(params, key, run.params[key]);
    for (const key in run.metrics) count(metrics, key, undefined);
    for (const key in run.tags) count(tags, key, run.tags[key]);
  }
  return { params: sorted(params), metrics: sorted(metrics), tags: sorted(tags) };
}

function count(stats: Map<string, ColumnStat>, key: string, value: string | undefined): void {
  const stat = stats.get(key);
  if (!stat) stats.set(key, { key, runs: 1, constant: value });
  else {
    stat.runs += 1;
    if (stat.constant !== value) stat.constant = undefined;
  }
}

function sorted(stats: ReadonlyMap<string, ColumnStat>): ColumnStat[] {
  return [...stats.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
