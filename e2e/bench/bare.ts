/**
 * The yardstick: a bare node:http server in a process of its own that reads a body, parses it as JSON and answers `{}`.
 * Nothing can be checked, stored or answered in less. Started with `node --import tsx bare.ts`; prints `ready URL`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const parsed: unknown = parts.length > 0 ? JSON.parse(Buffer.concat(parts).toString('utf8')) : undefined;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(parsed === null ? 'null' : '{}');
  });
});
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.on('SIGTERM', () => process.exit(0));
