import { expect, test } from 'vitest';
import { mostRows, readTable } from './TableView.tsx';

test('quoted cells, numbers told from text', () => {
  const table = readTable('name,score\r\n"fox, brave",0.5\r\nowl,\r\n', ',', true);
  expect(table).toMatchObject({ head: ['name', 'score'], rows: [['fox, brave', '0.5'], ['owl', '']], total: 2, numeric: [false, true] });
});

test('a text that was cut loses its last, perhaps half, row', () => {
  expect(readTable('a,b\n1,2\n3,', ',', false).rows).toEqual([['1', '2']]);
});

test('only the first rows are shown, all are counted', () => {
  const table = readTable('n\n' + Array.from({ length: 1200 }, (_, i) => i).join('\n'), ',', true);
  expect(table.rows).toHaveLength(mostRows);
  expect(table.total).toBe(1200);
});

test('a byte order mark is not part of the first name', () => {
  expect(readTable('\uFEFFid\tv\n1\t2', '\t', true).head).toEqual(['id', 'v']);
});
