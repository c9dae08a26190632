import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorkspace } from './workspace.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-workspace-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

test('what was logged is there after closing and opening again', async () => {
  const first = await openWorkspace({ dir });
  const experiment = await first.tracking.createExperiment({ name: 'mnist', tags: { team: 'vision' } });
  const run = await first.tracking.createRun({ experimentId: experiment.id, name: 'first', user: 'ada', startedAt: 1000, tags: { a: 'b' } });
  await first.tracking.logBatch(run.id, {
    points: [
      { key: 'loss', step: 0, time: 1000, value: 2 },
      { key: 'loss', step: 1, time: 1001, value: NaN },
      { key: 'acc', step: 0, time: 1000, value: Infinity },
    ],
    params: [{ key: 'lr', value: '0.1' }],
    tags: [{ key: 'mlflow.runName', value: 'renamed' }],
  });
  await first.tracking.putArtifact({ kind: 'run', id: run.id }, 'out/model.txt', new TextEncoder().encode('weights'));
  await first.tracking.updateRun(run.id, { status: 'FINISHED', endedAt: 2000 });
  const before = structuredClone(first.catalog.run(run.id));
  await first.close();

  const second = await openWorkspace({ dir });
  expect(second.hostId).toBe(first.hostId);
  expect(second.catalog.run(run.id)).toEqual(before);
  expect(before).toMatchObject({ name: 'renamed', status: 'FINISHED', params: { lr: '0.1' }, tags: { a: 'b', 'mlflow.runName': 'renamed' }, user: 'ada' });
  expect(before!.metrics.loss).toEqual({ value: NaN, step: 1, time: 1001, min: 2, max: 2, count: 2 });
  expect([...(await second.series.read(run.id, 'loss')).value]).toEqual([2, NaN]);
  expect(second.catalog.artifacts({ kind: 'run', id: run.id })).toMatchObject([{ path: 'out/model.txt', size: 7 }]);
  expect(second.catalog.experimentByName('mnist')?.tags).toEqual({ team: 'vision' });
  await second.close();
});
