/** What scripts and attackers send that cannot be taken: a clear error naming the field, nothing stored, the host alive. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door } from '../httpFixture.ts';

let door: Door;
let run_id: string;
const api = '/api/2.0/mlflow';
const files = '/api/2.0/mlflow-artifacts/artifacts';

beforeAll(async () => {
  door = await openDoor();
  const { run } = await door.ok('POST', 'runs/create', { experiment_id: '0', run_name: 'victim', start_time: 1 });
  run_id = (run as { info: { run_id: string } }).info.run_id;
  await door.ok('POST', 'runs/log-batch', { run_id, params: [{ key: 'lr', value: '1' }], metrics: [{ key: 'm', value: 1, timestamp: 1 }] });
  await door.send('PUT', `${files}/0/${run_id}/artifacts/kept.txt`, 'kept');
});
afterAll(async () => {
  await door.close();
  expect(door.mistakes).toEqual([]);
});

/** Everything a client can see. */
async function everything(): Promise<object> {
  const { catalog, series } = door.workspace;
  return {
    runs: (await door.ok('POST', 'runs/search', { experiment_ids: ['0'], run_view_type: 'ALL' })).runs,
    experiments: (await door.ok('POST', 'experiments/search', { max_results: 100, view_type: 'ALL' })).experiments,
    artifacts: catalog.artifacts({ kind: 'run', id: run_id }),
    points: (await series.read(run_id, 'm')).value,
  };
}

const missing = (name: string) => `Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`;

