/** `daybook import PATH --workspace DIR`: brings other tools' runs into a workspace. */
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { importFileStore, type ImportEvent } from '../host/importers/fileStore.ts';
import { countNames, type CountName, type ImportSummary } from '../host/importers/importReport.ts';
import { openWorkspace } from '../host/workspace.ts';
import { examples, parseFolder, type Cli } from './verb.ts';

export function addImport(program: Command, cli: Cli): void {
  program
    .command('import')
    .description('Import an MLflow file store (mlruns, 0.x to 3.x) into a workspace. Reads the store only; importing again adds what is new.')
    .argument('<path>', 'the mlruns folder, or the folder around it', parseFolder)
    .requiredOption('--workspace <dir>', 'workspace folder; made if missing', parseFolder)
    .option('--json', 'the summary as JSON')
    .addHelpText('after', examples('daybook import ./mlruns --workspace ./lab', 'daybook import ~/project --workspace ./lab --json'))
    .action(async (path: string, { workspace: dir, json }: { workspace: string; json?: boolean }) => {
      const stop = new AbortController();
      const onSignal = (): void => stop.abort();
      process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
      const workspace = await openWorkspace({ dir, onProblem: (message) => console.error(message) });
      try {
        const summary = await importWithBar(importFileStore(path, workspace, stop.signal));
        console.log(json ? JSON.stringify(summary, undefined, 2) : summaryLines(summary).join('\n'));
        if (summary.cancelled) cli.exitCode = 130;
      } finally {
        await workspace.close();
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      }
    });
}

/** Follows an import to its end, with a bar on stderr where a person watches. */
async function importWithBar(events: AsyncIterable<ImportEvent>): Promise<ImportSummary> {
  const bar = process.stderr.isTTY ? new SingleBar({ format: '{bar} {percentage}%  {value} of {total}  {doing}', stream: process.stderr, hideCursor: true }) : undefined;
  let isStarted = false;
  try {
    for await (const event of events) {
      if (event.type === 'done') return event.summary;
      if (!isStarted) bar?.start(event.total, 0, { doing: '' });
      isStarted = true;
      bar?.update(event.done, { doing: event.doing });
    }
    throw new Error('The import ended without a summary.');
  } finally {
    bar?.stop();
  }
}

const titles: Record<CountName, string> = {
  experiments: 'experiments',
  runs: 'runs',
  params: 'params',
  tags: 'tags',
  points: 'metric points',
  artifacts: 'artifacts',
  artifactBytes: 'bytes of artifacts',
  datasets: 'datasets',
  loggedModels: 'logged models',
  registeredModels: 'registered models (kept for later)',
  modelVersions: 'model versions (kept for later)',
};
const shownSkips = 20;

/** A summary as a person reads it. */
export function summaryLines({ kind, source, read, added, present, skipped, skippedCount, cancelled }: ImportSummary): string[] {
  const columns = (title: string, ...cells: (string | number)[]): string => `${title.padEnd(36)}${cells.map((cell) => String(cell).padStart(12)).join('')}`.trimEnd();
  const more = skippedCount - Math.min(skipped.length, shownSkips);
  return [
    `${kind} ${source}`,
    columns('', 'read', 'added', 'there'),
    ...countNames.filter((name) => read[name] > 0).map((name) => columns(titles[name], read[name], added[name], present[name])),
    ...(skippedCount > 0 ? [`left out: ${skippedCount}`] : []),
    ...skipped.slice(0, shownSkips).map(({ path, why }) => `  ${path}: ${why}`),
    ...(more > 0 ? [`  … and ${more} more (--json lists them)`] : []),
    ...(cancelled ? ['Stopped before its end. Import again to continue.'] : []),
  ];
}
