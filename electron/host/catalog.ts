/**
 * Everything known of experiments, runs and logged models, as plain records in memory. Filled at start from the state
 * files or the documents, kept up field by field as documents change, and told at once of facts that are logged but
 * not folded into a document yet, so that a reader never sees less than what was acknowledged.
 *
 * Records are live: they change in place. Read them, do not keep copies of parts across awaits, never write to them.
 * Changes are announced once per turn of the event loop, together.
 */
import {
  addToMetrics,
  combineArtifacts,
  combineMetrics,
  combineParams,
  createExperimentRow,
  createLoggedModelRow,
  createRunRow,
  defaultExperimentId,
  hostPart,
  setExperimentField,
  setLoggedModelField,
  setRunField,
  type Affected,
  type Artifact,
  type Experiment,
  type ExperimentRow,
  type Fields,
  type HostPart,
  type LoggedModelRow,
  type MetricSummary,
  type Point,
  type RunRow,
} from '#model';
import type { ArtifactOwner, Catalog, RunChange } from './ports.ts';

/** Rows of one document, by table and id. */
export type DocumentRows = Iterable<readonly [table: string, rows: Iterable<readonly [id: string, fields: Fields]>]>;

/** The catalog as those see it who keep it up. */
export interface LiveCatalog extends Catalog {
  /** Takes all rows of a document that the catalog has nothing of yet. */
  load(document: string, rows: DocumentRows): void;
  /** Takes one changed field; `own` when this host wrote it and the catalog knows already. */
  set(document: string, table: string, id: string, field: string, value: unknown, own: boolean): void;
  experimentRow(id: string): ExperimentRow | undefined;
  runRow(id: string): RunRow | undefined;
  modelRow(id: string): LoggedModelRow | undefined;
  /** Every run that exists, of any experiment. */
  runRows(): IterableIterator<RunRow>;
  /** What this host says of a run or model, to be changed in place; then call `changed`. */
  ownPart(owner: ArtifactOwner): HostPart | undefined;
  /** When the newest entry of an artifact was written, deletions included; 0 when there never was one. */
  artifactAt(owner: ArtifactOwner, path: string): number;
  /** A part of a run or model was changed in place: combines it anew and announces it. */
  changed(owner: ArtifactOwner, affected: Affected): void;
  /** Every part of every run and logged model, by the host that said it. */
  parts(): IterableIterator<readonly [hostId: string, part: HostPart]>;
  /** Told, once a turn, when rows began to name other chunks than before. */
  onChunksNamed(listener: () => void): () => void;
  /** Points were logged here: their summaries, at once. */
  pointsLogged(runId: string, points: readonly Point[]): void;
  close(): void;
}

export interface CatalogOptions {
  hostId: string;
  /** Summaries of points that are logged here and not in a document yet. */
  openSummary(runId: string): Readonly<Record<string, MetricSummary>>;
}

interface ExperimentContents {
  runs: Map<string, RunRow>;
  models: Map<string, LoggedModelRow>;
}

