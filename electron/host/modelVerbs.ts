/** The verbs of tracking that are about logged models. See ports.ts. */
import { randomBytes } from 'node:crypto';
import { DaybookError } from '#contract';
import { documentName, hostFields, loggedModelFields, tagFields } from '#model';
import type { Tracking } from './ports.ts';
import { activeExperimentOf, asTime, checkKeys, experimentOf, modelOf, type TrackingParts } from './trackingParts.ts';

type ModelVerbs = Pick<Tracking, 'createLoggedModel' | 'updateLoggedModel'>;

export function createModelVerbs(parts: TrackingParts): ModelVerbs {
  const { catalog, replicas, hostId, now } = parts;

  /** Params of this host with others added; they are one value of the row. */
  function paramFields(id: string, params: readonly { key: string; value: string }[]): Record<string, unknown> {
    if (params.length === 0) return {};
    const known = catalog.ownPart({ kind: 'model', id });
    const all = Object.assign(Object.create(null) as Record<string, string>, known?.params);
    for (const { key, value } of params) all[key] = value;
    if (known) {
      known.params = all;
      catalog.changed({ kind: 'model', id }, 'params');
    }
    return hostFields(hostId, { params: all });
  }

  return {
    async createLoggedModel({ experimentId, name, modelType, sourceRunId, params = [], tags = [], id: wanted, status, createdAt, updatedAt }) {
      const id = wanted ?? `m-${randomBytes(16).toString('hex')}`;
      checkKeys('params', params);
      checkKeys('tags', tags);
      if (wanted === undefined) activeExperimentOf(parts, experimentId);
      else experimentOf(parts, experimentId);
      const at = now();
      await replicas.edit(documentName.experiment(experimentId), (table) => {
        if (catalog.loggedModel(id)) throw new DaybookError('already_exists', `Logged model with ID '${id}' already exists`, 'model_id');
        const fields = loggedModelFields({
          name,
          status: status ?? 'LOGGED_MODEL_PENDING',
          createdAt: asTime(createdAt ?? at),
          updatedAt: asTime(updatedAt ?? createdAt ?? at),
          tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
          ...(modelType ? { modelType } : {}),
          ...(sourceRunId ? { sourceRunId } : {}),
        });
        table('loggedModels').patch(id, { ...fields, ...paramFields(id, params) });
      });
      // One whose experiment is lost in a crash would be hidden.
      await replicas.unstored(documentName.workspace);
      return modelOf(parts, id).record;
    },

    async updateLoggedModel(id, { status, params = [], tags = [], deletedTag, deleted }) {
      const { record } = modelOf(parts, id);
      checkKeys('params', params);
      checkKeys('tags', tags);
      await replicas.edit(documentName.experiment(record.experimentId), (table) => {
        modelOf(parts, id);
        if (deletedTag !== undefined && record.tags[deletedTag] === undefined) {
          throw new DaybookError('not_found', `No tag with key '${deletedTag}' found for model with ID '${id}'`, 'tag_key');
        }
        table('loggedModels').patch(id, {
          updatedAt: now(),
          ...(status === undefined ? {} : { status }),
          ...tagFields(Object.fromEntries(tags.map(({ key, value }) => [key, value]))),
          ...(deletedTag === undefined ? {} : { [`tag.${deletedTag}`]: undefined }),
          ...(deleted ? { deletedAt: now() } : {}),
          ...paramFields(id, params),
        });
      });
      return record;
    },
  };
}
