import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLoopbackFilter, peerUser } from './loopback.ts';

let server: Server;
let port: number;
const passed: string[] = [];

beforeEach(async () => {
  const refusalOf = createLoopbackFilter({ hosts: ['host.docker.internal'], origins: ['http://localhost:5173'] });
  const check = (request: IncomingMessage) => {
    const refusal = refusalOf(request);
    if (!refusal) passed.push(`${request.method} ${request.url}`);
    return refusal;
  };
  passed.length = 0;
  server = createServer((request, response) => {
    response.writeHead(check(request)?.status ?? 200, { connection: 'close' }).end();
  });
  server.on('upgrade', (request, socket) => {
    socket.end(`HTTP/1.1 ${check(request)?.status ?? 101} x\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** Sends exactly these lines and answers the status. */
function send(lines: string[], body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`));
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])));
    socket.on('error', reject);
  });
}

const own = () => `Host: 127.0.0.1:${port}`;
const attacker = 'Origin: http://attacker.example';
const json = ['Content-Type: application/json', 'Content-Length: 2'];
const path = '/api/2.0/mlflow/runs/create';

describe('what browsers of other pages send', () => {
  it('refuses every row but the stock client', async () => {
    const form = ['Content-Type: text/plain', 'Content-Length: 2'];
    const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
    expect(await send([`POST ${path} HTTP/1.1`, own(), attacker, 'Sec-Fetch-Site: cross-site', ...form], '{}')).toBe(403);
    expect(await send([`POST ${path} HTTP/1.1`, own(), attacker, 'Sec-Fetch-Site: cross-site', ...json], '{}')).toBe(403);
    expect(await send([`OPTIONS ${path} HTTP/1.1`, own(), attacker, 'Access-Control-Request-Method: POST'])).toBe(403);
    expect(await send([`GET /artifact/x/y HTTP/1.1`, own(), 'Sec-Fetch-Site: cross-site'])).toBe(403);
    expect(await send([`GET /artifact/x/y HTTP/1.1`, own(), 'Sec-Fetch-Site: same-site'])).toBe(403);
    expect(await send(['GET /call HTTP/1.1', own(), attacker, ...upgrade])).toBe(403);
    expect(await send(['GET /call HTTP/1.1', own(), 'Origin: null', ...upgrade])).toBe(403);
    expect(await send([`POST ${path} HTTP/1.1`, 'Host: rebind.example', ...json], '{}')).toBe(403);
    expect(await send([`POST ${path} HTTP/1.1`, own(), 'Origin: null', 'Sec-Fetch-Site: cross-site', ...form], '{}')).toBe(403);
    expect(await send([`POST ${path} HTTP/1.1`, own(), `Origin: http://127.0.0.1:${port}`, ...json], '{}')).toBe(403);
    expect(await send([`POST ${path.replace('api', '%61pi')} HTTP/1.1`, own(), `Origin: http://127.0.0.1:${port}`, ...json], '{}')).toBe(403);
    expect(passed).toEqual([]);
    expect(await send([`POST ${path} HTTP/1.1`, own(), 'User-Agent: python-requests', ...json], '{}')).toBe(200);
    expect(passed).toEqual([`POST ${path}`]);
  });

  it('lets the own page in, but not to the scripts’ door', async () => {
    const mine = `Origin: http://127.0.0.1:${port}`;
    expect(await send(['GET / HTTP/1.1', own(), 'Sec-Fetch-Site: none'])).toBe(200);
    expect(await send(['GET /assets/a.js HTTP/1.1', own(), 'Sec-Fetch-Site: same-origin'])).toBe(200);
    expect(await send(['GET /call HTTP/1.1', own(), mine, 'Upgrade: websocket', 'Connection: Upgrade'])).toBe(101);
    expect(await send(['GET /call HTTP/1.1', own(), `Origin: http://localhost:${port}`, 'Upgrade: websocket', 'Connection: Upgrade'])).toBe(403);
    expect(await send(['GET /call HTTP/1.1', own(), 'Origin: http://127.0.0.1:1', 'Upgrade: websocket', 'Connection: Upgrade'])).toBe(403);
    expect(await send([`POST ${path} HTTP/1.1`, own(), mine, ...json], '{}')).toBe(403);
    expect(await send(['GET / HTTP/1.1', own(), 'Origin: http://localhost:5173', 'Sec-Fetch-Site: same-site'])).toBe(200);
  });
});

