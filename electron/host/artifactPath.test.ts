import { describe, expect, it } from 'vitest';
import { parseRange } from './artifactFiles.ts';
import { percentDecode, safeArtifactPath } from './artifactPath.ts';
import { malformedReason, parseJsonBody } from './jsonBody.ts';

describe('artifact paths', () => {
  it.each(['model/MLmodel', 'a.txt', 'images/loss+step+1+timestamp+2+x.png', 'a b/ü-😀.json', '100%.txt', 'a..b/c', '.hidden/x', 'x%20y.txt', 'plots/a~b@c,d'])(
    '%s is fine',
    (path) => {
      expect(safeArtifactPath(path)).toBe(path);
    },
  );

  it.each([
    '',
    '/etc/passwd',
    '../x',
    'a/../../b',
    'path/../../to/file',
    'a/..',
    './a',
    'a//b',
    'a/',
    '.../...//',
    '....',
    '%2E%2E%2Fpath',
    '%2e%2e/path',
    '%ff/%2e%2e/x',
    '%252E%252E%252F%252E%252E/etc/passwd',
    '..%2F..%2Fetc',
    '/etc/passwd%00.jpg',
    'a%00b',
    '%2%0952e%2%0952e/path',
    'a\0b',
    'a\nb',
    '..\\x',
    '\\..\\name',
    'a%5c..%5cb',
    'C:/x',
    'c:x',
    'C%3A/x',
    '\\\\host\\share',
    '//host/share',
    '%2Fetc',
    'file:///etc/passwd',
    'file://a#/..//tmp',
    'http:///#/../../../../etc/',
    'a#b',
    'a%23b',
    '.. /x',
    `%${'25'.repeat(30)}2e`,
    'x'.repeat(256),
    'x/'.repeat(3000),
  ])('%s is refused', (path) => {
    expect(() => safeArtifactPath(path)).toThrow(/Invalid path/);
  });

  it('takes the root only where it is meant', () => {
    expect(safeArtifactPath('', { root: true })).toBe('');
  });

  it('decodes once, leaving what is no escape', () => {
    expect(percentDecode('a%20b%2525%zz%')).toBe('a b%25%zz%');
    expect(percentDecode('%ff%C3%BC')).toBe('\ufffdü');
  });
});

describe('ranges', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-3', { start: 0, end: 3 }],
    ['bytes=4-', { start: 4, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=2-99', { start: 2, end: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=5-4', 'unsatisfiable'],
    ['bytes=0-1,3-4', undefined],
    ['items=0-1', undefined],
    ['bytes=-', undefined],
  ])('%s of 10 bytes', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });
});

describe('JSON bodies', () => {
  it('takes bare NaN and Infinity, but not inside strings', () => {
    expect(parseJsonBody('{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN, \\"Infinity"}')).toEqual({ a: 'NaN', b: ['-Infinity', 'Infinity'], c: 'NaN, "Infinity' });
  });

  it('unwraps JSON inside a JSON string', () => {
    expect(parseJsonBody(JSON.stringify('{"a":1}'))).toEqual({ a: 1 });
  });

  it.each(['{', '[1]', '5', 'null', '"x"', 'NaN', '{"a": NaN', '"'.repeat(1000), '[NaN'.repeat(50_000)])('keeps the reason when it is not an object', (body) => {
    const parsed = parseJsonBody(body);
    expect(Object.keys(parsed)).toEqual([]);
    expect(malformedReason(parsed)).toBeTruthy();
  });

  it('is empty for nothing', () => {
    expect(malformedReason(parseJsonBody(''))).toBeUndefined();
  });
});
