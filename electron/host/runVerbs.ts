/** The verbs of tracking that are about runs. See ports.ts. */
import { randomUUID } from 'node:crypto';
import { DaybookError } from '#contract';
import { documentName, isOver, randomRunName, runFields, tagFields, type DatasetInput, type Fields, type Run, type RunRow } from '#model';
import type { Param } from './facts.ts';
import type { NewRun, Tracking } from './ports.ts';
import { createReplyMemory } from './replyMemory.ts';
import { activeExperimentOf, activeRunOf, asTime, checkKeys, editRun, experimentOf, runOf, type TrackingParts } from './trackingParts.ts';

type RunVerbs = Pick<
  Tracking,
  'createRun' | 'replyLost' | 'updateRun' | 'logBatch' | 'deleteTag' | 'deleteRun' | 'restoreRun' | 'logInputs' | 'logOutputs'
>;

/** A run's name is mirrored in this tag, both ways, as MLflow clients expect. */
export const runNameTag = 'mlflow.runName';

export function createRunVerbs(parts: TrackingParts): RunVerbs {
  const { catalog, replicas, facts, series, sealing, log, hostId, now } = parts;
  const replies = createReplyMemory(parts);

  async function createRun(run: NewRun): Promise<Run> {
    const again = run.requestHash === undefined ? undefined : replies.recall(run.requestHash);
    if (again) {
      await editRun(parts, again, () => ({ request: undefined }));
      return again.record;
    }
    checkKeys('tags', Object.keys(run.tags ?? {}).map((key) => ({ key })));
    const id = run.id ?? randomUUID().replaceAll('-', '');
    const name = run.name || run.tags?.[runNameTag] || randomRunName();
    const at = now();
    // Importers bring runs into experiments that are in the trash.
    if (run.id === undefined) activeExperimentOf(parts, run.experimentId);
    else experimentOf(parts, run.experimentId);
    await replicas.edit(documentName.experiment(run.experimentId), (table) => {
      if (catalog.run(id)) throw new DaybookError('already_exists', `Run with id=${id} already exists`, 'run_id');
      const fields = runFields({
        name,
        status: run.status ?? 'RUNNING',
        startedAt: asTime(run.startedAt ?? 0),
        user: run.user ?? '',
        host: hostId,
        tags: { ...run.tags, [runNameTag]: name },
        ...(run.endedAt === undefined ? {} : { endedAt: asTime(run.endedAt) }),
        ...(run.deletedAt === undefined ? {} : { deletedAt: asTime(run.deletedAt) }),
      });
      table('runs').patch(id, { ...fields, ...(run.requestHash === undefined ? {} : { request: [run.requestHash, at] }) });
    });
    // A run whose experiment is lost in a crash would be hidden.
    await replicas.unstored(documentName.workspace);
    return runOf(parts, id).record;
  }

  /** Params that are new; DaybookError when one would change. */
  function newParams(row: RunRow, params: readonly Param[]): Param[] {
    const fresh = new Map<string, Param>();
    params.forEach(({ key, value }, index) => {
      const known = fresh.get(key)?.value ?? row.record.params[key];
      if (known === undefined) fresh.set(key, { key, value });
      else if (known !== value) {
        throw new DaybookError(
          'invalid_argument',
          `Changing param values is not allowed. Param with key='${key}' was already logged with value='${known}' for run ID='${row.record.id}'. Attempted logging new value '${value}'.`,
          `params[${index}]`,
        );
      }
    });
    return [...fresh.values()];
  }

  /** Points that could not be stored are shown no longer. */
  function takeBack(runId: string, seq: number): void {
    series.revoke(runId, seq);
    catalog.changed({ kind: 'run', id: runId }, 'metrics');
  }

  function tagsToFields(tags: readonly { key: string; value: string }[]): Fields {
    const record = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
    return { ...tagFields(record), ...(record[runNameTag] ? { name: record[runNameTag] } : {}) };
  }

  return {
    createRun,
    replyLost: replies.lost,

    async updateRun(id, { status, endedAt, name }) {
      const row = activeRunOf(parts, id);
      await editRun(parts, row, () => {
        activeRunOf(parts, id);
        return {
          ...(status === undefined ? {} : { status }),
          ...(endedAt === undefined ? {} : { endedAt: asTime(endedAt) }),
          ...(name ? { name, [`tag.${runNameTag}`]: name } : {}),
        };
      });
      if (status !== undefined && isOver(status)) sealing.ended(id);
      return row.record;
    },

    async logBatch(runId, { points = [], params = [], tags = [] }) {
      const row = activeRunOf(parts, runId);
      checkKeys('metrics', points);
      checkKeys('params', params);
      checkKeys('tags', tags);
      const waits: Promise<void>[] = [];
      let seq: number | undefined;
      // All checks and all writing in one turn: nothing of a refused batch is stored.
      const write = (): void => {
        activeRunOf(parts, runId);
        const fresh = newParams(row, params);
        if (points.length > 0) {
          seq = series.log(runId, points);
          catalog.pointsLogged(runId, points);
          sealing.pointsLogged(points.length);
          waits.push(log.durable(seq));
        }
        if (fresh.length > 0) waits.push(facts.logParams(runId, fresh));
        // The same value again may still be on its way to the disk.
        if (fresh.length < params.length) waits.push(facts.paramsDurable(runId));
        // A run whose own beginning could not be stored.
        const unstored = replicas.unstored(documentName.experiment(row.record.experimentId));
        if (unstored) waits.push(unstored);
        // They are looked at one after the other, and may fail before their turn.
        if (waits.length > 1 || tags.length > 0) for (const wait of waits) wait.catch(ignore);
      };
      if (tags.length === 0) write();
      else {
        waits.push(
          editRun(parts, row, () => {
            write();
            return tagsToFields(tags);
          }),
        );
      }
      try {
        await waits[0];
        if (waits.length > 1) await Promise.all(waits);
      } catch (error) {
        if (seq !== undefined) await log.durable(seq).catch(() => takeBack(runId, seq!));
        throw error;
      }
    },

    async deleteTag(runId, key) {
      const row = activeRunOf(parts, runId);
      await editRun(parts, row, () => {
        if (row.record.tags[key] === undefined) throw new DaybookError('not_found', `No tag with name: ${key} in run with id ${runId}`, 'key');
        return { [`tag.${key}`]: undefined };
      });
    },

    async deleteRun(id) {
      const row = runOf(parts, id);
      await editRun(parts, row, () => ({ deletedAt: row.record.deletedAt ?? now() }));
    },

    async restoreRun(id) {
      await editRun(parts, runOf(parts, id), () => ({ deletedAt: undefined }));
    },

    async logInputs(runId, datasets, modelIds) {
      const row = activeRunOf(parts, runId);
      await editRun(parts, row, () => {
        const { inputs, modelInputs } = row.record;
        const known = new Set(modelInputs.map(({ modelId }) => modelId));
        const addedModels = [...new Set(modelIds)].filter((id) => !known.has(id)).map((modelId) => ({ modelId }));
        return { inputs: mergeDatasets(inputs, datasets).map(datasetToJson), modelInputs: [...modelInputs, ...addedModels] };
      });
    },

    async logOutputs(runId, models) {
      const row = activeRunOf(parts, runId);
      await editRun(parts, row, () => {
        const kept = row.record.modelOutputs.filter(({ modelId, step }) => !models.some((added) => added.modelId === modelId && added.step === step));
        return { modelOutputs: [...kept, ...models].map(({ modelId, step }) => ({ modelId, step })) };
      });
    },
  };
}

function ignore(): void {
  // Whoever waits is told.
}

/** A dataset is one of its name and digest; logged again, its tags are added. */
function mergeDatasets(known: readonly DatasetInput[], added: readonly DatasetInput[]): DatasetInput[] {
  const merged = new Map(known.map((dataset) => [`${dataset.name}\n${dataset.digest}`, dataset]));
  for (const dataset of added) {
    const key = `${dataset.name}\n${dataset.digest}`;
    const before = merged.get(key);
    const tags = new Map([...(before?.tags ?? []), ...dataset.tags].map((tag) => [tag.key, tag]));
    merged.set(key, { ...(before ?? dataset), tags: [...tags.values()] });
  }
  return [...merged.values()];
}

function datasetToJson({ name, digest, sourceType, source, schema, profile, tags }: DatasetInput): Fields {
  return {
    name,
    digest,
    sourceType,
    source,
    ...(schema === undefined ? {} : { schema }),
    ...(profile === undefined ? {} : { profile }),
    tags: tags.map(({ key, value }) => ({ key, value })),
  };
}
