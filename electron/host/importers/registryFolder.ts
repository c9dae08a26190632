/**
 * The model registry of a file store: `models/<name>/{meta.yaml, tags/, aliases/<alias>, version-<n>/{meta.yaml, tags/}}`.
 * An alias file holds the number of the version it names.
 */
import path from 'node:path';
import { listFolders } from './folder.ts';
import { readKeyTexts, type Source } from './keyFiles.ts';
import { modelVersionMeta, readMeta, registeredModelMeta, type ModelVersionMeta, type RegisteredModelMeta } from './metaYaml.ts';

export interface SourceRegisteredModel {
  folder: string;
  meta: RegisteredModelMeta;
  tags: Map<string, string>;
  /** Version number by alias. */
  aliases: Map<string, string>;
  versions: { meta: ModelVersionMeta; tags: Map<string, string> }[];
}

/** Reads one registered model; undefined, and said so, when it cannot be read. Versions that cannot are left out. */
export async function readRegisteredModel(source: Source, folder: string): Promise<SourceRegisteredModel | undefined> {
  try {
    const meta = await readMeta(path.join(source.root, folder, 'meta.yaml'), registeredModelMeta);
    const model: SourceRegisteredModel = { folder, meta, tags: await readKeyTexts(source, `${folder}/tags`), aliases: new Map(), versions: [] };
    for (const [alias, version] of await readKeyTexts(source, `${folder}/aliases`)) model.aliases.set(alias, version.trim());
    for (const name of await listFolders(path.join(source.root, folder))) {
      if (!name.startsWith('version-')) continue;
      try {
        const version = await readMeta(path.join(source.root, folder, name, 'meta.yaml'), modelVersionMeta);
        model.versions.push({ meta: version, tags: await readKeyTexts(source, `${folder}/${name}/tags`) });
      } catch (error) {
        source.skip(`${folder}/${name}`, (error as Error).message);
      }
    }
    return model;
  } catch (error) {
    source.skip(folder, (error as Error).message);
    return undefined;
  }
}
