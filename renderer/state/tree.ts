/**
 * Nested runs as lines of a table: children follow their parent, indented, in the order the host gave them. A run whose parent
 * is not in the list (deleted, filtered away, not loaded) stands at the top level. Pure.
 */
import type { Run } from '#model';

export interface Line {
  run: Run;
  depth: number;
  /** Direct children in the list; 0 when there is nothing to unfold. */
  children: number;
  open: boolean;
}

/** The tag in which MLflow clients name a run's parent. */
export const parentTag = 'mlflow.parentRunId';

/** The lines of `runs`; children of runs in `folded` are left out. A circle of parents is cut where it was entered. */
export function treeLines(runs: readonly Run[], folded: ReadonlySet<string>): Line[] {
  const ids = new Set(runs.map(({ id }) => id));
  const childrenOf = new Map<string, Run[]>();
  const roots: Run[] = [];
  for (const run of runs) {
    const parent = run.tags[parentTag];
    if (parent && parent !== run.id && ids.has(parent)) {
      const siblings = childrenOf.get(parent);
      if (siblings) siblings.push(run);
      else childrenOf.set(parent, [run]);
    } else roots.push(run);
  }
  const lines: Line[] = [];
  const seen = new Set<string>();
  const add = (run: Run, depth: number): void => {
    if (seen.has(run.id)) return;
    seen.add(run.id);
    const children = childrenOf.get(run.id) ?? [];
    const open = children.length > 0 && !folded.has(run.id);
    lines.push({ run, depth, children: children.length, open });
    if (open) for (const child of children) add(child, depth + 1);
    else for (const child of children) markSeen(child);
  };
  const markSeen = (run: Run): void => {
    if (seen.has(run.id)) return;
    seen.add(run.id);
    for (const child of childrenOf.get(run.id) ?? []) markSeen(child);
  };
  for (const run of roots) add(run, 0);
  // Only circles are left: each of their runs has a parent in the list, but no root above it.
  for (const run of runs) add(run, 0);
  return lines;
}
