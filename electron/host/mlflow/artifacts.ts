/**
 * Artifacts of runs and logged models, as MLflow's clients upload, list and download them through the tracking server:
 * `mlflow-artifacts:/<experiment>/<run>/artifacts/<path>` and `…/<experiment>/models/<model>/artifacts/<path>`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { sendArtifact } from '../artifactFiles.ts';
import { percentDecode, safeArtifactPath } from '../artifactPath.ts';
import type { ArtifactOwner } from '../ports.ts';
import { runArtifactUri } from '../queries.ts';
import type { DoorParts } from './handler.ts';
import { invalid, notFound } from './errors.ts';
import { optionalText, runIdOf, text, type Fields } from './fields.ts';
import { requireRun } from './runs.ts';
import { filled, folderListing, modelArtifactUri, type FileInfo } from './wire.ts';

const scheme = 'mlflow-artifacts:/';

/** One folder of a run, for the tracking API: whole paths. A file is no folder and lists nothing. */
export function listRunArtifacts(fields: Fields, parts: DoorParts): object {
  const run = requireRun(fields, parts);
  return listing({ kind: 'run', id: run.id }, runArtifactUri(parts.catalog.experiment(run.experimentId), run), optionalText(fields, 'path'), parts);
}

/** The same for a logged model. */
export function listModelArtifacts(fields: Fields, parts: DoorParts): object {
  const id = text(fields, 'model_id');
  const model = parts.catalog.loggedModel(id);
  if (!model) throw notFound(`Logged model with ID '${id}' not found.`);
  return listing({ kind: 'model', id }, modelArtifactUri(parts.catalog.experiment(model.experimentId), model), optionalText(fields, 'artifact_directory_path'), parts);
}

function listing(owner: ArtifactOwner, rootUri: string, path: string | undefined, parts: DoorParts): object {
  const folder = safeArtifactPath((path ?? '').replace(/\/$/, ''), { root: true });
  return { root_uri: rootUri, files: filled(folderListing(parts.catalog.artifacts(owner), folder)) };
}

/** One folder below `?path=`, for the artifact proxy: names relative to that folder, `{}` where there is none. */
export function listProxied(fields: Fields, parts: DoorParts): object {
  const path = safeArtifactPath((optionalText(fields, 'path') ?? '').replace(/\/$/, ''), { root: true });
  const place = locate(path, parts);
  if (!place) return {};
  safeArtifactPath(place.path, { root: true });
  const files = folderListing(parts.catalog.artifacts(place.owner), place.path);
  const prefix = place.path === '' ? 0 : place.path.length + 1;
  return { files: filled(files.map((file): FileInfo => ({ ...file, path: file.path.slice(prefix) }))) };
}

/** Whose artifact a whole proxy path means, and its path within; `''` within is the owner's root. */
function locate(path: string, { catalog }: DoorParts): { owner: ArtifactOwner; path: string } | undefined {
  const parts = path.split('/');
  for (let place = parts.indexOf('artifacts'); place > 0; place = parts.indexOf('artifacts', place + 1)) {
    const id = parts[place - 1]!;
    const uri = `${scheme}${parts.slice(0, place + 1).join('/')}`;
    const rest = parts.slice(place + 1).join('/');
    const run = catalog.run(id);
    if (run && runArtifactUri(catalog.experiment(run.experimentId), run) === uri) return { owner: { kind: 'run', id }, path: rest };
    const model = catalog.loggedModel(id);
    if (model && modelArtifactUri(catalog.experiment(model.experimentId), model) === uri) return { owner: { kind: 'model', id }, path: rest };
  }
  return undefined;
}

/** The part of the address after `…/mlflow-artifacts/artifacts/`, decoded once and checked in every decoding. */
function proxiedFile(request: FastifyRequest, parts: DoorParts): { owner: ArtifactOwner; path: string } {
  const encoded = /^\/(?:api|ajax-api)\/[23]\.0\/mlflow-artifacts\/artifacts\/([^?]*)/.exec(request.raw.url ?? '')?.[1];
  if (encoded === undefined) throw notFound('There is no such artifact address.');
  const path = safeArtifactPath(percentDecode(encoded));
  const place = locate(path, parts);
  if (!place) throw notFound(`'${path}' is not below the artifacts of a run or logged model that is known here.`);
  if (place.path === '') throw invalid(`Invalid path: '${path}' names no file.`);
  // What is harmless in the middle of a path, such as a drive letter, may not be at the start of the file's own.
  safeArtifactPath(place.path);
  return place;
}

/** GET of one file, as a download. */
export function downloadProxied(request: FastifyRequest, reply: FastifyReply, parts: DoorParts): Promise<FastifyReply> {
  return sendArtifact(parts, request, reply, { ...proxiedFile(request, parts), view: false });
}

/** PUT of one file; the body is stored as it streams in. */
export async function uploadProxied(request: FastifyRequest, parts: DoorParts): Promise<object> {
  const { owner, path } = proxiedFile(request, parts);
  const body = request.body instanceof Readable ? request.body : new Uint8Array();
  await parts.tracking.putArtifact(owner, path, body);
  return {};
}

/** DELETE of a file, or of everything in a folder. */
export async function deleteProxied(request: FastifyRequest, parts: DoorParts): Promise<object> {
  const { owner, path } = proxiedFile(request, parts);
  const gone = parts.catalog.artifacts(owner).filter((one) => one.path === path || one.path.startsWith(`${path}/`));
  if (gone.length === 0) throw notFound(`No such artifact: '${path}'`);
  for (const one of gone) await parts.tracking.deleteArtifact(owner, one.path);
  return {};
}

/** `/get-artifact?run_id=&path=` */
export function downloadRunArtifact(request: FastifyRequest, reply: FastifyReply, parts: DoorParts): Promise<FastifyReply> {
  const fields: Fields = { values: request.query as Record<string, unknown>, at: '' };
  const runId = runIdOf(fields);
  const path = safeArtifactPath(text(fields, 'path'));
  if (!parts.catalog.run(runId)) throw notFound(`Run with id=${runId.slice(0, 300)} not found`);
  return sendArtifact(parts, request, reply, { owner: { kind: 'run', id: runId }, path, view: false });
}

/** `logged-models/<id>/artifacts/files?artifact_file_path=` */
export function downloadModelArtifact(request: FastifyRequest, reply: FastifyReply, parts: DoorParts): Promise<FastifyReply> {
  const fields: Fields = { values: { ...(request.query as Record<string, unknown>), ...(request.params as Record<string, unknown>) }, at: '' };
  const id = text(fields, 'model_id');
  const path = safeArtifactPath(text(fields, 'artifact_file_path'));
  if (!parts.catalog.loggedModel(id)) throw notFound(`Logged model with ID '${id}' not found.`);
  return sendArtifact(parts, request, reply, { owner: { kind: 'model', id }, path, view: false });
}
