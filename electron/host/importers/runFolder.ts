/**
 * One run folder of an MLflow file store as a record. Points and artifact bytes are only located here: they can be
 * larger than memory and are read where they are written.
 */
import path from 'node:path';
import type { DatasetInput } from '#model';
import { safeArtifactPath } from '../artifactPath.ts';
import { isRealFile, isRealFolder, listFiles, listFolders, type FoundFile } from './folder.ts';
import { listKeys, readKeyTexts, type Source } from './keyFiles.ts';
import { datasetMeta, inputMeta, outputMeta, readMeta, runMeta, type RunMeta } from './metaYaml.ts';

export interface SourceRun {
  /** Relative to the store's root. */
  folder: string;
  id: string;
  name: string;
  meta: RunMeta;
  params: Map<string, string>;
  tags: Map<string, string>;
  metrics: FoundFile[];
  artifacts: FoundFile[];
  inputs: DatasetInput[];
  modelInputs: string[];
  modelOutputs: { modelId: string; step: number }[];
}

/** Reads a run folder; undefined, and said so, when it is none that can be read. */
export async function readRunFolder(source: Source, folder: string): Promise<SourceRun | undefined> {
  const absolute = path.join(source.root, folder);
  if (!(await isRealFile(path.join(absolute, 'meta.yaml')))) {
    source.skip(folder, 'no meta.yaml: not a run');
    return undefined;
  }
  let meta: RunMeta;
  try {
    meta = await readMeta(path.join(absolute, 'meta.yaml'), runMeta);
  } catch (error) {
    source.skip(folder, (error as Error).message);
    return undefined;
  }
  const id = meta.run_id ?? meta.run_uuid ?? path.basename(folder);
  if (!/^[A-Za-z0-9][\w-]{0,63}$/.test(id)) {
    source.skip(folder, `the run id "${id.slice(0, 80)}" has other characters than letters, digits, - and _, or more than 64`);
    return undefined;
  }
  const tags = await readKeyTexts(source, `${folder}/tags`);
  for (const [key, value] of Object.entries(meta.tags)) if (!tags.has(key)) tags.set(key, value);
  const name = meta.run_name ?? meta.name ?? tags.get('mlflow.runName') ?? unnamed(id);
  addSource(tags, meta);
  return {
    folder,
    id,
    name,
    meta,
    params: await readKeyTexts(source, `${folder}/params`),
    tags,
    metrics: await listKeys(source, `${folder}/metrics`),
    artifacts: await listArtifacts(source, folder, meta.artifact_uri),
    ...(await readInputs(source, folder)),
    modelOutputs: await readOutputs(source, folder),
  };
}

/** Artifact files of a run or a logged model, by their place in the tree; an address in meta.yaml often names another machine. */
export async function listArtifacts(source: Source, folder: string, uri?: string): Promise<FoundFile[]> {
  const artifacts = `${folder}/artifacts`;
  if (uri?.startsWith('file:') && !(await isRealFolder(path.join(source.root, artifacts)))) {
    const elsewhere = localPath(uri);
    if (elsewhere && (await isRealFolder(elsewhere))) source.skip(artifacts, `the artifacts are at ${uri}, outside the folder, and are not read`);
  }
  const files = await listFiles(path.join(source.root, artifacts), source.root, (file, why) => source.skip(file === '' ? artifacts : `${artifacts}/${file}`, why));
  return files.filter((file) => {
    try {
      safeArtifactPath(file.path);
      return true;
    } catch (error) {
      source.skip(`${artifacts}/${file.path}`, (error as Error).message);
      return false;
    }
  });
}

/** Without a name, runs of old releases were shown by id; a random name would differ on every machine that imports. */
function unnamed(id: string): string {
  return id.slice(0, 8);
}

/** Old releases keep a run's source in meta.yaml only, newer ones in tags only. */
function addSource(tags: Map<string, string>, meta: RunMeta): void {
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined && !tags.has(key)) tags.set(key, value);
  };
  if (meta.source_name === undefined) return;
  add('mlflow.source.name', meta.source_name);
  add('mlflow.source.type', meta.source_type);
  add('mlflow.source.git.commit', meta.source_version);
  add('mlflow.project.entryPoint', meta.entry_point_name);
}

async function readInputs(source: Source, folder: string): Promise<Pick<SourceRun, 'inputs' | 'modelInputs'>> {
  const inputs: DatasetInput[] = [];
  const modelInputs: string[] = [];
  const experiment = path.posix.dirname(folder);
  for (const name of await listFolders(path.join(source.root, folder, 'inputs'))) {
    const at = `${folder}/inputs/${name}`;
    try {
      const input = await readMeta(path.join(source.root, at, 'meta.yaml'), inputMeta);
      if (input.source_type === 'MODEL' || input.source_type === 'MODEL_INPUT') {
        modelInputs.push(input.source_id);
        continue;
      }
      if (!/^[\w.-]+$/.test(input.source_id) || input.source_id.startsWith('.')) throw new Error(`the dataset id "${input.source_id.slice(0, 80)}" is no folder name`);
      const dataset = await readMeta(path.join(source.root, experiment, 'datasets', input.source_id, 'meta.yaml'), datasetMeta);
      inputs.push({
        name: dataset.name,
        digest: dataset.digest,
        sourceType: dataset.source_type,
        source: dataset.source,
        ...(dataset.schema === undefined ? {} : { schema: dataset.schema }),
        ...(dataset.profile === undefined ? {} : { profile: dataset.profile }),
        tags: Object.entries(input.tags).map(([key, value]) => ({ key, value })),
      });
    } catch (error) {
      source.skip(at, (error as Error).message);
    }
  }
  return { inputs, modelInputs };
}

async function readOutputs(source: Source, folder: string): Promise<SourceRun['modelOutputs']> {
  const outputs: SourceRun['modelOutputs'] = [];
  for (const name of await listFolders(path.join(source.root, folder, 'outputs'))) {
    const at = `${folder}/outputs/${name}`;
    try {
      const { destination_id: modelId, step } = await readMeta(path.join(source.root, at, 'meta.yaml'), outputMeta);
      outputs.push({ modelId, step });
    } catch (error) {
      source.skip(at, (error as Error).message);
    }
  }
  return outputs;
}

function localPath(uri: string): string | undefined {
  try {
    const url = new URL(uri);
    return url.host === '' ? decodeURIComponent(url.pathname) : undefined;
  } catch {
    return undefined;
  }
}
