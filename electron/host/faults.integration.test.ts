/**
 * A workspace on a disk that fails: any write, sync or new name may be refused, the disk may be full for a while, the
 * power may go at any moment and take with it what was never synced. Whatever happens, what was acknowledged is there
 * once, and nothing is there that nobody asked for.
 */
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRandom, type Random } from '#compute';
import { createFaultyFiles, verifyStore, type Fault, type FileOperation } from '#store';
import { checkReferences } from './chunkReferences.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-faults-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

/** What was asked for, and what of it was acknowledged. Everything has a name of its own. */
interface Journal {
  asked: Set<string>;
  acknowledged: Set<string>;
  runs: string[];
  models: string[];
  experiments: string[];
  count: number;
}

/** Does something random; notes what was asked before, and what was acknowledged after. */
async function act({ tracking, checkpoint }: Workspace, journal: Journal, random: Random): Promise<void> {
  const mark = (journal.count += 1);
  const run = journal.runs.length > 0 ? random.pick(journal.runs) : undefined;
  const note = async (things: string[], work: () => Promise<unknown>): Promise<void> => {
    for (const thing of things) journal.asked.add(thing);
    await work();
    for (const thing of things) journal.acknowledged.add(thing);
  };
  const what = random.below(20);
  if (what === 0) {
    await note([`experiment e${mark}`], async () => journal.experiments.push((await tracking.createExperiment({ name: `e${mark}` })).id));
  } else if (what === 1 || run === undefined) {
    const experimentId = random.pick(journal.experiments);
    // The reply is lost, and the client asks again.
    const ask = { experimentId, name: `r${mark}`, startedAt: mark, requestHash: `${mark}` };
    await note([`run r${mark}`], async () => {
      const first = await tracking.createRun(ask);
      tracking.replyLost(first.id);
      const second = await tracking.createRun(ask);
      expect(second.id).toBe(first.id);
      journal.runs.push(first.id);
    });
  } else if (what < 10) {
    const points = Array.from({ length: 1 + random.below(5) }, (_, i) => ({ key: `m${random.below(2)}`, step: mark * 10 + i, time: mark, value: i }));
    const params = random.below(2) === 0 ? [{ key: `p${mark}`, value: `${mark}` }] : [];
    const tags = random.below(3) === 0 ? [{ key: `t${mark}`, value: `${mark}` }] : [];
    const things = [...points.map(({ key, step }) => `point ${run} ${key} ${step}`), ...params.map(({ key }) => `param ${run} ${key}`), ...tags.map(({ key }) => `tag ${run} ${key}`)];
    await note(things, () => tracking.logBatch(run, { points, params, tags }));
  } else if (what < 12) {
    await note([`param ${run} p${mark}`], () => tracking.logBatch(run, { params: [{ key: `p${mark}`, value: `${mark}` }] }));
  } else if (what < 14) {
    await note([`artifact run ${run} f${mark}`], () => tracking.putArtifact({ kind: 'run', id: run }, `f${mark}`, Buffer.from(`bytes ${mark % 4}`)));
  } else if (what === 14) {
    await note([`model m-${mark}`], async () => journal.models.push((await tracking.createLoggedModel({ experimentId: '0', name: `m-${mark}` })).id));
  } else if (what === 15 && journal.models.length > 0) {
    const id = random.pick(journal.models);
    await note([`artifact model ${id} f${mark}`], () => tracking.putArtifact({ kind: 'model', id }, `f${mark}`, Buffer.from(`bytes ${mark % 4}`)));
  } else if (what < 18) {
    await tracking.updateRun(run, { status: random.below(2) === 0 ? 'FINISHED' : 'RUNNING' });
  } else await checkpoint();
}

/** Faults now and then, a full disk now and then, and death at some operation. */
function misfortune(random: Random, deathAt: number): (operation: FileOperation) => Fault | undefined {
  let fullUntil = 0;
  return ({ count, kind }) => {
    if (count >= deathAt) return { code: 'EIO', written: count === deathAt ? random.below(200) : 0 };
    if (random.below(100) === 0) fullUntil = count + random.below(30);
    if (count < fullUntil && (kind === 'write' || kind === 'create' || kind === 'createFolder')) return { code: 'ENOSPC', written: random.below(60) };
    if (random.below(60) === 0) return { code: 'EIO', written: random.below(60) };
    return undefined;
  };
}

