/**
 * Only for tests: a process that logs into a workspace without pause and says on stdout, after each acknowledgement,
 * what was acknowledged, until it is killed. Arguments: folder, a word that marks this life of it.
 */
import { openWorkspace } from './workspace.ts';

/** What a line of its output says was acknowledged. */
export interface Acknowledged {
  run: string;
  step: number;
  param: string;
  artifact: string;
}

const [dir = '', life = ''] = process.argv.slice(2);
const { tracking } = await openWorkspace({ dir });

for (let round = 0; ; round += 1) {
  const { id } = await tracking.createRun({ experimentId: '0', name: `${life}-${round}` });
  for (let step = 0; step < 20; step += 1) {
    const param = `p${step}`;
    const artifact = `files/${step}.txt`;
    await Promise.all([
      tracking.logBatch(id, { points: [{ key: 'loss', step, time: step, value: step / 7 }], params: [{ key: param, value: life }], tags: [{ key: param, value: life }] }),
      tracking.putArtifact({ kind: 'run', id }, artifact, Buffer.from(`${life} ${step % 5}`)),
    ]);
    process.stdout.write(`${JSON.stringify({ run: id, step, param, artifact } satisfies Acknowledged)}\n`);
  }
  await tracking.updateRun(id, { status: 'FINISHED', endedAt: 1 });
}
