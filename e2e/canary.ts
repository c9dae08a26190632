/**
 * A server that must never be called: whatever reaches it was sent by content that came from a script or a teammate.
 *
 *   const canary = await startCanary();
 *   … `<img src="${canary.url}/from-a-note">` …
 *   expect(canary.calls).toEqual([]);
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Canary {
  url: string;
  /** Paths that were asked for. */
  calls: string[];
  close(): Promise<void>;
}

/** `pages` are served as HTML under their path and are no alarm: an attacker's own site. */
export async function startCanary(pages: Record<string, string> = {}): Promise<Canary> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ''];
    if (page === undefined) calls.push(request.url ?? '');
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8', 'access-control-allow-origin': '*' });
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
