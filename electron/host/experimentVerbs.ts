/** The verbs of tracking that are about experiments. See ports.ts. */
import { DaybookError } from '#contract';
import { documentName, experimentFields, experimentIdOf, tagFields, type Fields } from '#model';
import type { Tracking } from './ports.ts';
import { activeExperimentOf, asTime, checkKeys, experimentOf, type TrackingParts } from './trackingParts.ts';

type ExperimentVerbs = Pick<
  Tracking,
  'createExperiment' | 'renameExperiment' | 'setExperimentTags' | 'deleteExperimentTag' | 'deleteExperiment' | 'restoreExperiment'
>;

export function createExperimentVerbs(parts: TrackingParts): ExperimentVerbs {
  const { catalog, replicas, now } = parts;

  async function edit(id: string, fields: () => Fields): Promise<void> {
    await replicas.edit(documentName.workspace, (table) => table('experiments').patch(id, { ...fields() }));
  }

  /** Names are unique among all experiments, deleted ones included. */
  function checkName(name: string, ownId?: string): void {
    const known = catalog.experimentByName(name);
    if (!known || known.id === ownId) return;
    const state = known.deletedAt === undefined ? '' : ' It is in the trash: restore it, or choose another name.';
    throw new DaybookError('already_exists', `Experiment(name=${name}) already exists.${state}`, 'name');
  }

  async function setDeleted(id: string, deletedAt: number | undefined): Promise<void> {
    const runs = [...catalog.runs(id)].filter((run) => (run.deletedAt === undefined) !== (deletedAt === undefined)).map((run) => run.id);
    if (runs.length > 0) {
      await replicas.edit(documentName.experiment(id), (table) => {
        for (const runId of runs) table('runs').patch(runId, { deletedAt });
      });
    }
    await edit(id, () => ({ deletedAt, updatedAt: now() }));
  }

  return {
    async createExperiment({ name, artifactLocation, tags = {}, id: wanted, createdAt, updatedAt, deletedAt }) {
      checkKeys('tags', Object.keys(tags).map((key) => ({ key })));
      let id = '';
      const at = now();
      await replicas.edit(documentName.workspace, (table) => {
        checkName(name);
        if (wanted !== undefined && catalog.experiment(wanted) && wanted !== '0') {
          throw new DaybookError('already_exists', `Experiment(experiment_id=${wanted}) already exists.`, 'experiment_id');
        }
        id = wanted ?? experimentIdOf(name, (taken) => catalog.experiment(taken) !== undefined);
        const experiment = {
          name,
          artifactLocation: artifactLocation || `mlflow-artifacts:/${id}`,
          createdAt: asTime(createdAt ?? at),
          updatedAt: asTime(updatedAt ?? createdAt ?? at),
          tags,
          ...(deletedAt === undefined ? {} : { deletedAt: asTime(deletedAt) }),
        };
        table('experiments').patch(id, experimentFields(experiment));
      });
      return experimentOf(parts, id).record;
    },

    async renameExperiment(id, name) {
      await edit(id, () => {
        activeExperimentOf(parts, id);
        checkName(name, id);
        return { name, updatedAt: now() };
      });
      return experimentOf(parts, id).record;
    },

    async setExperimentTags(id, tags) {
      checkKeys('tags', tags);
      await edit(id, () => {
        activeExperimentOf(parts, id);
        return { ...tagFields(Object.fromEntries(tags.map(({ key, value }) => [key, value]))), updatedAt: now() };
      });
    },

    async deleteExperimentTag(id, key) {
      await edit(id, () => {
        const { record } = activeExperimentOf(parts, id);
        if (record.tags[key] === undefined) throw new DaybookError('not_found', `No tag with name: ${key} in experiment with id ${id}`, 'key');
        return { [`tag.${key}`]: undefined, updatedAt: now() };
      });
    },

    async deleteExperiment(id) {
      if (experimentOf(parts, id).record.deletedAt !== undefined) {
        throw new DaybookError('not_found', `No active Experiment with id=${id} exists; it is deleted already.`, 'experiment_id');
      }
      await setDeleted(id, now());
    },

    async restoreExperiment(id) {
      if (experimentOf(parts, id).record.deletedAt === undefined) {
        throw new DaybookError('not_found', `No deleted Experiment with id=${id} exists; it is active.`, 'experiment_id');
      }
      await setDeleted(id, undefined);
    },
  };
}
