/** Artifacts: bytes in chunks by hash, entries (path → hash) as facts of the run or logged model they belong to. */
import { DaybookError } from '#contract';
import { StoreError } from '#store';
import { documentName, type Artifact } from '#model';
import type { ArtifactOwner, ArtifactReader, Tracking } from './ports.ts';
import { modelOf, runOf, type TrackingParts } from './trackingParts.ts';

export function createArtifactVerbs(parts: TrackingParts): Pick<Tracking, 'putArtifact' | 'deleteArtifact'> {
  const { catalog, chunks, facts, replicas, now } = parts;

  /** Newer than what any host says of this path, whatever the clocks say. */
  function entry(owner: ArtifactOwner, path: string, hash: string, size: number): Artifact {
    return { path, hash, size, at: Math.max(now(), catalog.artifactAt(owner, path) + 1) };
  }

  async function logEntry(owner: ArtifactOwner, experimentId: string, artifact: Artifact): Promise<void> {
    await facts.logArtifact(owner, artifact);
    // A run or model whose own beginning could not be stored.
    await replicas.unstored(documentName.experiment(experimentId));
  }

  return {
    async putArtifact(owner, path, bytes) {
      const { experimentId } = checkOwner(parts, owner);
      if (path === '__proto__') throw new DaybookError('invalid_argument', `"__proto__" cannot be a file's name. Choose another name.`, 'path');
      const { hash, size } = await chunks.put(bytes);
      const artifact = entry(owner, path, hash, size);
      await logEntry(owner, experimentId, artifact);
      return artifact;
    },

    async deleteArtifact(owner, path) {
      const { experimentId } = checkOwner(parts, owner);
      if (!find(parts, owner, path)) throw new DaybookError('not_found', `No such artifact: ${path}`, 'path');
      await logEntry(owner, experimentId, entry(owner, path, '', 0));
    },
  };
}

export function createArtifactReader(parts: Pick<TrackingParts, 'catalog' | 'chunks'>): ArtifactReader {
  return {
    async open(owner, path, range) {
      const artifact = find(parts, owner, path);
      if (!artifact) throw new DaybookError('not_found', `No such artifact: ${path}`, 'path');
      try {
        return { artifact, stream: await parts.chunks.stream(artifact.hash, range) };
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== 'not_found') throw error;
        throw new DaybookError('unavailable', `The bytes of ${path} are at a teammate's and have not arrived here yet.`, 'path');
      }
    },
  };
}

function checkOwner(parts: Pick<TrackingParts, 'catalog'>, { kind, id }: ArtifactOwner): { experimentId: string } {
  return (kind === 'run' ? runOf(parts, id) : modelOf(parts, id)).record;
}

function find({ catalog }: Pick<TrackingParts, 'catalog'>, owner: ArtifactOwner, path: string): Artifact | undefined {
  return catalog.artifacts(owner).find((artifact) => artifact.path === path);
}
