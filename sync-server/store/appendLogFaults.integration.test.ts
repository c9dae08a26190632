import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openAppendLog } from './appendLog.ts';
import { all } from './suites/appendLogSuite.ts';
import { createFaultyFiles, dyingAt } from './suites/faultyFiles.ts';
import type { Fault, FileOperation } from './suites/faultyFiles.ts';
import { checkLog, runLogWorkload } from './suites/logWorkload.ts';
import { tempFolder } from './suites/tempFolder.ts';

/** Runs the workload once for each of its file operations; `faultAt` is given the number of the one to strike. */
async function forEveryOperation(
  faultAt: (n: number) => (operation: FileOperation) => Fault | undefined,
  after: (dir: string, disk: ReturnType<typeof createFaultyFiles>, notes: Awaited<ReturnType<typeof runLogWorkload>>) => Promise<void>,
): Promise<number> {
  const calm = createFaultyFiles();
  await runLogWorkload(tempFolder(), calm.files);
  for (let n = 1; n <= calm.operations(); n += 1) {
    const dir = tempFolder();
    const disk = createFaultyFiles(faultAt(n));
    await after(dir, disk, await runLogWorkload(dir, disk.files));
  }
  return calm.operations();
}

describe('append log under faults', () => {
  for (const keep of ['all', 'half', 'none'] as const) {
    it(`loses nothing acknowledged when the process ends at any file operation and of unsynced bytes the disk keeps: ${keep}`, async () => {
      const operations = await forEveryOperation(dyingAt, async (dir, disk, notes) => {
        await disk.losePower(keep);
        await checkLog(dir, notes);
      });
      expect(operations).toBeGreaterThan(20);
    });
  }

  for (const code of ['ENOSPC', 'EIO'] as const) {
    for (const written of [0, 10, 60, 1000]) {
      it(`refuses what it could not write (${code} after ${written} bytes), never shows it again, and goes on`, async () => {
        await forEveryOperation(
          (n) => ({ count }) => (count === n ? { code, written } : undefined),
          async (dir, _disk, notes) => {
            expect(notes.acknowledged.length + notes.refused.length === 18 || notes.attempted.length === 0).toBe(true);
            expect(notes.refused.length).toBeLessThanOrEqual(3);
            const { present } = await checkLog(dir, notes);
            expect(present).toEqual(notes.acknowledged);
          },
        );
      });
    }
  }

  it('never shows a refused record again even when it cannot be cut off the file', async () => {
    await forEveryOperation(
      (n) => ({ count, kind }) => (count === n || kind === 'truncate' ? { code: 'EIO', written: 1000 } : undefined),
      async (dir, _disk, notes) => {
        const { present } = await checkLog(dir, notes);
        // Had it been the very last write, nothing after it could say that it is void.
        const lastWasRefused = notes.refused.includes(notes.attempted.at(-1) ?? '');
        if (!lastWasRefused) expect(present).toEqual(notes.acknowledged);
      },
    );
  });

  it('stays usable while the disk is full and stores again once there is room', async () => {
    const dir = tempFolder();
    let full = false;
    const disk = createFaultyFiles(({ kind }) => (full && (kind === 'write' || kind === 'create') ? { code: 'ENOSPC', written: 5 } : undefined));
    const log = await openAppendLog({ dir, writerId: 'host-a', files: disk.files });
    await log.durable(log.append(16, Buffer.from('before')));
    full = true;
    for (let i = 0; i < 5; i += 1) {
      await expect(log.durable(log.append(16, Buffer.from(`lost ${i}`)))).rejects.toMatchObject({ code: 'disk_full' });
    }
    expect((await all(log)).length).toBe(1);
    full = false;
    const seq = log.append(16, Buffer.from('after'));
    await log.durable(seq);
    expect(seq).toBe(7);
    await expect(log.durable(3)).rejects.toMatchObject({ code: 'disk_full' });
    await expect(log.durable(seq, 6)).rejects.toMatchObject({ code: 'disk_full' });
    await log.durable();
    const texts = (await all(log)).map(({ payload }) => Buffer.from(payload).toString());
    expect(texts).toEqual(['before', 'after']);
    await log.close();
    expect(readdirSync(dir).length).toBe(2);
  });

  it('never syncs a file again whose sync failed', async () => {
    const syncs: string[] = [];
    let failed = '';
    const disk = createFaultyFiles(({ kind, path }) => {
      if (kind !== 'sync') return undefined;
      syncs.push(path);
      if (syncs.length !== 2) return undefined;
      failed = path;
      return { code: 'EIO' };
    });
    const log = await openAppendLog({ dir: tempFolder(), writerId: 'host-a', files: disk.files });
    const outcomes = [];
    for (let i = 0; i < 4; i += 1) outcomes.push(await log.durable(log.append(16, Buffer.from(`${i}`))).then(() => 'stored', () => 'refused'));
    await log.close();
    expect(outcomes).toEqual(['stored', 'refused', 'stored', 'stored']);
    expect(syncs.slice(2)).not.toContain(failed);
  });

  it('tells of a failed last write when closing', async () => {
    const disk = createFaultyFiles(({ kind }) => (kind === 'write' ? { code: 'ENOSPC' } : undefined));
    const log = await openAppendLog({ dir: tempFolder(), writerId: 'host-a', files: disk.files });
    log.append(16, Buffer.from('x'));
    await expect(log.close()).rejects.toMatchObject({ code: 'disk_full' });
  });
});
