import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { openAppendLog } from './appendLog.ts';
import { all } from './suites/appendLogSuite.ts';
import { tempFolder } from './suites/tempFolder.ts';
import { verifyStore } from './verify.ts';

const kills = Number(process.env.DAYBOOK_KILLS ?? 25);

it(`loses nothing acknowledged over ${kills} kills of a real process, all on one log`, { timeout: 20_000 + kills * 2_000 }, async () => {
  const dir = tempFolder();
  const program = join(tempFolder(), 'writer.mjs');
  const entry = fileURLToPath(new URL('./suites/writerProcess.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  const random = seededRandom(20_261_121);
  const attempted = new Set<string>();
  const acknowledged: string[] = [];

  for (let kill = 0; kill < kills; kill += 1) {
    // Dies upon this line of its output: before the first write, in the middle, after many segments.
    const output = await outputUntil(program, dir, Math.floor(random() ** 2 * 1500));
    for (const line of output) {
      if (line.startsWith('+ ')) attempted.add(line.slice(2));
      if (line.startsWith('= ')) acknowledged.push(line.slice(2));
    }
  }

  const log = await openAppendLog({ dir, writerId: 'host-a' });
  const records = await all(log);
  const present = records.map(({ payload }) => Buffer.from(payload).toString());
  const found = new Set(present);
  expect(acknowledged.length).toBeGreaterThan(kills);
  expect(acknowledged.filter((text) => !found.has(text))).toEqual([]);
  expect(present.filter((text) => !attempted.has(text))).toEqual([]);
  expect(found.size).toBe(present.length);
  expect(records.every(({ seq }, index) => seq > (records[index - 1]?.seq ?? 0))).toBe(true);
  expect((await verifyStore({ logDirs: [dir], chunksDir: join(dir, 'none') })).damaged).toEqual([]);
  await log.close();
});

/** Starts the writer, kills it once it has written this many lines, and gives back all whole lines. */
function outputUntil(program: string, dir: string, lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    let seen = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      seen += text.split('\n').length - 1;
      if (seen >= lines) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => resolve(output.split('\n').slice(0, -1)));
  });
}

/** mulberry32: the same numbers in [0, 1) for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
