import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatNumber, formatRelative, fullNumber } from './format.ts';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [0.913412, '0.9134'],
    [0.5, '0.5'],
    [12.3456, '12.35'],
    [1234.56, '1,235'],
    [12345.6, '12,346'],
    [1234567, '1,234,567'],
    [12345678, '1.235e7'],
    [0.00012345, '0.0001234'],
    [0.000012345, '1.234e-5'.replace('-', '−')],
    [-0.25, '−0.25'],
    [3e-4, '0.0003'],
    [NaN, 'NaN'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
  ])('%d reads %s', (value, text) => expect(formatNumber(value)).toBe(text));

  it('keep every digit for hovering', () => {
    expect([0.1 + 0.2, -Infinity, NaN, 1e21].map(fullNumber)).toEqual(['0.30000000000000004', '-Infinity', 'NaN', '1e+21']);
  });
});

describe('times', () => {
  const now = Date.UTC(2026, 0, 31, 12);
  const ago = (ms: number): string => formatRelative(now - ms, now);
  it('are relative', () => {
    expect([ago(5e3), ago(61e3), ago(59 * 60e3), ago(3 * 3600e3), ago(2 * 86400e3), ago(15 * 86400e3), ago(400 * 86400e3)]).toEqual([
      'now', '1m ago', '59m ago', '3h ago', '2d ago', '2w ago', '1y ago',
    ]);
    expect(formatRelative(now + 3 * 86400e3, now)).toBe('in 3d');
    expect(formatRelative(0, now)).toBe('–');
  });

  it('have durations', () => {
    expect([840, 12_345, 59_960, 250_000, 3 * 3600e3 + 5 * 60e3, 52 * 3600e3, -1, NaN].map(formatDuration)).toEqual([
      '840 ms', '12.3 s', '1 min 00 s', '4 min 10 s', '3 h 05 min', '2 d 4 h', '–', '–',
    ]);
  });
});

it('sizes and counts have units', () => {
  expect([999, 12_400, 3_500_000, 7e12].map(formatBytes)).toEqual(['999 B', '12.4 kB', '3.50 MB', '7.00 TB']);
  expect([formatCount(1, 'run'), formatCount(12_040, 'run'), formatCount(0, 'child', 'children')]).toEqual(['1 run', '12,040 runs', '0 children']);
});
