import { expect, test } from 'vitest';
import { artifactUrl, largestPreview, viewerOf } from './viewers.ts';

test.each([
  ['plots/Loss.PNG', 'image'],
  ['figure.svg', 'image'],
  ['model/MLmodel', 'text'],
  ['conda.yaml', 'text'],
  ['metrics.json', 'json'],
  ['table.tsv', 'table'],
  ['README.md', 'markdown'],
  ['report.html', 'text'],
  ['model.pkl', 'none'],
  ['weights', 'none'],
])('%s opens as %s', (path, kind) => {
  expect(viewerOf({ path, size: 10 })).toBe(kind);
});

test('what is too large is not opened', () => {
  expect(viewerOf({ path: 'huge.csv', size: largestPreview + 1 })).toBe('none');
});

test('names with signs of an address in them stay names', () => {
  expect(artifactUrl('abc', 'a b/50%?#.txt')).toBe('/artifact/abc/a%20b/50%25%3F%23.txt?view=1');
});
