import { describe, expect, it } from 'vitest';
import { datasetMeta, experimentMeta, loggedModelMeta, modelVersionMeta, parseMeta, runMeta } from './metaYaml.ts';

describe('meta.yaml', () => {
  it('of a run reads alike from every release', () => {
    const early = parseMeta(
      'artifact_uri: /tmp/mlruns/0/ab/artifacts\nend_time: null\nentry_point_name: train\nexperiment_id: 0\nname: first try\nrun_uuid: ab\nsource_name: train.py\nsource_type: 3\nsource_version: 0f3c\nstart_time: 1530000000000\nstatus: 1\ntags: []\nuser_id: me\n',
      runMeta,
    );
    expect(early).toMatchObject({ run_uuid: 'ab', name: 'first try', status: 'RUNNING', source_type: 'PROJECT', start_time: 1530000000000, end_time: undefined });
    const late = parseMeta("lifecycle_stage: deleted\nrun_id: ab\nrun_name: first try\nstatus: FINISHED\nend_time: 1530000000001\ndeleted_time: 1530000000002\nname: ''\n", runMeta);
    expect(late).toMatchObject({ run_id: 'ab', run_name: 'first try', name: undefined, status: 'FINISHED', lifecycle_stage: 'deleted', deleted_time: 1530000000002 });
  });

  it('keeps as text what PyYAML leaves unquoted', () => {
    expect(parseMeta("experiment_id: '175554612633604615'\nname: 1e5\n", experimentMeta)).toMatchObject({ experiment_id: '175554612633604615', name: '1e5' });
    expect(parseMeta('experiment_id: 175554612633604615\nname: 0o17\n', experimentMeta)).toMatchObject({ experiment_id: '175554612633604615', name: '0o17' });
    expect(parseMeta("name: 'null'\n", experimentMeta).name).toBe('null');
  });

  it('takes absurd times as not there', () => {
    const meta = parseMeta('status: 3\nstart_time: 99999999999999999999999\nend_time: -4\n', runMeta);
    expect([meta.start_time, meta.end_time]).toEqual([undefined, undefined]);
  });

  it('takes a status nobody knows as failed', () => {
    expect(parseMeta('status: 42\n', runMeta).status).toBe('FAILED');
  });

  it('of a logged model, a version and a dataset', () => {
    expect(parseMeta('model_id: m-1\nname: model\nmodel_type: null\nstatus: 2\ncreation_timestamp: 5\n', loggedModelMeta)).toMatchObject({ model_id: 'm-1', status: 'LOGGED_MODEL_READY', model_type: undefined });
    expect(parseMeta('name: forest\nversion: 3\naliases: []\nstatus: READY\n', modelVersionMeta)).toMatchObject({ name: 'forest', version: '3', status: 'READY' });
    expect(parseMeta("name: wine\ndigest: 3a1f\nsource: '{}'\nsource_type: code\nschema: null\n", datasetMeta)).toMatchObject({ name: 'wine', source_type: 'code', schema: undefined });
  });

  it.each([
    ['name: [', 'no YAML'],
    ['- a list\n', 'not understood'],
    ['', 'not understood'],
    ['experiment_id: 1\n', 'name'],
    ['name: null\n', 'name'],
    ['name: {a: b}\n', 'name'],
  ])('that is broken says so: %j', (content, why) => {
    expect(() => parseMeta(content, experimentMeta)).toThrow(why);
  });

  it('builds no objects and no bombs', () => {
    expect(parseMeta('name: !!python/object/apply:os.system ["true"]\nx: !!js/function "f"\nname2: a\n'.replace('name:', 'y:').replace('name2', 'name'), experimentMeta).name).toBe('a');
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]', ...'bcdefghi'.split('').map((each, i) => `${each}: &${each} [${Array(10).fill(`*${'abcdefgh'[i]}`).join(', ')}]`), 'name: ok'].join('\n');
    expect(() => parseMeta(bomb, experimentMeta)).toThrow();
  });
});
