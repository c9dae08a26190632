import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFaultyFiles, openAppendLog, recordType } from '#store';
import { checkReferences } from './chunkReferences.ts';
import { encodeSealed } from './pointsRecord.ts';
import { openWorkspace } from './workspace.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-references-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

/** A workspace with a run that has sealed points, an artifact of its own and one that is only in the log. */
async function sampleWorkspace() {
  let dead = false;
  const { files } = createFaultyFiles(() => (dead ? { code: 'EIO' } : undefined));
  const workspace = await openWorkspace({ dir, files });
  const { tracking } = workspace;
  const { id } = await tracking.createRun({ experimentId: '0' });
  const folded = await tracking.putArtifact({ kind: 'run', id }, 'folded.txt', Buffer.from('folded'));
  await tracking.logBatch(id, { points: [{ key: 'loss', step: 1, time: 1, value: 2 }] });
  await workspace.checkpoint();
  const model = await tracking.createLoggedModel({ experimentId: '0', name: 'net' });
  const logged = await tracking.putArtifact({ kind: 'model', id: model.id }, 'logged.txt', Buffer.from('logged'));
  // The process ends before the entry gets into a document.
  dead = true;
  await workspace.close().catch(() => undefined);
  const [series] = workspace.catalog.runRow(id)!.hosts.get(workspace.hostId)!.series!;
  const logs = new Map([[workspace.hostId, join(dir, 'log', workspace.hostId)]]);
  return { id, hostId: workspace.hostId, model: model.id, check: () => checkReferences(logs, join(dir, 'chunks')), chunks: { folded: folded.hash, logged: logged.hash, series: series!.chunk } };
}

test('a whole workspace has all that its documents and its log name', async () => {
  const { check } = await sampleWorkspace();
  expect(await check()).toMatchObject({ chunks: 3, missing: [], unsealed: [], strangers: [], elsewhere: 0, unreadable: [] });
});

test('chunks that a document or only the log names are missed', async () => {
  const { id, model, check, chunks } = await sampleWorkspace();
  for (const chunk of Object.values(chunks)) await rm(join(dir, 'chunks', chunk.slice(0, 2), chunk.slice(2)));
  expect((await check()).missing).toEqual([
    { chunk: chunks.series, document: 'experiment/0', what: `points of run ${id}` },
    { chunk: chunks.folded, document: 'experiment/0', what: `artifact folded.txt of run ${id}` },
    { chunk: chunks.logged, document: 'the log', what: `artifact logged.txt of logged model ${model}` },
  ]);
});

test('points that are counted as sealed and stand in no document are missed; facts of what no document knows are told', async () => {
  const { id, hostId, check } = await sampleWorkspace();
  const log = await openAppendLog({ dir: join(dir, 'log', hostId), writerId: hostId });
  const upTo = log.lastSeq;
  log.append(recordType.sealed, encodeSealed({ runId: id, upTo }));
  log.append(recordType.sealed, encodeSealed({ runId: 'gone', upTo: 1 }));
  await log.close();
  const { unsealed } = await check();
  expect(unsealed).toMatchObject([
    { run: id, why: expect.stringContaining(`sealed up to record ${upTo}, its document up to `) as string },
    { run: 'gone', why: expect.stringContaining('its document up to 0') as string },
  ]);
});