describe('calls', () => {
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  const many = <T>(count: number, one: (place: number) => T) => Array.from({ length: count }, (_, place) => one(place));
  it.each<[string, string, () => unknown, RegExp | string]>([
    ['runs/log-metric', 'no run', () => ({ key: 'm', value: 1, timestamp: 1 }), missing('run_id')],
    ['runs/log-metric', 'empty run', () => ({ run_id: '', key: 'm', value: 1, timestamp: 1 }), missing('run_id')],
    ['runs/log-metric', 'no key', () => ({ run_id, value: 1, timestamp: 1 }), missing('key')],
    ['runs/log-metric', 'no value', () => ({ run_id, key: 'm', timestamp: 1 }), missing('value')],
    ['runs/log-metric', 'null value', () => ({ run_id, key: 'm', value: null, timestamp: 1 }), missing('value')],
    ['runs/log-metric', 'no timestamp', () => ({ run_id, key: 'm', value: 1 }), missing('timestamp')],
    ['runs/log-metric', 'text value', () => ({ run_id, key: 'm', value: 'high', timestamp: 1 }), /Invalid value "high" for parameter 'value' supplied: {2}Hint: Value was of type 'str'/],
    ['runs/log-metric', 'object value', () => ({ run_id, key: 'm', value: {}, timestamp: 1 }), /parameter 'value'.*'dict'/],
    ['runs/log-metric', 'text timestamp', () => ({ run_id, key: 'm', value: 1, timestamp: 'now' }), /parameter 'timestamp'/],
    ['runs/log-metric', 'negative timestamp', () => ({ run_id, key: 'm', value: 1, timestamp: -1 }), /parameter 'timestamp'.*negative/],
    ['runs/log-metric', 'text step', () => ({ run_id, key: 'm', value: 1, timestamp: 1, step: 'x' }), /parameter 'step'/],
    ['runs/log-metric', 'number as key', () => ({ run_id, key: 5, value: 1, timestamp: 1 }), /Invalid value 5 for parameter 'key' supplied: {2}Hint: Value was of type 'int'/],
    ['runs/log-metric', 'key with quotes', () => ({ run_id, key: 'a"b', value: 1, timestamp: 1 }), /parameter 'key'.*Names may only contain/],
    ['runs/log-metric', 'key going up', () => ({ run_id, key: 'a/../b', value: 1, timestamp: 1 }), /parameter 'key'.*unique paths/],
    ['runs/log-metric', 'long key', () => ({ run_id, key: 'k'.repeat(251), value: 1, timestamp: 1 }), /'key'.*maximum length of 250/],
    ['runs/log-parameter', '6,001 characters', () => ({ run_id, key: 'long', value: 'x'.repeat(6001) }), /Param 'long'.*6001 characters.*maximum length of 6000/],
    ['runs/log-parameter', 'number as value', () => ({ run_id, key: 'p', value: 5 }), /parameter 'value'/],
    ['runs/log-parameter', 'changed', () => ({ run_id, key: 'lr', value: '2' }), /lr/],
    ['runs/set-tag', 'long value', () => ({ run_id, key: 't', value: 'x'.repeat(65_536) }), /Tag 't'/],
    ['runs/set-tag', 'no key', () => ({ run_id, value: 'x' }), missing('key')],
    ['runs/log-batch', '1,001 metrics', () => ({ run_id, metrics: many(1001, (i) => ({ key: `k${i}`, value: 1, timestamp: 1 })) }), /at most 1000 metrics.*Got 1001/],
    ['runs/log-batch', '101 params', () => ({ run_id, params: many(101, (i) => ({ key: `k${i}`, value: 'v' })) }), /at most 100 params/],
    ['runs/log-batch', '1,001 in all', () => ({ run_id, metrics: many(1000, (i) => ({ key: `k${i}`, value: 1, timestamp: 1 })), tags: [{ key: 'a', value: 'b' }] }), /at most 1000 metrics, params, and tags/],
    ['runs/log-batch', 'a param twice', () => ({ run_id, metrics: [{ key: 'n', value: 1, timestamp: 1 }], params: [{ key: 'a', value: '1' }, { key: 'a', value: '1' }] }), /Duplicate parameter keys.*'a'/],
    ['runs/log-batch', 'one bad among good', () => ({ run_id, metrics: [{ key: 'n', value: 1, timestamp: 1 }, { key: 'o', value: 1 }], tags: [{ key: 'a', value: 'b' }] }), missing('metrics[1].timestamp')],
    ['runs/log-batch', 'a list of texts', () => ({ run_id, metrics: ['x'] }), /parameter 'metrics\[0\]'/],
    ['runs/log-batch', 'no list', () => ({ run_id, params: { key: 'a', value: 'b' } }), /parameter 'params'.*'dict'/],
    ['runs/log-batch', 'a changed param', () => ({ run_id, metrics: [{ key: 'n', value: 1, timestamp: 1 }], params: [{ key: 'lr', value: '2' }] }), /lr/],
    ['runs/create', 'no experiment', () => ({}), /'experiment_id'/],
    ['runs/create', 'no such experiment id', () => ({ experiment_id: 'abc' }), /'experiment_id'/],
    ['runs/create', 'negative start', () => ({ experiment_id: '0', start_time: -1 }), /start_time/],
    ['experiments/create', 'no name', () => ({ name: '' }), missing('name')],
    ['experiments/create', 'number as name', () => ({ name: 5 }), /Invalid value 5 for parameter 'name' supplied: {2}Hint: Value was of type 'int'/],
    ['experiments/create', 'long name', () => ({ name: 'x'.repeat(501) }), /'name'.*500/],
    ['runs/log-metric', 'garbage', () => '{"run_id": ', /Missing value for required parameter 'run_id'.*The request body cannot be used/],
    ['runs/search', 'garbage', () => 'x', /body cannot be used/],
    ['runs/log-batch', 'garbage', () => '}', /'run_id'.*body cannot be used/],
    ['runs/search', 'deep nesting', () => `{"experiment_ids":${deep(50_000)}}`, /nested too deeply/],
    ['runs/search', 'very deep nesting', () => `{"experiment_ids":${deep(1_000_000)}}`, /body cannot be used: it nests more than 200 levels deep/],
    ['runs/create', 'deep nesting in a field nobody reads', () => `{"experiment_id":"0","x":${deep(50_000)}}`, /nested too deeply/],
    ['runs/log-model', 'a deeply nested model', () => ({ run_id, model_json: `{"artifact_path":"a","utc_time_created":"t","run_id":"r","flavors":${deep(50_000)}}` }), /nested too deeply/],
    ['runs/create', '1,001 tags', () => ({ experiment_id: '0', tags: many(1001, (i) => ({ key: `k${i}`, value: 'v' })) }), /'tags' has 1001 entries; at most 1000/],
    ['runs/log-inputs', '1,001 datasets', () => ({ run_id, datasets: many(1001, () => ({})) }), /'datasets' has 1001 entries/],
    ['runs/search', '50,001 experiments', () => ({ experiment_ids: many(50_001, () => '0') }), /'experiment_ids' has 50001 entries/],
    ['runs/search', '101 orders', () => ({ experiment_ids: ['0'], order_by: many(101, (i) => `metrics.m${i}`) }), /order_by has 101 terms/],
    ['runs/log-metric', 'a list', () => '[1]', /'run_id'.*not a JSON object/],
    ['runs/log-metric', 'bytes', () => '\0\u00ff\ufffd', /'run_id'/],
  ])('%s with %s', async (path, _what, body, message) => {
    const before = await everything();
    const answer = await door.send('POST', `${api}/${path}`, body());
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    if (typeof message === 'string') expect(answer.json.message).toBe(message);
    else expect(answer.json.message).toMatch(message);
    expect(await everything()).toEqual(before);
  });

  it('name the run that is not there', async () => {
    const unknown = '0'.repeat(32);
    for (const [path, values] of [
      ['runs/log-metric', { key: 'm', value: 1, timestamp: 1 }],
      ['runs/log-parameter', { key: 'p', value: '1' }],
      ['runs/set-tag', { key: 'p', value: '1' }],
      ['runs/log-batch', { tags: [{ key: 'p', value: '1' }] }],
      ['runs/update', { status: 'FINISHED' }],
      ['runs/delete', {}],
      ['runs/log-inputs', {}],
    ] as const) {
      expect(await door.fails('POST', path, { run_id: unknown, ...values })).toMatchObject({ status: 404, code: 'RESOURCE_DOES_NOT_EXIST', message: expect.stringContaining(unknown) as string });
    }
  });

  it('are not taken for what they are not', async () => {
    const body = JSON.stringify({ run_id, key: 'm', value: 5, timestamp: 5 });
    const before = await everything();
    expect((await door.send('POST', `${api}/runs/log-metric`, body, { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await door.send('POST', `${api}/runs/log-metric`, body, { origin: 'http://attacker.example' })).status).toBe(403);
    expect((await door.send('GET', `${api}/runs/log-metric`)).status).toBe(404);
    expect((await door.send('POST', `${api}/runs/log-metric`, `{"x":"${'y'.repeat(17 * 1024 * 1024)}"}`)).status).toBe(413);
    expect((await door.send('GET', `/${'%'.repeat(100)}`)).status).toBeLessThan(500);
    expect(await everything()).toEqual(before);
  });
});

describe('artifact addresses', () => {
  /** fetch would tidy the path up, so the request line is written as it is. */
  const raw = (method: string, address: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(door.port, '127.0.0.1', () => {
        socket.write(`${method} ${address} HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      });
      socket.on('data', (data) => (text += data.toString('latin1')));
      socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text }));
      socket.on('error', reject);
    });

  it.each([
    '../../../../etc/passwd',
    '..%2F..%2Fetc/passwd',
    '%2E%2E%2Fpath',
    '%252E%252E%252F%252E%252E/etc/passwd',
    '/etc/passwd',
    '%2Fetc%2Fpasswd',
    'etc/passwd%00.jpg',
    '%2%0952e%2%0952e/path',
    '..%5Cx',
    '%5C..%5Cname',
    'C:/x',
    'C%3A%5Cx',
    'a%23/../b',
    'file:%2F%2Fa%23/..//tmp',
    '.../...//',
    'path/../../to/file',
  ])('%s are refused for every method', async (path) => {
    const before = await everything();
    for (const method of ['PUT', 'GET', 'DELETE']) {
      for (const root of [`${files}/0/${run_id}/artifacts/`, `${files}/`]) {
        const { status, text } = await raw(method, `${root}${path}`);
        expect([400, 404], `${method} ${root}${path}: ${text}`).toContain(status);
      }
    }
    const query = encodeURIComponent(path);
    for (const address of [`/get-artifact?run_id=${run_id}&path=${query}`, `${api}/artifacts/list?run_id=${run_id}&path=${query}`, `${files}?path=${query}`, `/artifact/${run_id}/${path}`]) {
      const { status, text } = await raw('GET', address);
      expect([400, 404], `${address}: ${text}`).toContain(status);
      expect(text).not.toContain('root:');
    }
    expect(await everything()).toEqual(before);
  });

  it('of other things are not found', async () => {
    for (const address of [`${files}/0/${'0'.repeat(32)}/artifacts/x`, `${files}/1/${run_id}/artifacts/x`, `${files}/x`, `${files}/0/${run_id}/meta.yaml`]) {
      expect((await raw('PUT', address)).status).toBe(404);
    }
    expect((await raw('PUT', `${files}/0/${run_id}/artifacts/`)).status).toBe(400);
    expect((await raw('GET', `/get-artifact?run_id=${run_id}&path=nope`)).status).toBe(404);
  });
});
