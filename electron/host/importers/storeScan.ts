/**
 * What lies where in an MLflow file store, of any release from 0.x to 3.x; folders only, their content is read later.
 *
 *   mlruns/<experiment>/meta.yaml, tags/, datasets/, models/m-…/, traces/, <run>/
 *   mlruns/.trash/<experiment>/…        deleted experiments, whatever their meta.yaml says
 *   mlruns/models/<name>/version-<n>/   the model registry
 *
 * Only folders directly under an experiment are runs: the artifacts of a run may contain what looks like one.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { DaybookError } from '#contract';
import { isRealFile, isRealFolder, listFolders } from './folder.ts';

export interface FileStore {
  /** Real path of the folder that holds the experiments. */
  root: string;
  experiments: ExperimentFolder[];
  /** Paths of registered models, relative to the root. */
  registeredModels: string[];
}

export interface ExperimentFolder {
  /** Relative to the root, `/`-separated, as are the others. */
  path: string;
  inTrash: boolean;
  hasMeta: boolean;
  /** Folders that may be runs. */
  runs: string[];
  loggedModels: string[];
  traces: number;
}

/** Finds the store at `source`, the `mlruns` folder itself or the one around it. Rejects with a DaybookError when there is none. */
export async function scanFileStore(source: string): Promise<FileStore> {
  const given = path.resolve(source);
  if (!(await isRealFolder(await realpath(given).catch(() => given)))) throw new DaybookError('not_found', `There is no folder ${given} to import.`, 'path');
  const root = await realpath(given);
  for (const folder of [root, path.join(root, 'mlruns')]) {
    const store = await scanRoot(folder);
    if (store.experiments.some(({ hasMeta }) => hasMeta) || store.registeredModels.length > 0) return store;
  }
  const inside = (await isRealFile(path.join(root, 'meta.yaml'))) ? ' It looks like one experiment or run: give the folder that holds the experiments.' : '';
  throw new DaybookError('invalid_argument', `${given} is no MLflow file store: no folder in it holds the meta.yaml of an experiment.${inside}`, 'path');
}

async function scanRoot(root: string): Promise<FileStore> {
  const names = await listFolders(root);
  const experiments: ExperimentFolder[] = [];
  for (const name of names) if (name !== '.trash' && name !== 'models' && !name.startsWith('.')) experiments.push(await scanExperiment(root, name, false));
  for (const name of await listFolders(path.join(root, '.trash'))) experiments.push(await scanExperiment(root, `.trash/${name}`, true));
  const registeredModels = names.includes('models') ? (await listFolders(path.join(root, 'models'))).map((name) => `models/${name}`) : [];
  // A registry folder is no experiment; a store whose only experiment is called "models" does not occur.
  return { root, experiments, registeredModels };
}

async function scanExperiment(root: string, folder: string, inTrash: boolean): Promise<ExperimentFolder> {
  const names = await listFolders(path.join(root, folder));
  const below = async (name: string): Promise<string[]> => (names.includes(name) ? (await listFolders(path.join(root, folder, name))).map((each) => `${folder}/${name}/${each}`) : []);
  return {
    path: folder,
    inTrash,
    hasMeta: await isRealFile(path.join(root, folder, 'meta.yaml')),
    runs: names.filter((name) => !notRuns.has(name)).map((name) => `${folder}/${name}`),
    loggedModels: await below('models'),
    traces: (await below('traces')).length,
  };
}

/** Folders of an experiment that hold something else. */
const notRuns = new Set(['tags', 'datasets', 'models', 'traces', 'assessments', 'evaluation_datasets']);