export function createCatalog({ hostId, openSummary }: CatalogOptions): LiveCatalog {
  const experiments = new Map<string, ExperimentRow>([[defaultExperimentId, createExperimentRow(defaultExperimentId)]]);
  const contents = new Map<string, ExperimentContents>();
  const runs = new Map<string, RunRow>();
  const models = new Map<string, LoggedModelRow>();
  const artifactLists = new WeakMap<Map<string, HostPart>, Artifact[]>();
  const announcer = createAnnouncer();

  function contentsOf(experimentId: string): ExperimentContents {
    let found = contents.get(experimentId);
    if (!found) contents.set(experimentId, (found = { runs: new Map(), models: new Map() }));
    return found;
  }

  /** The row of a run, made when it is new; undefined when another experiment has a run of that id already. */
  function runRowOf(experimentId: string, id: string): RunRow | undefined {
    const known = runs.get(id);
    if (known) return known.record.experimentId === experimentId ? known : undefined;
    const row = createRunRow(experimentId, id);
    runs.set(id, row);
    contentsOf(experimentId).runs.set(id, row);
    return row;
  }

  function modelRowOf(experimentId: string, id: string): LoggedModelRow | undefined {
    const known = models.get(id);
    if (known) return known.record.experimentId === experimentId ? known : undefined;
    const row = createLoggedModelRow(experimentId, id);
    models.set(id, row);
    contentsOf(experimentId).models.set(id, row);
    return row;
  }

  function experimentRowOf(id: string): ExperimentRow {
    let row = experiments.get(id);
    if (!row) experiments.set(id, (row = createExperimentRow(id)));
    return row;
  }

  function combineRun(row: RunRow, affected: Affected): void {
    if (affected === 'params') row.record.params = combineParams(row.hosts, row.record.host);
    else if (affected === 'metrics') row.record.metrics = combineMetrics(row.hosts, openSummary(row.record.id));
    else if (affected === 'artifacts') artifactLists.delete(row.hosts);
  }

  function combineModel(row: LoggedModelRow, affected: Affected): void {
    if (affected === 'params') row.record.params = combineParams(row.hosts, '');
    else if (affected === 'artifacts') artifactLists.delete(row.hosts);
  }

  /** Whether a field is one of those that only this host writes. */
  function isOwn(field: string): boolean {
    return field.endsWith(`.${hostId}`) && !field.startsWith('tag.');
  }

  /** Whether memory has a field of this host, written from there to the document. */
  function isKnown(hosts: Map<string, HostPart>, field: string): boolean {
    return isOwn(field) && hostPart(hosts, hostId)[field.slice(0, field.indexOf('.')) as keyof HostPart] !== undefined;
  }

  /** Sets a field, keeping what this host says in memory, which is never behind the document. */
  function setKeepingOwn(hosts: Map<string, HostPart>, field: string, set: () => Affected): Affected {
    if (!isOwn(field)) return set();
    const mine = { ...hostPart(hosts, hostId) };
    const affected = set();
    const theirs = hostPart(hosts, hostId);
    if (mine.params) theirs.params = Object.assign(Object.create(null) as Record<string, string>, theirs.params, mine.params);
    if (mine.artifacts) theirs.artifacts = Object.assign(Object.create(null) as Record<string, Artifact>, theirs.artifacts, mine.artifacts);
    if (mine.summary) theirs.summary = mine.summary;
    if (mine.series) theirs.series = [...mine.series, ...(theirs.series ?? []).filter(({ chunk }) => !mine.series!.some((known) => known.chunk === chunk))];
    if (mine.sealed !== undefined) theirs.sealed = Math.max(mine.sealed, theirs.sealed ?? 0);
    return affected;
  }

  const catalog: LiveCatalog = {
    load(document, tables) {
      announcer.chunks();
      const experimentId = experimentOf(document);
      for (const [table, rows] of tables) {
        for (const [id, fields] of rows) {
          if (document === 'workspace' && table === 'experiments') {
            const row = experimentRowOf(id);
            for (const field in fields) setExperimentField(row, field, fields[field]);
            announcer.experiments();
          } else if (experimentId !== undefined && table === 'runs') {
            const row = runRowOf(experimentId, id);
            if (!row) continue;
            for (const field in fields) setRunField(row, field, fields[field]);
            combineRun(row, 'params');
            combineRun(row, 'metrics');
            announcer.run(experimentId, id);
          } else if (experimentId !== undefined && table === 'loggedModels') {
            const row = modelRowOf(experimentId, id);
            if (!row) continue;
            for (const field in fields) setLoggedModelField(row, field, fields[field]);
            combineModel(row, 'params');
          }
        }
      }
    },

    set(document, table, id, field, value, own) {
      const experimentId = experimentOf(document);
      if (/^(series|artifacts)\./.test(field)) announcer.chunks();
      if (document === 'workspace' && table === 'experiments') {
        setExperimentField(experimentRowOf(id), field, value);
        announcer.experiments();
      } else if (experimentId !== undefined && table === 'runs') {
        const row = runRowOf(experimentId, id);
        if (!row) return;
        if (!own || !isKnown(row.hosts, field)) combineRun(row, setKeepingOwn(row.hosts, field, () => setRunField(row, field, value)));
        announcer.run(experimentId, id);
      } else if (experimentId !== undefined && table === 'loggedModels') {
        const row = modelRowOf(experimentId, id);
        if (!row) return;
        if (!own || !isKnown(row.hosts, field)) combineModel(row, setKeepingOwn(row.hosts, field, () => setLoggedModelField(row, field, value)));
        if (row.record.sourceRunId !== undefined) announcer.run(experimentId, row.record.sourceRunId);
      }
    },

    experimentRow: (id) => existing(experiments.get(id)),
    runRow: (id) => existing(runs.get(id)),
    modelRow: (id) => existing(models.get(id)),
    *runRows() {
      for (const row of runs.values()) if (row.exists) yield row;
    },

    ownPart(owner) {
      const hosts = existing(owner.kind === 'run' ? runs.get(owner.id) : models.get(owner.id))?.hosts;
      return hosts && hostPart(hosts, hostId);
    },

    artifactAt(owner, path) {
      let newest = 0;
      const hosts = (owner.kind === 'run' ? runs.get(owner.id) : models.get(owner.id))?.hosts;
      for (const { artifacts } of hosts?.values() ?? []) newest = Math.max(newest, artifacts?.[path]?.at ?? 0);
      return newest;
    },

    *parts() {
      for (const { hosts } of runs.values()) yield* hosts;
      for (const { hosts } of models.values()) yield* hosts;
    },

    changed(owner, affected) {
      if (affected === 'artifacts') announcer.chunks();
      if (owner.kind === 'run') {
        const row = runs.get(owner.id);
        if (!row) return;
        combineRun(row, affected);
        announcer.run(row.record.experimentId, owner.id);
        return;
      }
      const row = models.get(owner.id);
      if (!row) return;
      combineModel(row, affected);
      if (row.record.sourceRunId !== undefined) announcer.run(row.record.experimentId, row.record.sourceRunId);
    },

    pointsLogged(runId, points) {
      const row = runs.get(runId);
      if (!row) return;
      const { metrics, experimentId } = row.record;
      for (const { key, step, time, value } of points) addToMetrics(metrics, key, step, time, value);
      announcer.points(experimentId, runId, points);
    },

    *experiments() {
      for (const { record, exists } of experiments.values()) if (exists) yield record;
    },
    experiment: (id) => existing(experiments.get(id))?.record,
    experimentByName(name) {
      let best: Experiment | undefined;
      for (const { record, exists } of experiments.values()) {
        if (exists && record.name === name && (!best || precedes(record, best))) best = record;
      }
      return best;
    },
    run: (id) => existing(runs.get(id))?.record,
    *runs(experimentId) {
      for (const { record, exists } of contents.get(experimentId)?.runs.values() ?? []) if (exists) yield record;
    },
    loggedModel: (id) => existing(models.get(id))?.record,
    *loggedModels(experimentId) {
      for (const { record, exists } of contents.get(experimentId)?.models.values() ?? []) if (exists) yield record;
    },
    artifacts(owner) {
      const hosts = existing(owner.kind === 'run' ? runs.get(owner.id) : models.get(owner.id))?.hosts;
      if (!hosts) return [];
      let list = artifactLists.get(hosts);
      if (!list) artifactLists.set(hosts, (list = combineArtifacts(hosts)));
      return list;
    },
    onExperimentsChanged: (listener) => announcer.onExperiments(listener),
    onRunsChanged: (listener) => announcer.onRuns(listener),
    onChunksNamed: (listener) => announcer.onChunks(listener),
    close: () => announcer.close(),
  };
  return catalog;
}

