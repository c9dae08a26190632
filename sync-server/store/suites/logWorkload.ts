/**
 * A small writer that notes what it attempted, what was acknowledged and what was refused, and the check that
 * compares these notes with what is found afterwards (the set checker of fault tests).
 */
import { expect } from 'vitest';
import { openAppendLog } from '../appendLog.ts';
import type { Files } from '../files.ts';
import type { LogFlaw } from '../logFolder.ts';
import { all } from './appendLogSuite.ts';

export interface WorkloadNotes {
  attempted: string[];
  acknowledged: string[];
  refused: string[];
}

/** Appends `batches` times three records at once, over several segments; never throws. */
export async function runLogWorkload(dir: string, files: Files, batches = 6): Promise<WorkloadNotes> {
  const notes: WorkloadNotes = { attempted: [], acknowledged: [], refused: [] };
  try {
    const log = await openAppendLog({ dir, writerId: 'host-a', segmentBytes: 300, files });
    for (let batch = 0; batch < batches; batch += 1) {
      const texts = ['a', 'b', 'c'].map((part) => `${batch}${part} ${'.'.repeat(batch * 7)}`);
      notes.attempted.push(...texts);
      let last = 0;
      for (const text of texts) last = log.append(16, Buffer.from(text));
      await log.durable(last).then(
        () => notes.acknowledged.push(...texts),
        () => notes.refused.push(...texts),
      );
    }
    // What is refused for good may not be seen in the running process either.
    const now = (await all(log)).map(({ payload }) => Buffer.from(payload).toString());
    expect(now.filter((text) => notes.refused.includes(text))).toEqual([]);
    await log.close();
  } catch (error) {
    if (error instanceof Error && error.name !== 'StoreError') throw error;
  }
  return notes;
}

/** Opens the log anew on the real disk: acknowledged ⊆ present ⊆ attempted, each once, in order, numbers rising. */
export async function checkLog(dir: string, notes: WorkloadNotes): Promise<{ present: string[]; flaws: LogFlaw[] }> {
  const flaws: LogFlaw[] = [];
  const log = await openAppendLog({ dir, writerId: 'host-a', onFlaw: (flaw) => flaws.push(flaw) });
  const records = await all(log);
  const present = records.map(({ payload }) => Buffer.from(payload).toString());
  expect(present).toEqual(expect.arrayContaining(notes.acknowledged));
  // In order and each at most once: what is present is the attempts with some left out.
  expect(present).toEqual(notes.attempted.filter((text) => present.includes(text)));
  for (const [index, { seq }] of records.entries()) expect(seq).toBeGreaterThan(records[index - 1]?.seq ?? 0);
  // And the log goes on.
  const next = log.append(16, Buffer.from('next'));
  expect(next).toBeGreaterThan(records.at(-1)?.seq ?? 0);
  await log.durable(next);
  expect((await all(log)).at(-1)?.seq).toBe(next);
  await log.close();
  return { present, flaws };
}
