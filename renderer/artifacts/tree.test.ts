import { expect, test } from 'vitest';
import type { Artifact } from '#model';
import { artifactTree, treeLines, type TreeNode } from './tree.ts';

function files(...paths: string[]): Artifact[] {
  return paths.map((path, i) => ({ path, hash: 'h', size: 10 ** i, at: 0 }));
}

const outline = (nodes: TreeNode[]) => treeLines(nodes, new Set()).map(({ node, depth }) => `${'  '.repeat(depth)}${node.name}${node.kind === 'folder' ? '/' : ''}`);

test('folders first, numbers in names count as numbers', () => {
  expect(outline(artifactTree(files('z.txt', 'model/MLmodel', 'plots/10.png', 'plots/9.png', 'model/data/weights.bin')))).toEqual([
    'model/', '  data/', '    weights.bin', '  MLmodel', 'plots/', '  9.png', '  10.png', 'z.txt',
  ]);
});

test('a folder knows how much is below it', () => {
  const [model] = artifactTree(files('model/a', 'model/data/b', 'model/data/c'));
  expect(model).toMatchObject({ kind: 'folder', size: 111, files: 3 });
});

test('a closed folder hides what is in it', () => {
  const tree = artifactTree(files('a/b/c', 'd'));
  expect(treeLines(tree, new Set(['a'])).map(({ node }) => node.path)).toEqual(['a', 'd']);
});

test('a path may be a file and a folder at once', () => {
  expect(outline(artifactTree(files('a', 'a/b')))).toEqual(['a/', '  b', 'a']);
});

test('names that mean something to objects are only names', () => {
  expect(outline(artifactTree(files('__proto__/constructor')))).toEqual(['__proto__/', '  constructor']);
});
