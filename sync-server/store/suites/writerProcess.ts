/**
 * A process to be killed: eight callers append to the log in the folder given as argument, for ever. Each writes
 * `+ <text>` to standard output before it appends and `= <text>` once that is durable, synchronously, so that the
 * reader of the pipe knows what was attempted and acknowledged up to the very end.
 */
import { writeSync } from 'node:fs';
import { openAppendLog } from '../appendLog.ts';

const dir = process.argv[2];
if (!dir) throw new Error('Give a folder.');
const log = await openAppendLog({ dir, writerId: 'host-a', segmentBytes: 3000 });

async function write(caller: number): Promise<never> {
  for (let i = 0; ; i += 1) {
    const text = `${process.pid}/${caller}/${i}/${'.'.repeat((i * 37) % 300)}`;
    writeSync(1, `+ ${text}\n`);
    await log.durable(log.append(16, Buffer.from(text)));
    writeSync(1, `= ${text}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, (_, caller) => write(caller)));