describe('Host', () => {
  it.each([
    ['127.0.0.1', 200],
    ['127.0.0.1:5001', 200],
    ['127.9.9.9', 200],
    ['localhost:1', 200],
    ['LOCALHOST', 200],
    ['[::1]:5001', 200],
    ['[::ffff:127.0.0.1]', 200],
    ['host.docker.internal', 200],
    ['10.evil.com', 403],
    ['127.0.0.1.evil.com', 403],
    ['localhost.evil.com', 403],
    ['evil.com', 403],
    ['0x7f.1', 403],
    ['2130706433', 403],
    ['0.0.0.0', 403],
    ['192.168.1.2', 403],
    ['[::ffff:8.8.8.8]', 403],
    ['127.0.0.1:port', 403],
    ['user@127.0.0.1', 403],
    ['127.0.0.1, evil.com', 403],
    ['', 403],
  ])('%s → %i', async (host, status) => {
    expect(await send(['GET /health HTTP/1.1', `Host: ${host}`])).toBe(status);
  });

  it('must be there exactly once', async () => {
    expect(await send(['GET /health HTTP/1.1'])).toBe(400);
    expect(await send(['GET /health HTTP/1.0'])).toBe(403);
    expect(await send(['GET /health HTTP/1.1', own(), 'Host: evil.example'])).toBe(403);
    expect(await send(['GET /health HTTP/1.1', own(), own()])).toBe(403);
  });

  it('does not excuse a whole address in the request line', async () => {
    expect(await send(['GET http://evil.example/ HTTP/1.1', own()])).toBe(400);
  });
});

describe('bodies', () => {
  const post = (type: string[], method = 'POST', where = path) => send([`${method} ${where} HTTP/1.1`, own(), ...type, 'Content-Length: 2'], '{}');
  it('are JSON, but for uploads', async () => {
    expect(await post(['Content-Type: application/json; charset=utf-8'])).toBe(200);
    expect(await post(['Content-Type: text/plain'])).toBe(400);
    expect(await post(['Content-Type: application/jsonp'])).toBe(400);
    expect(await post([])).toBe(400);
    expect(await post(['Content-Type: text/plain'], 'PATCH')).toBe(400);
    expect(await post(['Content-Type: text/plain'], 'DELETE')).toBe(400);
    expect(await post(['Content-Type: text/plain'], 'PUT')).toBe(400);
    expect(await post(['Content-Type: text/plain'], 'PUT', '/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/a.txt')).toBe(200);
    expect(await send([`POST ${path} HTTP/1.1`, own(), 'Content-Length: 0'])).toBe(200);
  });
});

describe('the user at the other end', () => {
  const connection = { remoteAddress: '127.0.0.1', remotePort: 40_000, localAddress: '127.0.0.1', localPort: 5001 } as Socket;
  const row = (uid: number, inode: number, peer = '0100007F:9C40') =>
    `  sl  local_address rem_address   st\n   7: ${peer} 0100007F:1389 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0 20 4\n   8: 0100007F:1389 ${peer} 01 00000000:00000000 00:00000000 00000000  1000        0 12 1\n`;
  const verdict = (table: string) => peerUser(connection, 1000, (file) => (file.endsWith('tcp') ? table : ''));

  it.runIf(process.platform === 'linux')('is read from the table of sockets', () => {
    expect(verdict(row(1000, 99))).toBe('same');
    expect(verdict(row(0, 99))).toBe('same');
    expect(verdict(row(1001, 99))).toBe('other');
    // A socket that its process has given up shows root's uid.
    expect(verdict(row(0, 0))).toBe('other');
    // The same port at another loopback address is another connection.
    expect(verdict(row(1000, 99, '0200007F:9C40'))).toBe('unknown');
    expect(verdict('')).toBe('unknown');
    expect(peerUser(connection, 1000, () => { throw new Error('no table'); })).toBe('unknown');
  });

  it.runIf(process.platform === 'linux')('recognises this very process', async () => {
    const accepted = new Promise<IncomingMessage>((resolve) => server.once('request', resolve));
    const client = connect(port, '127.0.0.1', () => client.write(`GET / HTTP/1.1\r\n${own()}\r\nConnection: keep-alive\r\n\r\n`));
    const { socket } = await accepted;
    expect(peerUser(socket, process.getuid!())).not.toBe('other');
    client.destroy();
  });
});
