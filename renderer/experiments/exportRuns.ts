/** Saves runs as a CSV file: the checked ones, or all that the filter finds, read page by page. */
import type { Run } from '#model';
import type { App } from '../state/context.tsx';
import { messageOf } from '../state/errors.ts';
import { formatCount } from '../ui/format.ts';
import { runsToCsv } from './csv.ts';

/** Never rejects; says how it went. */
export async function exportRuns({ host, runs, experiments, desktop, notices }: App, columns: readonly string[], only?: readonly string[]): Promise<void> {
  const { query } = runs.getState();
  if (!query) return;
  try {
    const wanted = only && new Set(only);
    const found: Run[] = [];
    for (let offset = 0, total = Infinity; offset < total; offset += 1000) {
      const page = await host.call('runs.query', { ...query, experimentIds: [...query.experimentIds], orderBy: [...query.orderBy], columns: undefined, offset, limit: 1000 });
      total = page.total;
      for (const run of page.rows) if (!wanted || wanted.has(run.id)) found.push(run);
      if (page.rows.length === 0 || found.length === wanted?.size) break;
    }
    const name = experiments.getState().rows?.find(({ id }) => id === query.experimentIds[0])?.name ?? 'runs';
    const saved = await desktop.saveFile(`${fileName(name)}.csv`, new TextEncoder().encode(runsToCsv(found, columns)));
    if (saved) notices.getState().show({ kind: 'done', text: `${formatCount(found.length, 'run')} exported.` });
  } catch (error) {
    notices.getState().show({ kind: 'failed', text: `The export failed: ${messageOf(error)}` });
  }
}

/** A name that every file system takes. */
function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._ -]+/gu, '-').replace(/^[. -]+|[. -]+$/g, '').slice(0, 100) || 'runs';
}
