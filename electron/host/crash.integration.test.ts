/** Processes killed while they log: everything acknowledged is there afterwards, exactly once. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRandom } from '#compute';
import { verifyStore } from '#store';
import type { Acknowledged } from './crashFixture.ts';
import { openWorkspace } from './workspace.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-crash-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

/** Logs into the workspace until it is killed some milliseconds after its first acknowledgement. */
async function logUntilKilled(life: string, afterMs: number): Promise<Acknowledged[]> {
  const fixture = fileURLToPath(new URL('crashFixture.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', fixture, dir, life], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface(child.stdout)) {
    acknowledged.push(JSON.parse(line) as Acknowledged);
    if (acknowledged.length === 1) void delay(afterMs).then(() => child.kill('SIGKILL'));
  }
  return acknowledged;
}

test('killed at eight random moments, a workspace keeps every acknowledged point, param, tag and artifact once', async () => {
  const seed = 20260301;
  const random = createRandom(seed);
  const acknowledged: (Acknowledged & { life: string })[] = [];
  for (let round = 0; round < 8; round += 1) {
    const life = `life${round}`;
    for (const each of await logUntilKilled(life, random.below(400))) acknowledged.push({ ...each, life });
  }
  expect(acknowledged.length, `seed ${seed}`).toBeGreaterThan(8);

  const problems: string[] = [];
  const workspace = await openWorkspace({ dir, onProblem: (message) => problems.push(message) });
  for (const { run: id, step, param, artifact, life } of acknowledged) {
    const run = workspace.catalog.run(id);
    expect(run, `seed ${seed}, run ${id}`).toMatchObject({ params: { [param]: life }, tags: { [param]: life } });
    const { step: steps } = await workspace.series.read(id, 'loss');
    expect([...steps].filter((each) => each === step)).toEqual([step]);
    expect(run!.metrics.loss!.step).toBeGreaterThanOrEqual(step);
    expect(run!.metrics.loss!.count, 'no point is counted twice').toBe(steps.length);
    expect(workspace.catalog.artifacts({ kind: 'run', id }).filter(({ path }) => path === artifact)).toHaveLength(1);
    await workspace.artifacts.open({ kind: 'run', id }, artifact).then(({ stream }) => stream.destroy());
  }
  await workspace.close();
  expect(problems).toEqual([]);
  const report = await verifyStore({ logDirs: [join(dir, 'log', workspace.hostId)], chunksDir: join(dir, 'chunks') });
  expect(report.damaged).toEqual([]);
}, 120_000);
