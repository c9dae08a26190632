import { describe, expect, it } from 'vitest';
import type { RunColumns } from '#contract';
import type { MetricSummary, Run } from '#model';
import { longestTexts } from './cellText.ts';
import { allColumns, autoColumns, columnOf, constantColumns, hasBetterEnd, layOut, lowerIsBetter, nameColumn, moveColumn } from './columns.ts';
import { contentsOf, descriptionOf } from './contents.ts';
import { runsToCsv } from './csv.ts';
import { faultOf, suggest } from './filterAssist.ts';
import { extentsOf, linesOf } from './lines.ts';
import { firstRun } from './snippets.ts';
import { tableKey } from './tableKeys.ts';
import { treeLines } from '../state/tree.ts';
import { wantedColumns } from './wantedColumns.ts';

const metric = (value: number): MetricSummary => ({ value, step: 0, time: 0, min: value, max: value, count: 1 });

function run(id: string, part: Partial<Run> & { parent?: string } = {}): Run {
  const { parent, ...rest } = part;
  return {
    id,
    experimentId: '1',
    name: id,
    status: 'FINISHED',
    startedAt: 1_700_000_000_000,
    endedAt: 1_700_000_012_500,
    user: 'ana',
    params: {},
    metrics: {},
    tags: parent ? { 'mlflow.parentRunId': parent } : {},
    host: 'h',
    inputs: [],
    modelInputs: [],
    modelOutputs: [],
    ...rest,
  };
}

const columns: RunColumns = {
  params: [
    { key: 'lr', runs: 3 },
    { key: 'optimizer', runs: 3, constant: 'adam' },
    { key: 'layer10', runs: 2 },
    { key: 'layer2', runs: 2 },
  ],
  metrics: [
    { key: 'val loss', runs: 3 },
    { key: 'acc', runs: 3 },
    { key: 'system/cpu', runs: 3 },
  ],
  tags: [
    { key: 'mlflow.source.name', runs: 3 },
    { key: 'stage', runs: 1 },
  ],
};

describe('nested runs', () => {
  const outline = (runs: Run[], folded: string[] = []): string[] => treeLines(runs, new Set(folded)).map(({ run: { id }, depth }) => `${'  '.repeat(depth)}${id}`);

  it('follow their parent, in the order of the list', () => {
    expect(outline([run('b1', { parent: 'b' }), run('a'), run('b'), run('a1', { parent: 'a' }), run('a11', { parent: 'a1' }), run('a2', { parent: 'a' })])).toEqual(['a', '  a1', '    a11', '  a2', 'b', '  b1']);
  });

  it('fold away', () => {
    const runs = [run('a'), run('a1', { parent: 'a' }), run('a11', { parent: 'a1' })];
    expect(outline(runs, ['a'])).toEqual(['a']);
    expect(treeLines(runs, new Set(['a']))[0]).toMatchObject({ children: 1, open: false });
  });

  it('stand at the top when their parent is not there', () => {
    expect(outline([run('x1', { parent: 'gone' })])).toEqual(['x1']);
  });

  it('are each there once, even in a circle', () => {
    expect(outline([run('a', { parent: 'b' }), run('b', { parent: 'a' }), run('c', { parent: 'c' })]).map((line) => line.trim()).sort()).toEqual(['a', 'b', 'c']);
  });

  it('wait until every run is loaded', () => {
    expect(linesOf([run('a'), undefined, run('a1', { parent: 'a' })], false, new Set())).toMatchObject([{ depth: 0 }, undefined, { depth: 0 }]);
  });
});

