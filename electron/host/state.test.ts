import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createStateFile } from './state.ts';

let dir: string;
let problems: string[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'daybook-state-'));
  problems = [];
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

const schema = z.object({ format: z.literal(1), rows: z.record(z.string(), z.number()) });
const data = { format: 1 as const, rows: { a: 1, b: 2 } };
const open = () => createStateFile({ path: join(dir, 'x.json'), format: 1, schema, onDamaged: (message) => problems.push(message) });

test('what was written is read, by people too: one row a line', async () => {
  await open().write(data);
  expect(await open().read()).toEqual(data);
  expect((await readFile(join(dir, 'x.json'), 'utf8')).split('\n').slice(1)).toEqual(['"format": 1,', '"rows": {', '"a": 1,', '"b": 2', '}', '}', '']);
  expect(await readdir(dir)).toEqual(['x.json']);
});

describe('a damaged file is put aside and never overwritten', () => {
  const whole = '{"crc32":"00000000",\n"format": 1,\n"rows": {"a": 1}\n}\n';
  const cases: Record<string, string | Buffer> = {
    empty: '',
    null: 'null',
    list: '[]',
    text: '"x"',
    torn: '{"crc32":"1234',
    'zero bytes': Buffer.alloc(4096),
    'wrong checksum': whole,
    'a byte order mark': '\uFEFF{"format":1,"rows":{}}',
    'duplicate keys': '{"format":1,"format":1,"rows":{"a":1,"a":2}}',
    'a prototype': '{"__proto__":{"format":1},"rows":{}}',
    'no format': '{"rows":{}}',
    large: Buffer.alloc(20 * 2 ** 20, 'x'),
  };
  for (const [name, content] of Object.entries(cases)) {
    test(name, async () => {
      await writeFile(join(dir, 'x.json'), content);
      expect(await open().read()).toBeUndefined();
      expect(problems).toEqual([expect.stringContaining('x.json is damaged')]);
      await open().write(data);
      const aside = (await readdir(dir)).filter((file) => file.startsWith('x.json.corrupt-'));
      expect(aside).toHaveLength(1);
      expect(Buffer.from(content).equals(await readFile(join(dir, aside[0]!)))).toBe(true);
      expect(await open().read()).toEqual(data);
    });
  }
});

test('when the newest copy is damaged the one before is read', async () => {
  await open().write(data);
  await open().write({ format: 1, rows: { c: 3 } });
  const path = join(dir, 'x.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"c": 3', '"c": 4'));
  expect(await open().read()).toEqual(data);
  expect(problems).toEqual([expect.stringContaining('checksum')]);
});

test('a newer format is refused and left alone', async () => {
  await writeFile(join(dir, 'x.json'), '{"format": 2}');
  await expect(open().read()).rejects.toMatchObject({ code: 'too_new' });
  expect(await readdir(dir)).toEqual(['x.json']);
});

test('two writers at the same time leave one whole file', async () => {
  const a = open();
  const b = open();
  for (let i = 0; i < 100; i += 1) {
    await Promise.all([a.write({ format: 1, rows: { a: i } }), b.write({ format: 1, rows: { b: i } })]);
    expect([{ a: i }, { b: i }]).toContainEqual((await open().read())!.rows);
  }
  expect(problems).toEqual([]);
});

test('a half-written file that another process left is no hindrance', async () => {
  await writeFile(join(dir, 'x.json.99999-abcdef012345.tmp'), '{"for');
  await open().write(data);
  expect(await open().read()).toEqual(data);
});
