/** Which chunks the rows of a workspace name, for the exchange with the team's relay: metric points and artifacts. */
import type { HostPart } from '#model';
import type { LiveCatalog } from './catalog.ts';
import type { ChunkPointers } from './teamChunks.ts';

export function createChunkPointers(catalog: Pick<LiveCatalog, 'parts' | 'onChunksNamed'>, hostId: string): ChunkPointers {
  return {
    *own() {
      for (const [host, part] of catalog.parts()) if (host === hostId) yield* chunksOf(part);
    },
    *wanted() {
      for (const [, part] of catalog.parts()) yield* chunksOf(part);
    },
    onChanged: (listener) => catalog.onChunksNamed(listener),
  };
}

function* chunksOf({ series = [], artifacts = {} }: HostPart): Generator<string> {
  for (const { chunk } of series) yield chunk;
  for (const path in artifacts) if (artifacts[path]!.hash !== '') yield artifacts[path]!.hash;
}