describe('columns', () => {
  it('show metrics and what differs when nobody has chosen', () => {
    expect(autoColumns(columns)).toEqual([
      'attributes.start_time', 'metrics.acc', 'metrics.val loss', 'params.lr', 'params.layer2', 'params.layer10',
      'attributes.duration', 'attributes.user_id', 'attributes.source',
    ]);
  });

  it('know constants and leave out the bookkeeping of MLflow', () => {
    expect(constantColumns(columns)).toEqual(['params.optimizer']);
    expect(allColumns(columns).map(({ id }) => id)).not.toContain('tags.mlflow.source.name');
  });

  it('keep keys with dots whole and refuse nonsense', () => {
    expect(columnOf('params.model.depth')).toMatchObject({ kind: 'param', key: 'model.depth' });
    expect([columnOf('params.'), columnOf('nope.x'), columnOf('attributes.secret'), columnOf('')]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('stand side by side, pinned ones first, under one heading a kind', () => {
    const layout = layOut(['params.a', 'metrics.x', 'metrics.y', 'nope'], ['metrics.y'], { 'params.a': 100, 'metrics.x': 90, 'metrics.y': 80 }, 60);
    expect(layout.pinned.map(({ id }) => id)).toEqual(['attributes.run_name', 'metrics.y']);
    expect(layout.scrolling.map(({ id, left }) => [id, left - layout.pinnedWidth])).toEqual([['params.a', 0], ['metrics.x', 100]]);
    expect(layout.groups.map(({ label, pinned }) => [label, pinned])).toEqual([['', true], ['Metrics', true], ['Params', false], ['Metrics', false]]);
    expect(layout.width).toBe(layout.pinnedWidth + 190);
  });

  it('move before another one or to the end', () => {
    expect(moveColumn(['a', 'b', 'c'], 'c', 'a')).toEqual(['c', 'a', 'b']);
    expect(moveColumn(['a', 'b', 'c'], 'a', undefined)).toEqual(['b', 'c', 'a']);
    expect(moveColumn(['a', 'b'], 'a', 'zzz')).toEqual(['a', 'b']);
  });

  it('are asked for whole only while there are few', () => {
    expect(wantedColumns(columns, ['params.lr'])).toBeUndefined();
    expect(wantedColumns(undefined, ['params.lr'])).toMatchObject({ params: ['lr'], metrics: [] });
    const many = { ...columns, params: Array.from({ length: 12_000 }, (_, index) => ({ key: `p${index}`, runs: 1 })) };
    expect(wantedColumns(many, ['params.p1', 'metrics.acc'])).toEqual({ params: ['p1'], metrics: ['acc'], tags: ['mlflow.parentRunId', 'mlflow.source.name'] });
  });
});

describe('what stands out', () => {
  it('is the lowest loss and the highest score', () => {
    const runs = [run('a', { metrics: { 'val/loss': metric(0.3), acc: metric(0.9) } }), run('b', { metrics: { 'val/loss': metric(0.2), acc: metric(NaN) } }), run('c', { metrics: { 'val/loss': metric(Infinity), acc: metric(0.95) } })];
    const extents = extentsOf(runs, ['val/loss', 'acc', 'none']);
    expect(extents.get('val/loss')).toEqual({ min: 0.2, max: 0.3, best: 0.2 });
    expect(extents.get('acc')).toEqual({ min: 0.9, max: 0.95, best: 0.95 });
    expect(extents.has('none')).toBe(false);
  });

  it('is nothing when all or many are equal', () => {
    const runs = ['a', 'b', 'c', 'd', 'e'].map((id, index) => run(id, { metrics: { same: metric(1), tied: metric(index === 0 ? 0 : 1) } }));
    const extents = extentsOf(runs, ['same', 'tied']);
    expect([extents.get('same')?.best, extents.get('tied')?.best]).toEqual([undefined, undefined]);
  });

  it.each(['loss', 'val_loss', 'trainLoss', 'rmse', 'test/error', 'ppl', 'time'])('less %s is better', (key) => expect(lowerIsBetter(key)).toBe(true));
  it.each(['accuracy', 'f1', 'auc', 'reward', 'closeness', 'terror_detection'])('more %s is better', (key) => expect(lowerIsBetter(key)).toBe(false));
});

describe('the filter', () => {
  it('is right or wrong at a place', () => {
    expect(faultOf("metrics.acc > 0.9 AND params.lr = '0.1'")).toBeUndefined();
    expect(faultOf('')).toBeUndefined();
    const text = 'metrics.acc >> 0.9';
    const fault = faultOf(text);
    expect(text.slice(fault?.at, fault?.end)).toContain('>');
  });

  const labels = (text: string): string[] => suggest(text, text.length, columns)?.list.map(({ label }) => label) ?? [];
  it('is completed with the names of the experiment', () => {
    expect(labels('metrics.')).toEqual(['acc', 'system/cpu', 'val loss']);
    expect(labels('metrics.v')).toEqual(['val loss']);
    expect(suggest('metrics.v', 9, columns)?.list[0]?.insert).toBe('`val loss` ');
    expect(labels('metrics.acc > 0.9 ')).toContain('AND');
  });

  it('is completed with values that are known', () => {
    expect(suggest('params.optimizer = ', 19, columns)?.list[0]?.insert).toBe("'adam' ");
    expect(labels('status = ')).toContain('FAILED');
  });
});

describe('a CSV file', () => {
  it('has the shown columns, whole numbers, and no formulas', () => {
    const csv = runsToCsv(
      [run('a', { name: '=HYPERLINK("x")', params: { lr: '-0.1', note: 'two\nlines, "quoted"' }, metrics: { acc: metric(-0.123456789012345) } }), run('b', { endedAt: undefined })],
      ['attributes.run_name', 'attributes.duration', 'metrics.acc', 'params.lr', 'params.note'],
    );
    expect(csv.split('\r\n')).toEqual([
      'run_id,run_name,attributes.duration,metrics.acc,params.lr,params.note',
      `a,"'=HYPERLINK(""x"")",12.5,-0.123456789012345,'-0.1,"two\nlines, ""quoted"""`,
      'b,b,,,,',
      '',
    ]);
  });
});

describe('keys of the table', () => {
  const press = (key: string, part = {}) => tableKey({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...part });
  it('mean what the sheet of keys says, and leave the browser its own', () => {
    expect([press(' '), press('e'), press('/'), press('Enter'), press('a', { ctrlKey: true }), press('F10', { shiftKey: true })]).toEqual(['check', 'eye', 'filter', 'open', 'checkAll', 'menu']);
    expect([press('c', { ctrlKey: true }), press('r', { metaKey: true }), press('ArrowLeft', { altKey: true }), press('x')]).toEqual([undefined, undefined, undefined, undefined]);
  });
});

it('the lines to paste name the host and quote the experiment', () => {
  expect(firstRun('http://127.0.0.1:5001', 'say "hi"')).toContain('mlflow.set_tracking_uri("http://127.0.0.1:5001")\nmlflow.set_experiment("say \\"hi\\"")');
});

describe('widths from content', () => {
  const shown = ['attributes.run_name', 'params.agent', 'metrics.loss'];
  const rows = [run('a', { name: 'breakout', params: { agent: 'DQN (Adam + MSE in JAX)' }, metrics: { loss: metric(0.25) } }), undefined];

  it('are measured once, over what is loaded', () => {
    const none = longestTexts(new Map(), shown, [undefined]);
    expect(none.size).toBe(0);
    const known = longestTexts(none, shown, rows);
    expect([...known]).toEqual([['attributes.run_name', 8], ['params.agent', 23], ['metrics.loss', 4]]);
    expect(longestTexts(known, shown, [run('b', { name: 'a much longer name' })])).toBe(known);
  });

  it('show a usual value whole, and cut a text as long as a sentence', () => {
    const width = (length: number): number | undefined => layOut(['params.agent'], [], {}, 0, new Map([['params.agent', length]])).scrolling[0]?.width;
    expect(width(23)).toBeGreaterThan(23 * 7.2 + 20);
    expect(width(5000)).toBe(180);
    expect(layOut(['params.agent'], [], { 'params.agent': 61 }, 0, new Map([['params.agent', 23]])).scrolling[0]?.width).toBe(61);
  });
});

it('leaves room beside the name on a narrow table', () => {
  const long = new Map([[nameColumn.id, 40]]);
  const nameIn = (room: number): number => layOut([], [], {}, 60, long, room).pinned[0]?.width ?? 0;
  expect(nameIn(Infinity)).toBe(240);
  expect(nameIn(300)).toBeLessThan(120);
  expect(nameIn(0)).toBe(112);
});

describe('the line under an experiment', () => {
  it('is what somebody wrote about it', () => {
    expect(descriptionOf({ 'mlflow.note.content': '\n# Does warm-up help?\n\nYes.' })).toBe('Does warm-up help?');
    expect(descriptionOf({ 'mlflow.note.content': ' \n' })).toBeUndefined();
    expect(descriptionOf({})).toBeUndefined();
  });

  it('or what was measured and varied, the common ones first', () => {
    const stat = (key: string, runs: number, constant?: string) => ({ key, runs, ...(constant === undefined ? {} : { constant }) });
    const metrics = [stat('rare', 1), stat('loss', 9), stat('system/cpu', 9)];
    expect(contentsOf({ metrics, params: [stat('lr', 9), stat('model', 9, 'cnn')], tags: [] })).toBe('loss, rare by lr');
    expect(contentsOf({ metrics: [], params: [stat('lr', 9)], tags: [] })).toBe('varies lr');
    expect(contentsOf({ metrics: ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => stat(key, 1)), params: [], tags: [] })).toBe('a, b, c, d and 2 more');
  });
});

it('singles out no best of a setting that was logged as a metric', () => {
  expect([hasBetterEnd('optimizer/lr'), hasBetterEnd('epoch'), hasBetterEnd('val/loss'), hasBetterEnd('blr_score')]).toEqual([false, false, true, true]);
});
