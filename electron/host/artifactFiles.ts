/**
 * Answers with the bytes of one artifact. Whatever a script or a teammate stored here must never run in the page's
 * origin: always nosniff and a sandbox without scripts, always a download, unless the page asks to look at a kind
 * of file that is nothing but text or pixels.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import mime from 'mime';
import { DaybookError } from '#contract';
import type { ArtifactOwner, ArtifactReader, Catalog } from './ports.ts';

const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp']);
const textual = /^text\/|^application\/(?:json|x-ndjson|yaml|toml|xml|javascript|x-sh|sql)\b|\+(?:json|yaml)$/;

/** Sends an artifact, or the range of it that was asked for. `view` shows text and pixels in place. */
export async function sendArtifact(
  parts: { catalog: Catalog; artifacts: ArtifactReader },
  request: FastifyRequest,
  reply: FastifyReply,
  asked: { owner: ArtifactOwner; path: string; view: boolean },
): Promise<FastifyReply> {
  const { owner, path, view } = asked;
  const artifact = parts.catalog.artifacts(owner).find((one) => one.path === path);
  if (!artifact) throw new DaybookError('not_found', `No such artifact: '${path}'`, 'path');
  const name = path.split('/').at(-1) ?? path;
  const type = mime.getType(name) ?? 'application/octet-stream';
  const inline = view && (pictures.has(type) || textual.test(type));
  reply.headers({
    'content-type': inline && !pictures.has(type) ? 'text/plain; charset=utf-8' : pictures.has(type) || type === 'image/svg+xml' ? type : downloadType(type),
    'content-disposition': `${inline ? 'inline' : 'attachment'}; filename="${asciiName(name)}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'self'",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    etag: `"${artifact.hash}"`,
  });
  if (request.headers['if-none-match'] === `"${artifact.hash}"`) return reply.code(304).send();
  const range = parseRange(request.headers.range, artifact.size);
  if (range === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${artifact.size}`).send();
  }
  const { stream } = await parts.artifacts.open(owner, path, range);
  if (range) {
    reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${artifact.size}`);
    reply.header('content-length', range.end - range.start + 1);
  } else {
    reply.header('content-length', artifact.size);
  }
  return reply.send(stream);
}

/** Active kinds lose their type when downloaded: a browser that opens them anyway gets plain bytes. */
function downloadType(type: string): string {
  return /html|xml|javascript|pdf/.test(type) ? 'application/octet-stream' : type;
}

const asciiName = (name: string) => name.replace(/[^\w .()+=,-]/g, '_');

/** One `bytes=` range, both ends inside; undefined when there is none (or a list, which is answered in full). */
export function parseRange(header: string | undefined, size: number): { start: number; end: number } | 'unsatisfiable' | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!parts || (parts[1] === '' && parts[2] === '')) return undefined;
  const start = parts[1] === '' ? Math.max(0, size - Number(parts[2])) : Number(parts[1]);
  const end = parts[1] === '' || parts[2] === '' ? size - 1 : Math.min(size - 1, Number(parts[2]));
  if (start >= size || start > end) return 'unsatisfiable';
  return { start, end };
}
