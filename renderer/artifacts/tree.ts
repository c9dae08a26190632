/** Artifacts as folders and files. A run stores a flat list of paths; folders exist only here. */
import type { Artifact } from '#model';

export interface FolderNode {
  kind: 'folder';
  name: string;
  path: string;
  /** Folders first, then files, each in natural order. */
  children: TreeNode[];
  /** Bytes of everything below. */
  size: number;
  /** Files below, at any depth. */
  files: number;
}

export interface FileNode {
  kind: 'file';
  name: string;
  path: string;
  size: number;
  artifact: Artifact;
}

export type TreeNode = FolderNode | FileNode;

/** The root's children. A path that is both a file and a folder shows as both. */
export function artifactTree(artifacts: readonly Artifact[]): TreeNode[] {
  const root: FolderNode = { kind: 'folder', name: '', path: '', children: [], size: 0, files: 0 };
  const folders = new Map<string, FolderNode>([['', root]]);

  const folderAt = (path: string): FolderNode => {
    const known = folders.get(path);
    if (known) return known;
    const slash = path.lastIndexOf('/');
    const folder: FolderNode = { kind: 'folder', name: path.slice(slash + 1), path, children: [], size: 0, files: 0 };
    folders.set(path, folder);
    folderAt(slash < 0 ? '' : path.slice(0, slash)).children.push(folder);
    return folder;
  };

  for (const artifact of artifacts) {
    const slash = artifact.path.lastIndexOf('/');
    const parent = slash < 0 ? '' : artifact.path.slice(0, slash);
    folderAt(parent).children.push({ kind: 'file', name: artifact.path.slice(slash + 1), path: artifact.path, size: artifact.size, artifact });
  }
  settle(root);
  return root.children;
}

/** Sorts and sums up, deepest first. */
function settle(folder: FolderNode): void {
  for (const child of folder.children) {
    if (child.kind === 'folder') settle(child);
    folder.size += child.size;
    folder.files += child.kind === 'folder' ? child.files : 1;
  }
  folder.children.sort((a, b) => (a.kind === b.kind ? collator.compare(a.name, b.name) : a.kind === 'folder' ? -1 : 1));
}

const collator = new Intl.Collator('en', { numeric: true });

/** One line of the tree as drawn. */
export interface TreeLine {
  node: TreeNode;
  depth: number;
}

/** The lines to draw: the insides of closed folders are left out. */
export function treeLines(nodes: readonly TreeNode[], closed: ReadonlySet<string>, depth = 0): TreeLine[] {
  return nodes.flatMap((node) => [
    { node, depth },
    ...(node.kind === 'folder' && !closed.has(node.path) ? treeLines(node.children, closed, depth + 1) : []),
  ]);
}