function existing<T extends { exists: boolean }>(row: T | undefined): T | undefined {
  return row?.exists ? row : undefined;
}

function experimentOf(document: string): string | undefined {
  return document.startsWith('experiment/') ? document.slice('experiment/'.length) : undefined;
}

/** Of two experiments of one name the active one counts, then the older, then the lesser id: the same choice on every host. */
function precedes(a: Experiment, b: Experiment): boolean {
  if ((a.deletedAt === undefined) !== (b.deletedAt === undefined)) return a.deletedAt === undefined;
  return a.createdAt !== b.createdAt ? a.createdAt < b.createdAt : a.id < b.id;
}

/** Gathers what changed during one turn of the event loop and tells listeners once. */
function createAnnouncer() {
  const experimentListeners = new Set<() => void>();
  const runListeners = new Set<(changes: RunChange[]) => void>();
  const chunkListeners = new Set<() => void>();
  /** `points` is undefined when more than points changed. */
  const pending = new Map<string, { experimentId: string; points: Set<string> | undefined }>();
  let experimentsPending = false;
  let chunksPending = false;
  let scheduled: NodeJS.Immediate | undefined;

  const flush = (): void => {
    scheduled = undefined;
    const changes = [...pending].map(([runId, { experimentId, points }]) => ({ experimentId, runId, ...(points ? { points: [...points] } : {}) }));
    pending.clear();
    const experimentsToo = experimentsPending;
    const chunksToo = chunksPending;
    experimentsPending = chunksPending = false;
    if (chunksToo) for (const listener of chunkListeners) listener();
    if (experimentsToo) for (const listener of experimentListeners) listener();
    if (changes.length > 0) for (const listener of runListeners) listener(changes);
  };
  const schedule = (): void => {
    scheduled ??= setImmediate(flush);
  };
  const listen = <T>(listeners: Set<T>, listener: T): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  return {
    experiments() {
      experimentsPending = true;
      schedule();
    },
    chunks() {
      chunksPending = true;
      schedule();
    },
    run(experimentId: string, runId: string) {
      pending.set(runId, { experimentId, points: undefined });
      schedule();
    },
    points(experimentId: string, runId: string, points: readonly Point[]) {
      let change = pending.get(runId);
      if (!change) pending.set(runId, (change = { experimentId, points: new Set() }));
      if (change.points) for (const { key } of points) change.points.add(key);
      schedule();
    },
    onExperiments: (listener: () => void) => listen(experimentListeners, listener),
    onChunks: (listener: () => void) => listen(chunkListeners, listener),
    onRuns: (listener: (changes: RunChange[]) => void) => listen(runListeners, listener),
    close() {
      if (scheduled) clearImmediate(scheduled);
      experimentListeners.clear();
      runListeners.clear();
    },
  };
}
