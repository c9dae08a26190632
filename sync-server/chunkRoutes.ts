/** Chunks over HTTP: upload, download with one range, and "which of these do you lack". */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Chunks } from '#store';
import { AccessError } from './auth.ts';
import type { Role } from './guard.ts';

const maxChunkBytes = 8 * 1024 * 1024 * 1024;
const hashPattern = /^[0-9a-f]{64}$/;

/** `PUT`, `GET` or `HEAD` of one chunk. Rejects with AccessError or StoreError. */
export async function serveChunk(
  chunks: Chunks,
  hash: string,
  role: Role,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!hashPattern.test(hash)) throw new AccessError('forbidden', 'Not yours, or not here.');
  if (request.method === 'PUT') {
    if (role === 'viewer') throw new AccessError('forbidden', 'Viewers may not upload.');
    // What says that it is too large is not read to the end first.
    if (Number(request.headers['content-length'] ?? 0) > maxChunkBytes) throw new AccessError('invalid_argument', `A chunk has at most ${maxChunkBytes} bytes.`);
    await chunks.put(request, { hash, maxBytes: maxChunkBytes });
    response.writeHead(204).end();
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new AccessError('forbidden', 'Not yours, or not here.');
  const info = await chunks.info(hash);
  if (!info) throw new AccessError('not_found', 'This relay does not hold that chunk.');
  const range = rangeOf(request.headers.range, info.size);
  if (range === 'outside') {
    response.writeHead(416, { 'Content-Range': `bytes */${info.size}` }).end();
    return;
  }
  response.writeHead(range ? 206 : 200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': range ? range.end - range.start + 1 : info.size,
    'Accept-Ranges': 'bytes',
    ...(range ? { 'Content-Range': `bytes ${range.start}-${range.end}/${info.size}` } : {}),
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(await chunks.stream(hash, range), response);
}

/** Which of `{ hashes }` (at most 50,000) this relay lacks. */
export async function missingChunks(chunks: Chunks, { hashes }: Record<string, unknown>): Promise<{ missing: string[] }> {
  const sound = Array.isArray(hashes) && hashes.length <= 50_000 && hashes.every((hash) => typeof hash === 'string' && hashPattern.test(hash));
  if (!sound) throw new AccessError('invalid_argument', 'hashes must be at most 50,000 SHA-256 names.', 'hashes');
  const missing: string[] = [];
  for (const hash of hashes as string[]) if (!(await chunks.has(hash))) missing.push(hash);
  return { missing };
}

function rangeOf(header: string | undefined, size: number): { start: number; end: number } | 'outside' | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = Math.min(size - 1, match[2] ? Number(match[2]) : size - 1);
  return start <= end ? { start, end } : 'outside';
}
