/**
 * Params and artifact entries as facts: logged in records of their own, acknowledged when those are durable, visible at
 * once, and folded into the fields `params.<host>` and `artifacts.<host>` of the run's (or logged model's) row a moment
 * later, many in one go. After a crash the facts that were not sealed yet are replayed; folding twice changes nothing.
 *
 * Payloads (lib0 encoding):
 *   params     varString run id, varUint n, n × (varString key, varString value)
 *   artifact   varUint owner (0 run, 1 logged model), varString owner id, varString path,
 *              varString hash (empty: deleted), varUint bytes, varUint ms since the epoch
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { documentName, hostFields, type Artifact } from '#model';
import { recordType, type AppendLog, type LogRecord } from '#store';
import type { LiveCatalog } from './catalog.ts';
import { decodeSealed } from './pointsRecord.ts';
import type { ArtifactOwner } from './ports.ts';
import type { Replicas } from './replicas.ts';

export interface Param {
  key: string;
  value: string;
}

export interface Facts {
  /** Takes a record of the own log at start; false when it is not a fact. Nothing is visible before `applyReplayed`. */
  replay(record: LogRecord): boolean;
  /** The catalog is filled: makes replayed facts visible and has them folded. */
  applyReplayed(): void;
  /** Logs params that the run does not have yet; visible at once. Resolves when durable; if that fails they are taken back. */
  logParams(runId: string, params: readonly Param[]): Promise<void>;
  /** Logs one artifact entry, likewise. */
  logArtifact(owner: ArtifactOwner, artifact: Artifact): Promise<void>;
  /** Folds now what is not folded yet, of one owner or of all. Resolves when durable. */
  fold(owner?: ArtifactOwner): Promise<void>;
  /** What this host says of the owner is being written into its document now, by other means; call the result once that is durable. */
  folding(owner: ArtifactOwner): () => void;
  /** Resolves once the params of a run that are visible now are durable; rejects when one of them is refused. */
  paramsDurable(runId: string): Promise<void>;
  /** Number of the oldest fact that does not stand in a document for sure: the log is needed from there on. Infinity when there is none. */
  neededFrom(): number;
  close(): void;
}

export interface FactsOptions {
  log: AppendLog;
  catalog: LiveCatalog;
  replicas: Pick<Replicas, 'edit'>;
  hostId: string;
  onProblem(message: string): void;
  /** How long facts are gathered before they are folded, ms; one second. */
  delayMs?: number;
}

/** One record: params of a run, or an artifact entry of a run or model. */
export interface Fact {
  seq: number;
  owner: ArtifactOwner;
  params?: Param[];
  artifact?: Artifact;
}

