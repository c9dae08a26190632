import { describe, expect, it } from 'vitest';
import {
  completionsAt,
  experimentFilters,
  FilterError,
  filterPredicate,
  likePattern,
  loggedModelFilters,
  parseFilter,
  parseOrderBy,
  runFilters,
  sortRecords,
  type Field,
  type FilterTable,
} from '#compute';

interface Thing {
  id: string;
  metric?: Record<string, number>;
  param?: Record<string, string>;
  tag?: Record<string, string>;
  attribute?: Record<string, string | number>;
  dataset?: Record<string, string[]>;
}
const read = (field: Field) => (thing: Thing) => thing[field.entity as 'metric']?.[field.key];

const things: Thing[] = [
  {
    id: 'a',
    metric: { acc: 0.9, 'val/loss': 0.1, '1e3': 5 },
    param: { model: 'ResNet50', lr: '0.1', 'my key': 'x' },
    tag: { 'mlflow.user': 'ada', quote: "it's", team: 'Größe' },
    attribute: { run_id: 'a1', status: 'FINISHED', run_name: 'calm-fox-1', start_time: 100, end_time: 200 },
    dataset: { name: ['mnist', 'cifar'], context: ['train'] },
  },
  {
    id: 'b',
    metric: { acc: NaN },
    param: { model: 'resnet101', order: '1' },
    tag: { doubled: "it''s" },
    attribute: { run_id: 'b2', status: 'RUNNING', run_name: 'x%y', start_time: 300 },
  },
];
const found = (filter: string, table: FilterTable = runFilters) =>
  things
    .filter(filterPredicate(parseFilter(filter, table), read))
    .map(({ id }) => id)
    .join('');

