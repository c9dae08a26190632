import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { noteText } from '#model';
import { createCaller } from '#wire';
import { createHttpServer } from './http.ts';
import { openDoor, type Door } from './httpFixture.ts';
import type { Tracking } from './ports.ts';
import type { CallHandlers } from './sockets.ts';

let door: Door;
let pageDir: string;
let runId: string;
const api = '/api/2.0/mlflow';
const upload = (path: string, body: string) => door.send('PUT', `/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/${path}`, body, { 'content-type': 'application/octet-stream' });

beforeAll(async () => {
  pageDir = await mkdtemp(join(tmpdir(), 'daybook-page-'));
  await mkdir(join(pageDir, 'assets'));
  await writeFile(join(pageDir, 'index.html'), '<!doctype html><title>Daybook</title>');
  await writeFile(join(pageDir, 'assets', 'index-abc.js'), 'export {};');
  const calls = { 'experiments.create': ({ name }: { name: string }) => ({ id: '1', name }) } as unknown as CallHandlers;
  door = await openDoor({ pageDir, calls });
  const { run } = await door.ok('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
  runId = (run as { info: { run_id: string } }).info.run_id;
});
afterAll(async () => {
  await door.close();
  await rm(pageDir, { recursive: true, force: true });
  expect(door.mistakes).toEqual([]);
});

describe('the page', () => {
  it('comes with a strict policy, whatever screen is asked for', async () => {
    for (const path of ['/', '/experiments/0', '/runs/x?tab=notes']) {
      const page = await door.send('GET', path);
      expect(page.status).toBe(200);
      expect(page.text).toContain('Daybook');
      expect(page.headers.get('content-type')).toMatch(/text\/html/);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      const policy = page.headers.get('content-security-policy');
      for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) expect(policy).toContain(rule);
    }
  });

  it('has files that are kept for ever, and nothing beside them', async () => {
    const file = await door.send('GET', '/assets/index-abc.js');
    expect(file.headers.get('content-type')).toMatch(/javascript/);
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect(file.headers.get('x-content-type-options')).toBe('nosniff');
    for (const path of ['/assets/none.js', '/favicon.ico', '/%2e%2e/package.json', '/assets/..%2f..%2fx.js']) expect((await door.send('GET', path)).status).toBeGreaterThanOrEqual(400);
  });

  it('sends its policy with answers to addresses that nobody can decode', async () => {
    const { status, headers, json } = await door.send('GET', '/%zz');
    expect([status, json.error_code, headers.get('x-content-type-options')]).toEqual([400, 'BAD_REQUEST', 'nosniff']);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('says how to build it when it is not built', async () => {
    const bare = await openDoor();
    expect((await bare.send('GET', '/')).text).toContain('npm run build');
    await bare.close();
  });
});

describe('artifacts', () => {
  it('are uploaded, listed and downloaded as MLflow does it', async () => {
    expect(await upload('plots/a%20b.txt', 'hello')).toMatchObject({ status: 200, text: '{}' });
    await upload('plots/deep/c.json', '{}');
    await upload('empty.bin', '');
    expect(await door.ok('GET', 'artifacts/list', { run_id: runId })).toEqual({
      root_uri: `mlflow-artifacts:/0/${runId}/artifacts`,
      files: [{ path: 'empty.bin', is_dir: false, file_size: 0 }, { path: 'plots', is_dir: true }],
    });
    expect((await door.ok('GET', 'artifacts/list', { run_id: runId, path: 'plots' })).files).toEqual([{ path: 'plots/a b.txt', is_dir: false, file_size: 5 }, { path: 'plots/deep', is_dir: true }]);
    const proxied = (path: string) => door.send('GET', `/api/2.0/mlflow-artifacts/artifacts?path=0/${runId}/artifacts${path}`);
    expect((await proxied('/plots')).json.files).toEqual([{ path: 'a b.txt', is_dir: false, file_size: 5 }, { path: 'deep', is_dir: true }]);
    expect((await proxied('/plots/a b.txt')).text).toBe('{}');
    expect((await proxied('/none')).text).toBe('{}');
    for (const path of [`/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/plots/a%20b.txt`, `/get-artifact?run_id=${runId}&path=plots/a%20b.txt`]) {
      const file = await door.send('GET', path);
      expect(file.text).toBe('hello');
      expect(file.headers.get('content-disposition')).toMatch(/^attachment/);
      expect(file.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('are replaced and deleted', async () => {
    await upload('folder/x.txt', 'one');
    await upload('folder/x.txt', 'two');
    expect((await door.send('GET', `/artifact/${runId}/folder/x.txt`)).text).toBe('two');
    const address = `/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/folder`;
    expect((await door.send('DELETE', address)).status).toBe(200);
    expect((await door.send('DELETE', address)).status).toBe(404);
    expect((await door.send('GET', `/artifact/${runId}/folder/x.txt`)).status).toBe(404);
  });

  it('never run in the page’s origin', async () => {
    const shown = async (name: string, body: string) => {
      await upload(name, body);
      const { headers } = await door.send('GET', `/artifact/${runId}/${name}?view=1`);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'; sandbox");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      return `${headers.get('content-disposition')?.split(';')[0]} ${headers.get('content-type')}`;
    };
    expect(await shown('evil.html', '<script>alert(1)</script>')).toBe('inline text/plain; charset=utf-8');
    expect(await shown('evil.svg', '<svg onload="alert(1)"/>')).toBe('attachment image/svg+xml');
    expect(await shown('evil.xhtml', '<html/>')).toBe('attachment application/octet-stream');
    expect(await shown('report.pdf', '%PDF')).toBe('attachment application/octet-stream');
    expect(await shown('a.json', '{}')).toBe('inline text/plain; charset=utf-8');
    expect(await shown('a.csv', 'a,b')).toBe('inline text/plain; charset=utf-8');
    expect(await shown('a.png', 'png')).toBe('inline image/png');
    expect(await shown('model.pkl', 'x')).toBe('attachment application/octet-stream');
    const download = await door.send('GET', `/artifact/${runId}/evil.html`);
    expect(download.headers.get('content-type')).toBe('application/octet-stream');
  });

  it('do so whatever their name or bytes are', async () => {
    const polyglot = 'GIF89a/*<script>alert(1)</script><svg onload="alert(1)"/>%PDF-1.7*/';
    const names = ['x', 'x.gif', 'x.html', 'x.HTM', 'x.svg', 'x.svgz', 'x.xml', 'x.xsl', 'x.rss', 'x.atom', 'x.mht', 'x.mhtml', 'x.hta', 'x.pdf', 'x.js', 'x.mjs', 'x.css', 'x.wasm', 'x.swf', 'x.webmanifest', 'x.appcache', 'x.ipynb', 'x.html.png', 'x.png.html', 'x.htm%20', 'x.html%2E'];
    for (const name of names) {
      await upload(name, polyglot);
      for (const query of ['', '?view=1', '?view=1&view=1']) {
        const { status, headers } = await door.send('GET', `/artifact/${runId}/${name}${query}`);
        const type = headers.get('content-type') ?? '';
        expect([name, status, headers.get('x-content-type-options'), headers.get('content-security-policy')]).toEqual([name, 200, 'nosniff', "default-src 'none'; sandbox; frame-ancestors 'self'"]);
        const isInline = headers.get('content-disposition')?.startsWith('inline') ?? true;
        if (isInline) expect([name, type]).toEqual([name, expect.stringMatching(/^(?:text\/plain; charset=utf-8|image\/(?:png|jpeg|gif|webp|avif|bmp))$/)]);
        else expect([name, type]).toEqual([name, expect.not.stringMatching(/html|javascript|pdf|^text\/xml|application\/xml/)]);
      }
    }
  });

  it('keep names out of headers', async () => {
    await upload(`${encodeURIComponent('a"b;ü.txt')}`, 'x');
    const { headers } = await door.send('GET', `/artifact/${runId}/${encodeURIComponent('a"b;ü.txt')}`);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="a_b__.txt"; filename*=UTF-8''a%22b%3B%C3%BC.txt`);
  });

  it('come in parts and are not sent twice', async () => {
    await upload('range.bin', '0123456789');
    const part = (range: string) => door.send('GET', `/artifact/${runId}/range.bin`, undefined, { range });
    const middle = await part('bytes=2-4');
    expect([middle.status, middle.text, middle.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10']);
    expect((await part('bytes=-2')).text).toBe('89');
    expect((await part('bytes=10-')).status).toBe(416);
    const whole = await door.send('GET', `/artifact/${runId}/range.bin`);
    expect((await door.send('GET', `/artifact/${runId}/range.bin`, undefined, { 'if-none-match': whole.headers.get('etag')! })).status).toBe(304);
  });

  it('that break off on the way are not stored', async () => {
    const socket = connect(door.port, '127.0.0.1', () => {
      socket.write(`PUT /api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/half.bin HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nonly a part`, () => socket.destroy());
    });
    await new Promise((resolve) => socket.on('close', resolve));
    await upload('after.bin', 'x');
    expect((await door.send('GET', `/artifact/${runId}/half.bin`)).status).toBe(404);
  });
});

describe('sockets', () => {
  const opened = (path: string, headers: Record<string, string> = {}) =>
    new Promise<WebSocket>((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${door.port}${path}`, ['daybook.v1'], { headers });
      socket.on('open', () => resolve(socket));
      socket.on('error', reject);
    });

  it('answer calls, check their arguments and announce', async () => {
    const socket = await opened('/call');
    const heard = new Promise((resolve) => {
      const caller = createCaller((bytes) => socket.send(bytes), (event, data) => resolve([event, data]));
      socket.on('message', (data: Buffer) => caller.receive(data));
      const results = Promise.all([
        caller.call('experiments.create', { name: 'x' }),
        caller.call('experiments.create', { name: 5 }).catch((error: { code: string; field: string }) => [error.code, error.field]),
        caller.call('constructor', {}).catch((error: { code: string }) => error.code),
      ]);
      void results.then((values) => {
        expect(values).toEqual([{ id: '1', name: 'x' }, ['invalid_argument', 'name'], 'not_found']);
        door.announce('experiments.changed', {});
      });
    });
    expect(await heard).toEqual(['experiments.changed', {}]);
    socket.close();
  });

  it('close on nonsense and leave the others alone', async () => {
    const good = await opened('/call');
    for (const nonsense of [Buffer.from([255, 255, 255]), 'text', Buffer.alloc(0)]) {
      const bad = await opened('/call');
      const code = new Promise((resolve) => bad.on('close', resolve));
      bad.send(nonsense);
      expect(await code).toBe(4400);
    }
    expect(good.readyState).toBe(WebSocket.OPEN);
    good.close();
  });

  it('let two stock clients write one note', async () => {
    const room = `note/run-${runId}`;
    const client = () => {
      const doc = new Y.Doc();
      const provider = new WebsocketProvider(`ws://127.0.0.1:${door.port}/sync`, room, doc, { WebSocketPolyfill: WebSocket as never, disableBc: true });
      return { doc, provider, text: doc.getText(noteText) };
    };
    const [ada, ben] = [client(), client()];
    ada.text.insert(0, 'hello');
    await new Promise<void>((resolve) => ben.text.observe(() => ben.text.toJSON() === 'hello' && resolve()));
    for (const one of [ada, ben]) {
      one.provider.destroy();
      one.doc.destroy();
    }
  });

  it('are refused to other origins and for unknown rooms', async () => {
    await expect(opened('/call', { origin: 'http://attacker.example' })).rejects.toThrow('403');
    await expect(opened('/call', { origin: 'null' })).rejects.toThrow('403');
    await expect(opened('/sync/secrets')).rejects.toThrow('404');
    await expect(opened('/sync/note/..%2f..%2fx')).rejects.toThrow('404');
    await expect(opened('/elsewhere')).rejects.toThrow('404');
  });
});

describe('a retried create', () => {
  it('finds the run whose answer was lost, once', async () => {
    const { catalog, tracking, series, artifacts } = door.workspace;
    const body = JSON.stringify({ experiment_id: '0', start_time: 77, run_name: 'lost' });
    const named = () => [...catalog.runs('0')].filter(({ name }) => name === 'lost').map(({ id }) => id);
    let client: Socket | undefined;
    const lost = new Promise<string>((resolve) => {
      void serve({
        ...tracking,
        async createRun(run) {
          const made = await tracking.createRun(run);
          // The client is gone before its answer is written; a round trip later the server has noticed.
          const gone = new Promise((closed) => client?.once('close', closed));
          client?.resetAndDestroy();
          await gone;
          await door.send('GET', '/health');
          return made;
        },
        replyLost(id) {
          tracking.replyLost(id);
          resolve(id);
        },
      });
    });
    async function serve(watched: Tracking): Promise<void> {
      const server = await createHttpServer({ ...bareParts, port: 0, catalog, series, artifacts, tracking: watched });
      client = connect(server.port, '127.0.0.1', () => {
        client?.write(`POST ${api}/runs/create HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      });
      void lost.then(() => server.close());
    }
    const id = await lost;
    const create = async () => ((await door.send('POST', `${api}/runs/create`, body)).json.run as { info: { run_id: string } }).info.run_id;
    expect(named()).toEqual([id]);
    expect(await create()).toBe(id);
    expect(named()).toEqual([id]);
    // The same request once more is meant as another run.
    expect(await create()).not.toBe(id);
    expect(named()).toHaveLength(2);
  });
});

const bareParts = { relay: { accept: () => undefined }, calls: {} as CallHandlers, announcements: () => () => undefined, user: '' };

it('says that the port is taken', async () => {
  const { catalog, tracking, series, artifacts } = door.workspace;
  await expect(createHttpServer({ ...bareParts, port: door.port, catalog, tracking, series, artifacts })).rejects.toMatchObject({ code: 'unavailable', field: 'port' });
});
