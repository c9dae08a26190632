/**
 * What MLflow allows in names and values. Too long values are refused, naming the field, where MLflow would cut
 * them without a word. Tags may be longer than MLflow's columns: nothing here needs them short.
 */
import type { Point } from '#model';
import { percentDecode } from '../artifactPath.ts';
import { invalid } from './errors.ts';
import { double, int, list, nested, objects, optionalInt, optionalText, text, wrong, type Fields } from './fields.ts';

export const limits = {
  key: 250,
  param: 6000,
  tag: 65_535,
  experimentName: 500,
  batchMetrics: 1000,
  batchParams: 100,
  batchTags: 100,
  batchTotal: 1000,
  experiments: 50_000,
  runs: 50_000,
  loggedModels: 1000,
  history: 25_000,
  bulkPoints: 2500,
  bulkRuns: 100,
} as const;

export interface KeyValue {
  key: string;
  value: string;
}

/** What most keys are made of: nothing in it needs a closer look. */
const plainKey = /^[\w\-:]+$/;

/** The key of a metric, param or tag: letters, digits and `/_.- :`, and its own normalised path. */
export function key(fields: Fields, name = 'key'): string {
  const value = text(fields, name);
  if (plainKey.test(value) && value.length <= limits.key) return value;
  if (!/^[/\p{L}\p{M}\p{N}_.\- :]*$/u.test(value)) {
    const allowed = 'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colons (:) and slashes (/).';
    throw wrong(fields, name, value, allowed);
  }
  if (value.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw wrong(fields, name, value, 'Names must be unique paths: no empty part, "." or ".." between slashes.');
  }
  if (value.length > limits.key) throw tooLong(fields, name, value, limits.key);
  return value;
}

export function param(fields: Fields): KeyValue {
  const name = key(fields);
  const value = valueText(fields);
  if (value.length > limits.param) {
    throw invalid(`Param '${name}' has a value of ${value.length} characters; '${fields.at}value' exceeds the maximum length of ${limits.param} characters. Log long texts as artifacts (log_text).`);
  }
  return { key: name, value };
}

export function tag(fields: Fields): KeyValue {
  const name = key(fields);
  const value = valueText(fields);
  if (value.length > limits.tag) {
    throw invalid(`Tag '${name}' has a value of ${value.length} characters; '${fields.at}value' exceeds the maximum length of ${limits.tag} characters.`);
  }
  return { key: name, value };
}

/** The list of tags of a new thing, as a record; the last of equal keys wins. */
export function tagRecord(fields: Fields): Record<string, string> {
  return Object.fromEntries(objects(fields, 'tags').map((one) => [key(one), tag(one).value]));
}

export function point(fields: Fields): Point {
  const time = int(fields, 'timestamp');
  if (time < 0) throw wrong(fields, 'timestamp', time, 'a timestamp must not be negative: milliseconds since the epoch.');
  return { key: key(fields), value: double(fields, 'value'), step: optionalInt(fields, 'step') ?? 0, time };
}

/**
 * The points in the list `metrics`, at most `limits.batchMetrics`. Scripts log the same few metrics over and over in the
 * same shape, so a point of that shape whose key was just found good is taken as it is.
 */
export function points(fields: Fields): Point[] {
  const items = list(fields, 'metrics', false);
  atMost(items.length, limits.batchMetrics, 'metrics');
  const good = new Set<string>();
  return items.map((item, place) => {
    const { key: name, value, step, timestamp: time } = (item ?? {}) as Record<string, unknown>;
    const usual = typeof value === 'number' && isTime(time) && isTime(step) && typeof name === 'string' && good.has(name);
    if (usual) return { key: name, value, step, time };
    const checked = point(nested(fields, `metrics[${place}]`, item));
    good.add(checked.key);
    return checked;
  });
}

/** A whole number from 0, as nearly all steps and timestamps are. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value);
}

/** Refuses a list of more than `most`. */
export function atMost(count: number, most: number, what: string): void {
  if (count <= most) return;
  throw invalid(`A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`);
}

/** `max_results` between 1 and `most`; `fallback` when absent. */
export function maxResults(fields: Fields, most: number, fallback?: number): number {
  const value = optionalInt(fields, 'max_results') ?? fallback;
  if (value === undefined || value < 1 || value > most) {
    const got = value === undefined ? 'no value' : `value ${value}`;
    throw invalid(`Invalid value for request parameter max_results. It must be at least 1 and at most ${most}, but got ${got}.`);
  }
  return value;
}

export function experimentName(fields: Fields, name: string): string {
  const value = text(fields, name);
  if (value.length > limits.experimentName) throw tooLong(fields, name, value, limits.experimentName);
  return value;
}

/** A place where clients may put artifacts. Refuses what has hidden a traversal in MLflow's own history. */
export function artifactLocation(fields: Fields): string | undefined {
  const value = optionalText(fields, 'artifact_location');
  if (value === undefined || value === '') return undefined;
  const refuse = (why: string) => wrong(fields, 'artifact_location', value, why);
  if (value.length > 2000) throw tooLong(fields, 'artifact_location', value, 2000);
  let form = value;
  for (let round = 0; round < 20; round++) {
    if (/[#?;\p{Cc}]/u.test(form)) throw refuse("it must not contain '#', '?', ';' or control characters.");
    if (form.split(/[/\\]/).includes('..')) throw refuse("it must not contain '..'.");
    const decoded = percentDecode(form);
    if (decoded === form) return value.replace(/\/+$/, '');
    form = decoded;
  }
  throw refuse('it is percent-encoded too many times.');
}

function valueText(fields: Fields): string {
  return optionalText(fields, 'value') ?? '';
}

function tooLong(fields: Fields, name: string, value: string, most: number) {
  return invalid(`Invalid value for parameter '${fields.at}${name}' supplied: '${name}' has ${value.length} characters and exceeds the maximum length of ${most} characters.`);
}