export function createFacts({ log, catalog, replicas, hostId, onProblem, delayMs = 1000 }: FactsOptions): Facts {
  /** Owners with something that does not stand durably in their document, and the oldest and newest record of it. */
  const unfolded = new Map<string, { owner: ArtifactOwner; first: number; last: number }>();
  /** Facts of owners that no document knows: theirs is damaged, or still to come from a teammate. */
  const strangers = new Map<string, Fact[]>();
  /** Params records on their way to the disk, by run. */
  const underway = new Map<string, Set<number>>();
  const forgetStrangers = catalog.onRunsChanged(welcome);
  let replayed = new Map<string, Fact[]>();
  let timer: NodeJS.Timeout | undefined;

  function show(fact: Fact): void {
    const { seq, owner, params, artifact } = fact;
    const part = catalog.ownPart(owner);
    if (!part) {
      strangers.set(keyOf(owner), [...(strangers.get(keyOf(owner)) ?? []), fact]);
      return;
    }
    if (params) {
      part.params ??= emptyRecord<string>();
      for (const { key, value } of params) part.params[key] = value;
      catalog.changed(owner, 'params');
    }
    if (artifact) {
      part.artifacts ??= emptyRecord<Artifact>();
      const known = part.artifacts[artifact.path];
      if (!known || artifact.at >= known.at) part.artifacts[artifact.path] = artifact;
      catalog.changed(owner, 'artifacts');
    }
    const open = unfolded.get(keyOf(owner));
    if (open) open.last = seq;
    else unfolded.set(keyOf(owner), { owner, first: seq, last: seq });
    schedule();
  }

  function welcome(): void {
    for (const [key, facts] of strangers) {
      if (!facts[0] || !catalog.ownPart(facts[0].owner)) continue;
      strangers.delete(key);
      for (const fact of facts) show(fact);
    }
  }

  function folding(owner: ArtifactOwner): () => void {
    const open = unfolded.get(keyOf(owner));
    const upTo = open?.last ?? 0;
    return () => {
      if (!open || unfolded.get(keyOf(owner)) !== open) return;
      // What came while the document was on its way to the disk is yet to be folded.
      if (open.last === upTo) unfolded.delete(keyOf(owner));
      else open.first = Math.max(open.first, upTo + 1);
    };
  }

  function schedule(): void {
    if (timer || unfolded.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      fold().catch((error: Error) => {
        onProblem(`Params and artifact entries stay in the log for now: ${error.message}`);
        schedule();
      });
    }, delayMs).unref();
  }

  async function fold(only?: ArtifactOwner): Promise<void> {
    welcome();
    const owners = only ? [only].filter((owner) => unfolded.has(keyOf(owner))) : [...unfolded.values()].map(({ owner }) => owner);
    const byDocument = new Map<string, ArtifactOwner[]>();
    for (const owner of owners) {
      const experimentId = (owner.kind === 'run' ? catalog.runRow(owner.id) : catalog.modelRow(owner.id))?.record.experimentId;
      if (experimentId !== undefined) byDocument.set(documentName.experiment(experimentId), [...(byDocument.get(documentName.experiment(experimentId)) ?? []), owner]);
    }
    const failures: unknown[] = [];
    for (const [name, inIt] of byDocument) {
      const done: (() => void)[] = [];
      try {
        await replicas.edit(name, (table) => {
          for (const owner of inIt) {
            const { params, artifacts } = catalog.ownPart(owner) ?? {};
            table(owner.kind === 'run' ? 'runs' : 'loggedModels').patch(owner.id, hostFields(hostId, { params, artifacts }));
            done.push(folding(owner));
          }
        });
        for (const each of done) each();
      } catch (error) {
        // One document that cannot be written must not keep the others waiting.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  return {
    replay(record) {
      if (record.type === recordType.sealed) {
        const { runId, upTo } = decodeSealed(record.payload);
        const key = keyOf({ kind: 'run', id: runId });
        const open = replayed.get(key)?.filter(({ seq }) => seq > upTo);
        if (open) replayed.set(key, open);
        return true;
      }
      const fact = decodeFact(record);
      if (!fact) return false;
      const facts = replayed.get(keyOf(fact.owner));
      if (facts) facts.push(fact);
      else replayed.set(keyOf(fact.owner), [fact]);
      return true;
    },

    applyReplayed() {
      const facts = [...replayed.values()].flat();
      replayed = new Map();
      for (const fact of facts) show(fact);
    },

    async logParams(runId, params) {
      if (params.length === 0) return;
      const owner: ArtifactOwner = { kind: 'run', id: runId };
      const seq = log.append(recordType.params, encodeParams(runId, params));
      show({ seq, owner, params: [...params] });
      const seqs = underway.get(runId) ?? new Set();
      underway.set(runId, seqs.add(seq));
      try {
        await log.durable(seq);
      } catch (error) {
        const part = catalog.ownPart(owner);
        for (const { key } of params) delete part?.params?.[key];
        catalog.changed(owner, 'params');
        throw error;
      } finally {
        seqs.delete(seq);
        if (seqs.size === 0) underway.delete(runId);
      }
    },

    async logArtifact(owner, artifact) {
      const part = catalog.ownPart(owner);
      const before = part?.artifacts?.[artifact.path];
      const seq = log.append(recordType.artifact, encodeArtifact(owner, artifact));
      show({ seq, owner, artifact });
      try {
        await log.durable(seq);
      } catch (error) {
        if (part?.artifacts?.[artifact.path] === artifact) {
          if (before) part.artifacts[artifact.path] = before;
          else delete part.artifacts[artifact.path];
        }
        catalog.changed(owner, 'artifacts');
        throw error;
      }
    },

    fold,
    folding,
    async paramsDurable(runId) {
      await Promise.all([...(underway.get(runId) ?? [])].map((seq) => log.durable(seq)));
    },
    neededFrom() {
      let first = Infinity;
      for (const open of unfolded.values()) first = Math.min(first, open.first);
      for (const facts of strangers.values()) for (const { seq } of facts) first = Math.min(first, seq);
      return first;
    },
    close() {
      clearTimeout(timer);
      forgetStrangers();
    },
  };
}

function emptyRecord<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

function keyOf({ kind, id }: ArtifactOwner): string {
  return `${kind} ${id}`;
}

function encodeParams(runId: string, params: readonly Param[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, runId);
    encoding.writeVarUint(encoder, params.length);
    for (const { key, value } of params) {
      encoding.writeVarString(encoder, key);
      encoding.writeVarString(encoder, value);
    }
  });
}

function encodeArtifact(owner: ArtifactOwner, { path, hash, size, at }: Artifact): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, owner.kind === 'run' ? 0 : 1);
    encoding.writeVarString(encoder, owner.id);
    encoding.writeVarString(encoder, path);
    encoding.writeVarString(encoder, hash);
    encoding.writeVarUint(encoder, size);
    encoding.writeVarUint(encoder, at);
  });
}

/** A `params` or `artifact` record as a fact; undefined for records of other types. */
export function decodeFact({ type, seq, payload }: LogRecord): Fact | undefined {
  const decoder = decoding.createDecoder(payload);
  if (type === recordType.params) {
    const id = decoding.readVarString(decoder);
    const params: Param[] = [];
    for (let left = decoding.readVarUint(decoder); left > 0; left -= 1) {
      params.push({ key: decoding.readVarString(decoder), value: decoding.readVarString(decoder) });
    }
    return { seq, owner: { kind: 'run', id }, params };
  }
  if (type !== recordType.artifact) return undefined;
  const kind = decoding.readVarUint(decoder) === 0 ? 'run' : 'model';
  const id = decoding.readVarString(decoder);
  const artifact = {
    path: decoding.readVarString(decoder),
    hash: decoding.readVarString(decoder),
    size: decoding.readVarUint(decoder),
    at: decoding.readVarUint(decoder),
  };
  return { seq, owner: { kind, id }, artifact };
}
