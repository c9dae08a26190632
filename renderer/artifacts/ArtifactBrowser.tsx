/** The files of a run: their tree on the left, the chosen one on the right. The choice stands in the address. */
import { useMemo, useState, type KeyboardEvent } from 'react';
import { useSearchParams } from 'react-router';
import type { Artifact } from '#model';
import { useUi } from '../state/context.tsx';
import { formatBytes, formatCount } from '../ui/format.ts';
import { ChevronIcon } from '../ui/icons.tsx';
import { SplitPane } from '../ui/SplitPane.tsx';
import { EmptyState, Snippet } from '../ui/widgets.tsx';
import { ArtifactView } from './ArtifactView.tsx';
import { artifactTree, treeLines, type TreeLine } from './tree.ts';
import './artifacts.css';

export function ArtifactBrowser({ runId, artifacts }: { runId: string; artifacts: readonly Artifact[] }) {
  const [query, setQuery] = useSearchParams();
  const layout = useUi((state) => state.layouts['artifacts']);
  const setLayout = useUi((state) => state.setLayout);
  const tree = useMemo(() => artifactTree(artifacts), [artifacts]);
  // The only file is what one came for.
  const path = query.get('file') ?? (artifacts.length === 1 ? (artifacts[0]?.path ?? null) : null);
  const chosen = artifacts.find((artifact) => artifact.path === path);
  const choose = (next: string): void =>
    setQuery((old) => {
      const changed = new URLSearchParams(old);
      changed.set('file', next);
      return changed;
    });

  if (artifacts.length === 0) {
    return (
      <EmptyState title="No artifacts">
        <p>Files that a script logs appear here: pictures, tables, texts, models.</p>
        <Snippet code={'mlflow.log_artifact("confusion.png")\nmlflow.log_dict(report, "report.json")'} />
      </EmptyState>
    );
  }
  return (
    <SplitPane
      layout={layout}
      onLayout={(next) => setLayout('artifacts', next)}
      panes={[
        { id: 'tree', size: 280, min: 160, content: <ArtifactTree key={runId} tree={tree} path={path} onChoose={choose} total={artifacts} /> },
        {
          id: 'view',
          min: 240,
          content: chosen ? (
            <ArtifactView key={chosen.path + chosen.hash} runId={runId} artifact={chosen} />
          ) : (
            <p className="view-none">{path ? `There is no file ${path} in this run.` : 'Choose a file to see what is in it.'}</p>
          ),
        },
      ]}
    />
  );
}

interface ArtifactTreeProps {
  tree: ReturnType<typeof artifactTree>;
  path: string | null;
  total: readonly Artifact[];
  onChoose(path: string): void;
}

/** Folders of more files than this start closed. */
const openUpTo = 50;

function ArtifactTree({ tree, path, total, onChoose }: ArtifactTreeProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(
    () => new Set(treeLines(tree, new Set()).flatMap(({ node }) => (node.kind === 'folder' && node.files > openUpTo && !path?.startsWith(`${node.path}/`) ? [node.path] : []))),
  );
  const lines = treeLines(tree, closed);
  const size = total.reduce((sum, artifact) => sum + artifact.size, 0);

  const fold = (folder: string, close: boolean): void => {
    const next = new Set(closed);
    if (close) next.add(folder);
    else next.delete(folder);
    setClosed(next);
  };
  const act = ({ node }: TreeLine): void => (node.kind === 'file' ? onChoose(node.path) : fold(node.path, !closed.has(node.path)));
  const onKeyDown = (event: KeyboardEvent<HTMLElement>, line: TreeLine, index: number): void => {
    const { node } = line;
    if (event.key === 'ArrowRight' && node.kind === 'folder') fold(node.path, false);
    else if (event.key === 'ArrowLeft' && node.kind === 'folder') fold(node.path, true);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const to = event.currentTarget.parentElement?.children[index + (event.key === 'ArrowDown' ? 1 : -1)];
      if (to instanceof HTMLElement) to.focus();
    } else return;
    event.preventDefault();
  };

  return (
    <div className="artifact-tree">
      <p className="view-note">
        {formatCount(total.length, 'file')} · {formatBytes(size)}
      </p>
      <div role="tree" aria-label="Artifacts">
        {lines.map((line, index) => {
          const { node, depth } = line;
          const folder = node.kind === 'folder';
          return (
            <button
              key={`${node.kind} ${node.path}`}
              type="button"
              role="treeitem"
              aria-level={depth + 1}
              aria-selected={!folder && node.path === path}
              aria-expanded={folder ? !closed.has(node.path) : undefined}
              tabIndex={node.path === path || (index === 0 && !path) ? 0 : -1}
              className="artifact-line"
              style={{ paddingLeft: 8 + depth * 16 }}
              title={node.path}
              onClick={() => act(line)}
              onKeyDown={(event) => onKeyDown(event, line, index)}
            >
              {folder ? <ChevronIcon size={12} /> : <i />}
              <span>{node.name}</span>
              <small>{formatBytes(node.size)}</small>
            </button>
          );
        })}
      </div>
    </div>
  );
}
