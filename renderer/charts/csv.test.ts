import { expect, test } from 'vitest';
import { csvCell, linesToCsv } from './csv.ts';

test('one row per point, numbers in full', () => {
  const lines = [{ runId: 'a1', x: Float64Array.of(0, 1), y: Float64Array.of(0.1, NaN), points: 2 }];
  expect(linesToCsv(lines, 'val/loss', 'step', () => 'brave "fox", 2')).toBe(
    'run_id,run,step,val/loss\r\na1,"brave ""fox"", 2",0,0.1\r\na1,"brave ""fox"", 2",1,NaN\r\n',
  );
});

test('the column says its unit', () => {
  expect(linesToCsv([], 'm', 'relative', String)).toBe('run_id,run,relative_s,m\r\n');
});

test.each([
  ['=1+1', "'=1+1"],
  ['@cmd', "'@cmd"],
  ['-2', "'-2"],
  ['+x,y', '"\'+x,y"'],
  ['\tx', "'\tx"],
  ['plain', 'plain'],
  ['a=b', 'a=b'],
])('%j becomes %j', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});