function errorOf(filter: string, table: FilterTable = runFilters): FilterError {
  try {
    parseFilter(filter, table);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error(`"${filter}" was accepted`);
}

describe('filters that hold', () => {
  it.each([
    ['', 'ab'],
    ['  ', 'ab'],
    ['metrics.acc > 0.5', 'a'],
    ['metric.acc>=.9', 'a'],
    ['metrics.acc != 1', 'a'],
    ['metrics.acc <= 1.', 'a'],
    ['metrics.acc > -1e-3', 'a'],
    ['metrics.`val/loss` < 1', 'a'],
    ['metrics."val/loss" < 1', 'a'],
    ['metrics.1e3 = 5', 'a'],
    ["params.model LIKE 'ResNet%'", 'a'],
    ["params.model like 'ResNet%'", 'a'],
    ["params.model ILIKE 'resnet%'", 'ab'],
    ["params.model ILIKE '%NET1_1'", 'b'],
    ["params.lr != '0.2'", 'a'],
    ["parameter.lr = '0.1' params.model = 'ResNet50'", 'a'],
    ["AND params.lr = '0.1' and", 'a'],
    ['param.`my key` IS NOT NULL', 'a'],
    ['params.lr IS NULL', 'b'],
    ['params.lr is not null', 'a'],
    ['params.order = "1"', 'b'],
    ["tags.mlflow.user = 'ada'", 'a'],
    ["tag.`mlflow.user` = 'ada'", 'a'],
    [`tags.quote = "it's"`, 'a'],
    ["tags.doubled = 'it''s'", 'b'],
    ["tags.team ILIKE 'größe'", 'a'],
    ["status = 'FINISHED'", 'a'],
    ["status = 'finished'", ''],
    ["attributes.status != 'RUNNING'", 'a'],
    ["attr.run_id IN ('a1', \"b2\")", 'ab'],
    ["run_id not in ('a1')", 'b'],
    ["`run name` LIKE 'calm%'", 'a'],
    ["attribute.`Run Name` = 'x%y'", 'b'],
    ['created < 200', 'a'],
    ['end_time > 0', 'a'],
    ["dataset.name = 'cifar'", 'a'],
    ["datasets.name IN ('x', 'mnist') AND dataset.context = 'train'", 'a'],
    ["metrics.acc > 0.5 OR status = 'RUNNING'", 'ab'],
    ["(status = 'RUNNING' or metrics.acc > 0.5) and params.order = '1'", 'b'],
    ["status = 'RUNNING' OR metrics.acc > 0.5 AND params.lr = 'no'", 'b'],
    ["params.constructor = 'x'", ''],
  ])('%s finds %s', (filter, ids) => {
    expect(found(filter)).toBe(ids);
  });

  it('knows the other tables', () => {
    parseFilter("name ILIKE '%a%' AND creation_time > 5 AND tags.k IS NULL", experimentFilters);
    parseFilter("name = 'm' AND params.depth = '3' AND metrics.acc > 1", loggedModelFilters);
  });
});

describe('filters that are refused', () => {
  it.each<[string, number, RegExp]>([
    ['metrics.acc', 11, /comparator is expected/],
    ['metrics.acc > ', 14, /Expected numeric value/],
    ["metrics.acc > '0.5'", 14, /Expected numeric value/],
    ['metrics.acc > 0.5x', 14, /Expected numeric value/],
    ['metrics.acc > +1', 14, /Expected numeric value/],
    ['metrics.acc > NaN', 14, /Expected numeric value/],
    ["metrics.acc LIKE 'x'", 12, /Invalid comparator 'LIKE'/],
    ['params.lr = 0.1', 12, /Expected a quoted string value.*0\.1/],
    ["params.lr > '0.1'", 10, /Invalid comparator '>'/],
    ["params.lr == '0.1'", 10, /Invalid comparator '=='/],
    ["params.lr <> '0.1'", 10, /Invalid comparator '<>'/],
    ["params.lr RLIKE 'x'", 10, /Invalid comparator 'RLIKE'/],
    ["params.lr NOT LIKE 'x'", 10, /Invalid comparator 'NOT LIKE'/],
    ['params.lr BETWEEN 1 AND 2', 10, /Invalid comparator 'BETWEEN'/],
    ["params.lr IN ('a')", 10, /Invalid comparator 'IN'/],
    ["params.learning-rate = 'x'", 15, /backticks/],
    ["params.my key = 'x'", 10, /comparator is expected/],
    ["params. = 'x'", 7, /Invalid key after/],
    ["params.lr = 'x", 12, /never closed/],
    ["model.x = 'y'", 0, /Invalid entity type 'model'/],
    ["Params.x = 'y'", 0, /Invalid entity type 'Params'/],
    ["experiment_id = '1'", 0, /Invalid attribute key 'experiment_id'.*run_id/],
    ["attributes.lifecycle_stage = 'active'", 11, /Invalid attribute key/],
    ['lr > 1', 0, /params\.lr/],
    ["status IN ('RUNNING')", 7, /Invalid comparator 'IN'/],
    ['run_id IN ()', 11, /list of quoted strings/],
    ['run_id IN (1)', 11, /list of quoted strings/],
    ["run_id IN ('a' 'b')", 15, /list of quoted strings/],
    ["NOT status = 'x'", 0, /NOT cannot stand/],
    ['0.5 < metrics.acc', 1, /comparator|Invalid/],
    ["status = 'x' OR", 15, /comparison is expected/],
    ["(status = 'x'", 0, /never closed/],
    ["status = 'x')", 12, /Nothing opens/],
    ["status = 'x'; DROP", 12, /field is expected/],
    ["status = 'x' -- c", 13, /field is expected/],
    ['AND', 3, /comparison is expected/],
    [`${'('.repeat(100)}status = 'x'`, 64, /64 parentheses/],
    ['x'.repeat(20_001), 20_000, /at most 20000/],
  ])('%s at %i', (filter, at, message) => {
    const error = errorOf(filter);
    expect(error.message).toMatch(message);
    if (!filter.startsWith('0.5')) expect(error.at).toBe(at);
    expect(error.end).toBeGreaterThanOrEqual(error.at);
  });

  it('keeps experiments to their own keys', () => {
    expect(errorOf("experiment_id = '1'", experimentFilters).message).toMatch(/cannot be filtered/);
    expect(errorOf("attributes.name = 'x'", experimentFilters).message).toMatch(/Invalid entity type/);
    expect(errorOf('metrics.acc > 1', experimentFilters).message).toMatch(/Invalid entity type/);
  });
});

describe('order_by', () => {
  const sorted = (terms: string[], records: Thing[]) =>
    sortRecords(records, parseOrderBy(terms, runFilters), read, (a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id }) => id)
      .join('');
  const runs: Thing[] = [
    { id: '1', metric: { m: 2 }, param: { p: 'b' } },
    { id: '2' },
    { id: '3', metric: { m: NaN } },
    { id: '4', metric: { m: Infinity } },
    { id: '5', metric: { m: -1 }, param: { p: 'a' } },
  ];

  it('puts NaN after numbers and missing ones last, both ways', () => {
    expect(sorted(['metrics.m'], runs)).toBe('51432');
    expect(sorted(['metrics.m DESC'], runs)).toBe('41532');
    expect(sorted(['params.p desc'], runs)).toBe('15234');
    expect(sorted(['params.`p` asc', 'metrics.m DESC'], runs)).toBe('51432');
    expect(sorted([], runs)).toBe('12345');
  });

  it.each(['', 'metrics.m NULLS LAST', 'metrics.m, params.p', 'experiment_id', 'dataset.name', 'metrics.m sideways'])('refuses "%s"', (text) => {
    expect(() => parseOrderBy([text], runFilters)).toThrow(FilterError);
  });

  it('refuses the same column twice', () => {
    expect(() => parseOrderBy(['metrics.m', 'metric.`m` DESC'], runFilters)).toThrow(/there already/);
  });
});

