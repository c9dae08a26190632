/**
 * Facts that another host logged in this folder and never sealed: what is left when a workspace was copied after a
 * crash, or its host got a new id. Nobody will seal them any more, so this host logs them as its own, once. Doing it
 * again would change nothing but counts: points are a set, params and artifact entries overwrite themselves.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { Point } from '#model';
import { readLogDir, recordType, type AppendLog } from '#store';
import type { LiveCatalog } from './catalog.ts';
import { decodeFact, type Fact, type Facts } from './facts.ts';
import { decodePoints, decodeSealed } from './pointsRecord.ts';
import type { Series } from './series.ts';
import { createStateFile } from './state.ts';

export interface AdoptionOptions {
  /** Other hosts' log folders. */
  logs: readonly { dir: string; hostId: string }[];
  localDir: string;
  log: AppendLog;
  catalog: LiveCatalog;
  facts: Facts;
  series: Series;
  onProblem(message: string): void;
}

const schema = z.object({
  format: z.literal(1),
  /** By host: up to where its log was looked through. */
  upTo: z.record(z.string(), z.number()),
  /** By host: runs and models that no document knew then, so that their facts are still to be adopted. */
  waiting: z.record(z.string(), z.array(z.string())).optional(),
});

type ForeignFact = Fact | { seq: number; runId: string; points: Point[] };

/** Call it when the catalog is filled. */
export async function adoptFacts({ logs, localDir, log, catalog, facts, series, onProblem }: AdoptionOptions): Promise<void> {
  if (logs.length === 0) return;
  const file = createStateFile({ path: join(localDir, 'adopted.json'), format: 1, schema, onDamaged: onProblem });
  const known = await file.read();
  const upTo = { ...known?.upTo };
  const waiting: Record<string, string[]> = {};
  let found = false;
  for (const { dir, hostId } of logs) {
    const { open, lastSeq } = await openFacts(dir, upTo[hostId] ?? 0, new Set(known?.waiting?.[hostId]));
    const strangers = new Set<string>();
    for (const fact of open) {
      found = true;
      if ('points' in fact) {
        const row = catalog.runRow(fact.runId);
        if (!row) strangers.add(fact.runId);
        if (!row || fact.seq <= (row.hosts.get(hostId)?.sealed ?? 0)) continue;
        series.log(fact.runId, fact.points);
        catalog.pointsLogged(fact.runId, fact.points);
      } else if (catalog.ownPart(fact.owner)) {
        const { params, artifact, owner } = fact;
        const logged = catalog.runRow(owner.id)?.record.params ?? {};
        if (params) await facts.logParams(owner.id, params.filter(({ key }) => logged[key] === undefined));
        if (artifact && artifact.at > catalog.artifactAt(owner, artifact.path)) await facts.logArtifact(owner, artifact);
      } else strangers.add(fact.owner.id);
    }
    if (strangers.size > 0) waiting[hostId] = [...strangers];
    upTo[hostId] = Math.max(upTo[hostId] ?? 0, lastSeq);
  }
  await log.durable();
  if (found) await file.write({ format: 1, upTo, waiting });
}

/** The facts of a log after a number (or of an owner that waits) that no `sealed` record covers, in order. */
async function openFacts(dir: string, after: number, waiting: ReadonlySet<string>): Promise<{ open: ForeignFact[]; lastSeq: number }> {
  let open: ForeignFact[] = [];
  const sealed = new Map<string, number>();
  let lastSeq = 0;
  for await (const record of readLogDir(dir)) {
    lastSeq = record.seq;
    if (record.type === recordType.sealed) {
      const { runId, upTo } = decodeSealed(record.payload);
      sealed.set(runId, upTo);
    } else if (record.type === recordType.points) {
      const { runId, keys, forEach } = decodePoints(record.payload);
      const points: Point[] = [];
      forEach((key, step, time, value) => points.push({ key: keys[key]!, step, time, value }));
      open.push({ seq: record.seq, runId, points });
    } else {
      const fact = decodeFact(record);
      if (fact) open.push(fact);
    }
    // What is sealed by now need not be kept while the rest is read.
    if (open.length > 100_000) open = open.filter(isOpen);
  }
  function isOpen(fact: ForeignFact): boolean {
    const id = 'points' in fact ? fact.runId : fact.owner.id;
    return (fact.seq > after || waiting.has(id)) && fact.seq > (sealed.get(id) ?? 0);
  }
  return { open: open.filter(isOpen), lastSeq };
}
