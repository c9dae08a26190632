/**
 * What an experiment is about, in a line for the overview: what somebody wrote about it, else which metrics it has and which
 * params were varied. Read from the host experiment by experiment, so that the first lines are there at once.
 */
import { useEffect, useRef, useState } from 'react';
import type { ExperimentRow, RunColumns } from '#contract';
import type { Host } from '../host/connect.ts';

/** Experiments beyond these have no such line; nobody reads so far without searching. */
const most = 60;
/** Names of a kind that fit. */
const named = 4;

/** MLflow's description of an experiment, its first line that says something; undefined without one. */
export function descriptionOf(tags: Readonly<Record<string, string>>): string | undefined {
  const lines = (tags['mlflow.note.content'] ?? '').split('\n').map((line) => line.replace(/^[#>*\-\s]+/, '').trim());
  return lines.find((line) => line !== '');
}

/** `loss, accuracy and 3 more by lr, seed`; empty when there is nothing to name. */
export function contentsOf({ metrics, params }: RunColumns): string {
  const common = (stats: RunColumns['params']): string => listed([...stats].sort((a, b) => b.runs - a.runs).map(({ key }) => key));
  const measured = common(metrics.filter(({ key }) => !key.startsWith('system/')));
  const varied = common(params.filter(({ constant }) => constant === undefined));
  return varied === '' ? measured : measured === '' ? `varies ${varied}` : `${measured} by ${varied}`;
}

function listed(keys: readonly string[]): string {
  const rest = keys.length - named;
  return rest > 1 ? `${keys.slice(0, named).join(', ')} and ${rest} more` : keys.join(', ');
}

/** Contents by experiment id, as far as they are read. An experiment is read again when its number of runs changed. */
export function useContents(host: Pick<Host, 'call'>, rows: readonly ExperimentRow[]): ReadonlyMap<string, string> {
  const [contents, setContents] = useState<ReadonlyMap<string, string>>(new Map());
  const read = useRef(new Map<string, number>());
  const wanted = JSON.stringify(rows.slice(0, most).flatMap(({ id, activeRuns, tags }) => (activeRuns > 0 && !descriptionOf(tags) ? [[id, activeRuns]] : [])));
  useEffect(() => {
    let current = true;
    const readAll = async (): Promise<void> => {
      for (const [id, runs] of JSON.parse(wanted) as [string, number][]) {
        if (read.current.get(id) === runs) continue;
        const columns = await host.call('runs.columns', { experimentIds: [id] });
        if (!current) return;
        read.current.set(id, runs);
        setContents((old) => new Map(old).set(id, contentsOf(columns)));
      }
    };
    // The line is an extra; a host that is away is said elsewhere, and it is read again with the next change.
    readAll().catch(() => undefined);
    return () => {
      current = false;
    };
  }, [host, wanted]);
  return contents;
}
