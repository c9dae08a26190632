/**
 * Which experiment of the workspace an experiment of a file store is. The same name means the same experiment, here as
 * between teammates: two stores with an experiment `mnist` end up in one. Long ids, which MLflow draws at random, are
 * kept; short ones (0, 1, 2 …) occur in every store and are replaced by the id that the name stands for.
 */
import path from 'node:path';
import { experimentIdOf, type Experiment } from '#model';
import { missingTexts, type ImportStep } from './importTarget.ts';
import { readKeyTexts } from './keyFiles.ts';
import { experimentMeta, readMeta, type ExperimentMeta } from './metaYaml.ts';
import type { ExperimentFolder } from './storeScan.ts';

/** Tags that say what the source said, where the workspace says something else. */
export const sourceTags = { id: 'daybook.sourceExperimentId', artifactLocation: 'daybook.sourceArtifactLocation' } as const;

export interface PlacedExperiment {
  experiment: Experiment;
  /** It is in the source's trash. */
  isDeleted: boolean;
}

/** Finds or creates the experiment of a folder; undefined, and said so, when the folder is none. */
export async function placeExperiment(step: ImportStep, folder: ExperimentFolder): Promise<PlacedExperiment | undefined> {
  const { target, source, report } = step;
  if (!folder.hasMeta) {
    const held = [folder.runs.length > 0 ? `${folder.runs.length} folders that could be runs` : '', folder.loggedModels.length > 0 ? `${folder.loggedModels.length} model folders` : ''];
    const holds = held.filter((each) => each !== '').join(' and ');
    report.skip(folder.path, `no meta.yaml: not an experiment${holds ? ` (it holds ${holds})` : ''}`);
    return undefined;
  }
  let meta: ExperimentMeta;
  try {
    meta = await readMeta(path.join(source.root, folder.path, 'meta.yaml'), experimentMeta);
  } catch (error) {
    report.skip(folder.path, (error as Error).message);
    return undefined;
  }
  const sourceId = meta.experiment_id ?? path.basename(folder.path);
  const tags = await readKeyTexts(source, `${folder.path}/tags`);
  const isDeleted = folder.inTrash || meta.lifecycle_stage === 'deleted';
  const known = knownExperiment(step, meta.name, sourceId);
  if (known) {
    const missing = missingTexts(step, `${folder.path}/tags`, tags, known.tags);
    if (missing.length > 0 && known.deletedAt === undefined) await target.tracking.setExperimentTags(known.id, missing);
    report.count('experiments', 1, 0);
    return { experiment: known, isDeleted };
  }
  const id = keepsId(sourceId) && !target.catalog.experiment(sourceId) ? sourceId : experimentIdOf(meta.name, (taken) => target.catalog.experiment(taken) !== undefined);
  if (id !== sourceId) tags.set(sourceTags.id, sourceId);
  if (meta.artifact_location && !meta.artifact_location.startsWith('mlflow-artifacts:/')) tags.set(sourceTags.artifactLocation, meta.artifact_location);
  const experiment = await target.tracking.createExperiment({
    id,
    name: meta.name,
    tags: Object.fromEntries(tags),
    ...(meta.creation_time === undefined ? {} : { createdAt: meta.creation_time }),
    ...(meta.last_update_time === undefined ? {} : { updatedAt: meta.last_update_time }),
    ...(isDeleted ? { deletedAt: meta.last_update_time ?? Date.now() } : {}),
  });
  report.count('experiments', 1, 1);
  return { experiment, isDeleted };
}

/** By name, by a kept id, or imported earlier and renamed since. */
function knownExperiment({ target: { catalog } }: ImportStep, name: string, sourceId: string): Experiment | undefined {
  const byName = catalog.experimentByName(name);
  if (byName) return byName;
  if (keepsId(sourceId)) return catalog.experiment(sourceId);
  const byId = catalog.experiment(experimentIdOf(name, () => false));
  return byId?.tags[sourceTags.id] === sourceId ? byId : undefined;
}

function keepsId(id: string): boolean {
  return /^\d{15,32}$/.test(id);
}
