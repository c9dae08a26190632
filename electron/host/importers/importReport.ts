/**
 * What an import did, counted three ways (read from the source, added to the workspace, already there), and what was
 * left out and why. Paths are relative to the source, `/`-separated.
 */

export const countNames = [
  'experiments',
  'runs',
  'params',
  'tags',
  'points',
  'artifacts',
  'artifactBytes',
  'datasets',
  'loggedModels',
  'registeredModels',
  'modelVersions',
] as const;
export type CountName = (typeof countNames)[number];
export type Counts = Record<CountName, number>;

export interface ImportSummary {
  /** What kind of store was found, e.g. `MLflow file store`. */
  kind: string;
  /** The folder that was read. */
  source: string;
  read: Counts;
  added: Counts;
  /** Already in the workspace before this import. */
  present: Counts;
  /** Left out: the first `listedSkips` that were met, by path. */
  skipped: { path: string; why: string }[];
  skippedCount: number;
  /** True when the import was stopped before its end; importing again continues. */
  cancelled: boolean;
}

/** So many left-out things are listed one by one; all are counted. */
export const listedSkips = 1000;

export interface ImportReport {
  /** Counts things found in the source that are now in the workspace: `added` of them new, the others there before. */
  count(name: CountName, read: number, added: number): void;
  skip(path: string, why: string): void;
  summary(cancelled: boolean): ImportSummary;
}

export function createImportReport(kind: string, source: string): ImportReport {
  const zero = (): Counts => Object.fromEntries(countNames.map((name) => [name, 0])) as Counts;
  const read = zero();
  const added = zero();
  const present = zero();
  const skipped: ImportSummary['skipped'] = [];
  let skippedCount = 0;
  return {
    count(name, found, fresh) {
      read[name] += found;
      added[name] += fresh;
      present[name] += found - fresh;
    },
    skip(path, why) {
      skippedCount += 1;
      if (skipped.length < listedSkips) skipped.push({ path, why });
    },
    summary: (cancelled) => ({ kind, source, read: { ...read }, added: { ...added }, present: { ...present }, skipped: [...skipped].sort((a, b) => (a.path < b.path ? -1 : 1)), skippedCount, cancelled }),
  };
}