/** Everything that the workspace shows, in the words of the journal; each as often as it is there. */
async function contents({ catalog, series, artifacts }: Workspace): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of catalog.experiments()) if (name !== 'Default') found.push(`experiment ${name}`);
  for (const { id: experimentId } of catalog.experiments()) {
    for (const { id, name, params, tags, metrics } of catalog.runs(experimentId)) {
      found.push(`run ${name}`);
      for (const [key, value] of Object.entries(params)) found.push(`param ${id} ${key}`, ...(`p${value}` === key ? [] : [`a wrong value of ${key}`]));
      for (const key in tags) if (!key.startsWith('mlflow.')) found.push(`tag ${id} ${key}`);
      for (const key in metrics) {
        const { step } = await series.read(id, key);
        for (const each of step) found.push(`point ${id} ${key} ${each}`);
      }
      found.push(...(await files('run', id)));
    }
    for (const { id, name } of catalog.loggedModels(experimentId)) found.push(`model ${name}`, ...(await files('model', id)));
  }
  return found;

  async function files(kind: 'run' | 'model', id: string): Promise<string[]> {
    const all: string[] = [];
    for (const { path } of catalog.artifacts({ kind, id })) {
      const { stream } = await artifacts.open({ kind, id }, path);
      const right = (await buffer(stream)).toString() === `bytes ${Number(path.slice(1)) % 4}`;
      all.push(`artifact ${kind} ${id} ${path}`, ...(right ? [] : [`wrong bytes of ${path}`]));
    }
    return all;
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('what was acknowledged is there once, whatever the disk does (seed %i)', async (seed) => {
  const random = createRandom(seed);
  const journal: Journal = { asked: new Set(), acknowledged: new Set(), runs: [], models: [], experiments: ['0'], count: 0 };
  let folder = join(dir, 'life0');
  let moved = false;
  for (let life = 0; life < 5; life += 1) {
    const disk = createFaultyFiles(misfortune(random, 30 + random.below(400)));
    const opened = await openWorkspace({ dir: folder, files: disk.files, segmentBytes: 3000 }).catch(() => undefined);
    if (opened) {
      for (let round = 0; round < 40; round += 1) await Promise.allSettled(Array.from({ length: 1 + random.below(5) }, () => act(opened, journal, random)));
      // The disk is dead by now, or dies while it closes; what closing cannot write is like what a crash does not write.
      await opened.close().catch(() => undefined);
    }
    await disk.losePower(random.pick(['none', 'half', 'all']));
    if (random.below(4) === 0) {
      // Elsewhere it gets another host id, and adopts what the one before left in its log.
      await rename(folder, join(dir, `life${life + 1}`));
      folder = join(dir, `life${life + 1}`);
      moved = true;
    }

    const problems: string[] = [];
    const workspace = await openWorkspace({ dir: folder, segmentBytes: 3000, onProblem: (message) => problems.push(message) });
    const found = await contents(workspace);
    const present = new Set(found);
    const say = `seed ${seed}, life ${life}`;
    expect([...journal.acknowledged].filter((thing) => !present.has(thing)), `${say}: lost`).toEqual([]);
    expect(found.filter((thing) => !journal.asked.has(thing)), `${say}: never asked for`).toEqual([]);
    expect(found.length - present.size, `${say}: there twice`).toBe(0);
    if (!moved) for (const { record: { id, metrics } } of workspace.catalog.runRows()) {
      for (const key in metrics) expect(metrics[key]!.count, `${say}: count of ${key}`).toBe(found.filter((thing) => thing.startsWith(`point ${id} ${key} `)).length);
    }
    expect(problems, say).toEqual([]);
    if (random.below(2) === 0) await workspace.checkpoint();
    await workspace.close();
    const report = await verifyStore({ logDirs: [join(folder, 'log', workspace.hostId)], chunksDir: join(folder, 'chunks') });
    expect(report, say).toMatchObject({ damaged: [], badChunks: [], missingSnapshotChunks: [] });
    expect(await checkReferences(new Map([[workspace.hostId, join(folder, 'log', workspace.hostId)]]), join(folder, 'chunks')), say).toMatchObject({ missing: [], unreadable: [] });
  }
  expect(journal.acknowledged.size, `seed ${seed}`).toBeGreaterThan(20);
}, 60_000);
