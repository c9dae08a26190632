/** `daybook verify DIR`: reads everything that is stored and says whether it is whole. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { verifyStore, type StoreReport } from '#store';
import { checkReferences, type ChunkReferences } from '../host/chunkReferences.ts';
import { examples, parseFolder, type Cli } from './verb.ts';

export interface Verification extends StoreReport {
  folder: string;
  ok: boolean;
  /** Absent for a relay, which stores documents without reading them. */
  references?: ChunkReferences;
}

export function addVerify(program: Command, cli: Cli): void {
  program
    .command('verify')
    .description('Check every log record and chunk of a workspace or relay, and that the chunks its documents name are there. Changes nothing.')
    .argument('<dir>', 'folder of the workspace, or data folder of a relay', parseFolder)
    .option('--json', 'the whole report as JSON')
    .addHelpText('after', '\nExit code: 0 whole, 1 damaged, 10 there is no workspace.\n' + examples('daybook verify ./lab', 'daybook verify ./lab --json'))
    .action(async (folder: string, options: { json?: boolean }) => {
      const report = await verifyFolder(folder);
      if (!report) {
        console.error(`error not_found: There is no workspace in ${folder}: it has no log.`);
        cli.exitCode = 10;
        return;
      }
      console.log(options.json ? JSON.stringify(report, undefined, 2) : lines(report).join('\n'));
      if (!report.ok) cli.exitCode = 1;
    });
}

/** Checks a folder; undefined when it holds no workspace and no relay's data. Safe beside a running host. */
export async function verifyFolder(folder: string): Promise<Verification | undefined> {
  const writers = await foldersIn(path.join(folder, 'log'));
  if (!writers) return undefined;
  const logs = new Map(writers.map((name) => [name, path.join(folder, 'log', name)]));
  const chunks = path.join(folder, 'chunks');
  const snapshots = path.join(folder, 'snapshots');
  // A relay keeps states of documents apart from its teams' chunks and does not look into either.
  const isRelay = (await foldersIn(snapshots)) !== undefined;
  const stores = isRelay ? [snapshots, ...((await foldersIn(chunks)) ?? []).map((team) => path.join(chunks, team))] : [chunks];
  const [store, ...others] = await Promise.all(stores.map((chunksDir, i) => verifyStore({ logDirs: i === 0 ? [...logs.values()] : [], chunksDir })));
  if (!store) return undefined;
  for (const other of others) {
    store.chunks += other.chunks;
    store.bytes += other.bytes;
    store.badChunks.push(...other.badChunks);
  }
  const references = isRelay ? undefined : await checkReferences(logs, chunks);
  const flaws = [store.damaged, store.badChunks, store.missingSnapshotChunks, references?.missing, references?.unsealed, references?.unreadable];
  return { folder, ok: flaws.every((list) => !list?.length), ...store, ...(references ? { references } : {}) };
}

async function foldersIn(folder: string): Promise<string[] | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  return entries?.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function lines({ ok, records, chunks, bytes, damaged, tornTails, badChunks, missingSnapshotChunks, references }: Verification): string[] {
  return [
    `${records} records, ${chunks} chunks, ${references ? `${references.documents} documents, ` : ''}${bytes} bytes`,
    ...damaged.map(({ file, offset, why }) => `damaged  ${file} at byte ${offset}: ${why}`),
    ...badChunks.map((file) => `damaged  ${file}: its bytes are not those it is named after`),
    ...missingSnapshotChunks.map(({ document, hash }) => `missing  chunk ${hash}: the state of ${document}`),
    ...(references?.missing ?? []).map(({ chunk, document, what }) => `missing  chunk ${chunk}: ${what} (${document})`),
    ...(references?.unsealed ?? []).map(({ run, why }) => `missing  points of run ${run}: ${why}`),
    ...(references?.unreadable ?? []).map(({ document, why }) => `damaged  ${document || 'a document'}: ${why}`),
    ...tornTails.map(({ file, offset }) => `note     ${file} ends unfinished at byte ${offset}: a write was interrupted; nothing acknowledged is lost`),
    ...(references?.strangers ?? []).map((owner) => `note     the log has facts of ${owner}, which no document knows; they show when it comes back`),
    ...(references?.elsewhere ? [`note     ${references.elsewhere} chunks of teammates are not on this disk yet`] : []),
    ok ? 'ok' : 'not ok',
  ];
}