describe('LIKE', () => {
  it.each([
    ['%', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a%a', 'a', false],
    ['a%a', 'aa', true],
    ['_', '😀', true],
    ['%b_d%', 'aabcd', true],
    ['%b_d', 'abcde', false],
    ['%%x%%', 'axb', true],
    ['a_c', 'a_c', true],
  ])('%s on %s is %s', (pattern, text, holds) => {
    expect(likePattern(pattern, false)(text)).toBe(holds);
  });

  it('agrees with a plain search over all short texts', () => {
    const naive = (pattern: string, text: string): boolean => {
      if (pattern === '') return text === '';
      if (pattern[0] === '%') return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)));
      return text !== '' && (pattern[0] === '_' || pattern[0] === text[0]) && naive(pattern.slice(1), text.slice(1));
    };
    const words = (letters: string, length: number): string[] =>
      length === 0 ? [''] : [...words(letters, length - 1), ...words(letters, length - 1).flatMap((word) => (word.length === length - 1 ? [...letters].map((one) => word + one) : []))];
    for (const pattern of words('ab%_', 4)) {
      const test = likePattern(pattern, false);
      for (const text of words('ab', 4)) expect(test(text), `${pattern} on ${text}`).toBe(naive(pattern, text));
    }
  });
});

describe('completion', () => {
  const at = (text: string, offset = text.length) => completionsAt(text, offset, runFilters);
  it.each([
    ['', 'entity', 0],
    ['met', 'entity', 0],
    ['metrics.', 'key', 8],
    ['metrics.ac', 'key', 8],
    ['metrics.acc ', 'operator', 12],
    ['params.model LI', 'operator', 13],
    ['metrics.acc > ', 'value', 14],
    ['metrics.acc > 0.', 'value', 14],
    ["params.model = 'Res", 'value', 15],
    ["params.model = 'Res' ", 'connective', 21],
    ["params.model = 'Res' A", 'connective', 21],
    ["params.model = 'Res' AND", 'connective', 21],
    ["params.model = 'Res' AND ", 'connective', 25],
    ["(status = 'x' OR ", 'entity', 17],
    ["run_id IN ('a', ", 'value', 16],
  ])('%s expects %s', (text, kind, from) => {
    expect(at(text)).toMatchObject({ kind, from });
  });

  it('says whose key, operator or value it is', () => {
    expect(at('params.')).toMatchObject({ entity: 'param', options: [] });
    expect(at('dataset.')?.options).toEqual(['name', 'digest', 'context']);
    expect(at('params.model ')?.options).toContain('ILIKE');
    expect(at('metrics.acc = ')).toMatchObject({ entity: 'metric', key: 'acc', type: 'number' });
    expect(at('')?.options).toEqual(expect.arrayContaining(['metrics.', 'params.', 'status']));
    expect(at("status = 'x' AND metrics.acc > 1", 3)).toMatchObject({ kind: 'entity', from: 0 });
  });

  it('is silent where the text is wrong already', () => {
    expect(at('nonsense.x = ')).toBeUndefined();
    expect(at('metrics.acc LIKE ')).toBeUndefined();
  });
});

it('answers any text with a tree or a FilterError', () => {
  const random = mulberry(20_261);
  const pieces = ['metrics', 'params', '.', 'acc', '`', '"', "'", '\\', '(', ')', 'AND', 'OR', 'NOT', 'IN', 'IS', 'NULL', 'LIKE', '=', '!=', '>', '1', '-', 'e5', ',', ' ', '\n', '😀', '\ud800', '\0', 'status', '%'];
  for (let round = 0; round < 10_000; round++) {
    let text = '';
    for (let n = random() * 14; n > 0; n--) text += pieces[Math.floor(random() * pieces.length)] + (random() < 0.4 ? ' ' : '');
    for (const table of [runFilters, experimentFilters, loggedModelFilters]) {
      try {
        parseFilter(text, table);
      } catch (error) {
        expect(error, JSON.stringify(text)).toBeInstanceOf(FilterError);
      }
      completionsAt(text, Math.floor(random() * (text.length + 1)), table);
      try {
        parseOrderBy([text], table);
      } catch (error) {
        expect(error, JSON.stringify(text)).toBeInstanceOf(FilterError);
      }
    }
  }
});

/** Pseudo-random numbers in [0, 1) from a seed. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
