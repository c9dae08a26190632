/**
 * Registered models of a file store as rows of the workspace document (tables `models` and `versions`, see `#model`
 * schema.ts), where they merge between teammates and wait for the registry's screens. A model's id is its name; a
 * version's is derived from what it is, so that two people who import the same store mean the same version.
 */
import { createHash } from 'node:crypto';
import type * as Y from 'yjs';
import { createTable, type Fields } from '#model';
import type { SourceRegisteredModel } from './registryFolder.ts';

/** Writes models and versions that are not there yet into the workspace document; how many were new. Existing rows stay as they are. */
export function keepRegisteredModels(workspace: Y.Doc, models: SourceRegisteredModel[], skip: (path: string, why: string) => void): { models: number; versions: number } {
  const modelTable = createTable(workspace, 'models');
  const versionTable = createTable(workspace, 'versions');
  const added = { models: 0, versions: 0 };
  workspace.transact(() => {
    const modelIds = modelTable.ids();
    const versionIds = versionTable.ids();
    for (const { folder, meta, tags, aliases, versions } of models) {
      try {
        const idByNumber = new Map<string, string>();
        for (const { meta: version, tags: versionTags } of versions) {
          const id = createHash('sha256').update(JSON.stringify([meta.name, version.version, version.run_id, version.model_id, version.creation_timestamp])).digest('hex').slice(0, 32);
          idByNumber.set(version.version, id);
          if (versionIds.has(id)) continue;
          versionTable.patch(
            id,
            present({
              model: meta.name,
              number: Number(version.version),
              run: version.run_id,
              source: version.source,
              createdAt: version.creation_timestamp ?? 0,
              updatedAt: version.last_updated_timestamp,
              loggedModel: version.model_id,
              description: version.description,
              stage: version.current_stage,
              status: version.status,
              statusMessage: version.status_message,
              user: version.user_id,
              runLink: version.run_link,
              storageLocation: version.storage_location,
              ...prefixed('tag', versionTags),
            }),
          );
          added.versions += 1;
        }
        if (modelIds.has(meta.name)) continue;
        const aliasIds = new Map([...aliases].flatMap(([alias, number]) => (idByNumber.has(number) ? [[alias, idByNumber.get(number)!] as const] : [])));
        modelTable.patch(
          meta.name,
          present({
            description: meta.description,
            createdAt: meta.creation_timestamp ?? 0,
            updatedAt: meta.last_updated_timestamp,
            ...prefixed('tag', tags),
            ...prefixed('alias', aliasIds),
          }),
        );
        added.models += 1;
      } catch (error) {
        // A name that no table can hold.
        skip(folder, (error as Error).message);
      }
    }
  });
  return added;
}

function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function prefixed(prefix: string, texts: ReadonlyMap<string, string>): Fields {
  return Object.fromEntries([...texts].map(([key, value]) => [`${prefix}.${key}`, value]));
}
