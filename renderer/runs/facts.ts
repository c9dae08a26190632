/** What a run's header says besides its name, from the run's fields and the tags that MLflow's clients set. Pure. */
import type { Run, RunStatus } from '#model';
import type { Tone } from '../ui/widgets.tsx';

/** Tags that MLflow or Daybook set themselves; shown apart from people's own. */
export function isSystemTag(key: string): boolean {
  return key.startsWith('mlflow.') || key.startsWith('daybook.');
}

export const statusLook: Readonly<Record<RunStatus, { tone: Tone; text: string }>> = {
  RUNNING: { tone: 'live', text: 'Running' },
  SCHEDULED: { tone: 'hollow', text: 'Scheduled' },
  FINISHED: { tone: 'good', text: 'Finished' },
  FAILED: { tone: 'bad', text: 'Failed' },
  KILLED: { tone: 'warn', text: 'Killed' },
};

/** How long the run took or has been going, ms; undefined when its start is unknown. */
export function durationOf(run: Pick<Run, 'startedAt' | 'endedAt' | 'status'>, now: number): number | undefined {
  if (!run.startedAt) return undefined;
  if (run.endedAt) return run.endedAt - run.startedAt;
  return run.status === 'RUNNING' ? now - run.startedAt : undefined;
}

export interface Source {
  /** Last part of the path or address, which tells scripts apart. */
  name: string;
  /** In full. */
  full: string;
}

/** The script, notebook or project that made the run. */
export function sourceOf(tags: Run['tags']): Source | undefined {
  const full = tags['mlflow.source.name'];
  if (!full) return undefined;
  const name = full.replace(/[/\\]+$/, '').split(/[/\\]/).at(-1);
  return { name: name || full, full };
}

/** The git commit of the source, in full. */
export function commitOf(tags: Run['tags']): string | undefined {
  return tags['mlflow.source.git.commit'] || tags['mlflow.gitCommit'] || undefined;
}

export interface KeyedTag {
  key: string;
  value: string;
}

/** A run's tags, people's own ones and the system's, each by key. */
export function tagsOf(tags: Run['tags']): { own: KeyedTag[]; system: KeyedTag[] } {
  const all = Object.entries(tags)
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return { own: all.filter(({ key }) => !isSystemTag(key)), system: all.filter(({ key }) => isSystemTag(key)) };
}

/** Rows whose key or value holds every word of the search. */
export function matching<Row extends { key: string; value: string }>(rows: readonly Row[], search: string): Row[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ key, value }) => {
    const text = `${key} ${value}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
