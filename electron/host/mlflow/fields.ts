/**
 * Reads the fields of one MLflow request, from a JSON body or a query string, with MLflow's rules of presence and type
 * and its exact messages (its client's tests compare them). null and absent are the same; an empty string counts as
 * missing where a field is required; unknown fields are ignored.
 */
import { jsonText, malformedReason } from '../jsonBody.ts';
import { invalid, type MlflowError } from './errors.ts';

export interface Fields {
  values: Readonly<Record<string, unknown>>;
  /** Path of this object in the request, e.g. `metrics[0].`; empty at the top. */
  at: string;
}

const docs = 'See the API docs for more information about request parameters.';

export function missing(fields: Fields, name: string): MlflowError {
  const reason = malformedReason(fields.values);
  const note = reason === undefined ? '' : ` The request body cannot be used: ${reason}.`;
  return invalid(`Missing value for required parameter '${fields.at}${name}'. ${docs}${note}`);
}

/** MLflow's message for a value of the wrong type, or for the reason in `hint`. */
export function wrong(fields: Fields, name: string, value: unknown, hint?: string): MlflowError {
  const shown = jsonText(value).slice(0, 200);
  return invalid(`Invalid value ${shown} for parameter '${fields.at}${name}' supplied: ${hint ?? ` Hint: Value was of type '${pythonType(value)}'. ${docs}`}`);
}

/** Of a body that is no JSON object, every field is missing, even one that may be left out. */
function valueOf(fields: Fields, name: string): unknown {
  const value = fields.values[name] ?? undefined;
  if (value === undefined && malformedReason(fields.values) !== undefined) throw missing(fields, name);
  return value;
}

export function optionalText(fields: Fields, name: string): string | undefined {
  const value = valueOf(fields, name);
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(fields, name, value);
}

export function text(fields: Fields, name: string): string {
  const value = optionalText(fields, name);
  if (value === undefined || value === '') throw missing(fields, name);
  return value;
}

/** `run_id`, or `run_uuid` from old clients. */
export function runIdOf(fields: Fields): string {
  return optionalText(fields, 'run_id') || optionalText(fields, 'run_uuid') || text(fields, 'run_id');
}

/** 64-bit integers come as numbers or as strings of digits; a fraction is cut off. */
export function optionalInt(fields: Fields, name: string): number | undefined {
  const value = valueOf(fields, name);
  if (value === undefined) return undefined;
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value) ? Number(value) : NaN;
  if (!Number.isFinite(number) || Math.abs(number) > 2 ** 63) throw wrong(fields, name, value);
  return Math.trunc(number);
}

export function int(fields: Fields, name: string): number {
  const value = optionalInt(fields, name);
  if (value === undefined) throw missing(fields, name);
  return value;
}

const specialNumbers: Readonly<Record<string, number>> = { nan: NaN, infinity: Infinity, inf: Infinity };

/** A number, true or false, or a string that spells a number, NaN or an infinity. */
export function double(fields: Fields, name: string): number {
  const value = valueOf(fields, name);
  if (value === undefined || value === '') throw missing(fields, name);
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') {
    const [, sign, word] = /^\s*([-+]?)(nan|inf(?:inity)?)\s*$/i.exec(value) ?? [];
    if (word !== undefined) return specialNumbers[word.toLowerCase()]! * (sign === '-' ? -1 : 1);
    if (value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  }
  throw wrong(fields, name, value);
}

export function optionalBoolean(fields: Fields, name: string): boolean | undefined {
  const value = valueOf(fields, name);
  if (value === undefined || typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw wrong(fields, name, value);
}

/** Entries of one list of texts, and of one list of objects. Nothing legitimate comes near; each costs the host its time. */
const maxTexts = 50_000;
const maxObjects = 1000;

function bounded<T>(fields: Fields, name: string, values: T[], most: number): T[] {
  if (values.length <= most) return values;
  throw invalid(`'${fields.at}${name}' has ${values.length} entries; at most ${most} can be sent at once.`);
}

/** A repeated field: a JSON list, or a query parameter given any number of times. */
export function list(fields: Fields, name: string, fromQuery: boolean): unknown[] {
  const value = valueOf(fields, name);
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  if (fromQuery && typeof value === 'string') return [value];
  throw wrong(fields, name, value);
}

export function texts(fields: Fields, name: string): string[] {
  return bounded(fields, name, list(fields, name, true), maxTexts).map((value, place) => {
    if (typeof value !== 'string') throw wrong(fields, `${name}[${place}]`, value);
    return value;
  });
}

/** A list of JSON objects, each with its place for messages. */
export function objects(fields: Fields, name: string): Fields[] {
  return bounded(fields, name, list(fields, name, false), maxObjects).map((value, place) => nested(fields, `${name}[${place}]`, value));
}

/** One JSON object inside the request. */
export function object(fields: Fields, name: string): Fields {
  const value = valueOf(fields, name);
  if (value === undefined) throw missing(fields, name);
  return nested(fields, name, value);
}

/** A value at a place of the request, which must be a JSON object. */
export function nested(fields: Fields, name: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(fields, name, value);
  return { values: value as Record<string, unknown>, at: `${fields.at}${name}.` };
}

/** A name out of `names`, or its number counted from 1. Undefined when absent or, as in MLflow, unknown. */
export function optionalEnum<T extends string>(fields: Fields, name: string, names: readonly T[]): T | undefined {
  const value = valueOf(fields, name);
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
  if (number !== undefined) return names[number - 1];
  return names.find((one) => one === value);
}

function pythonType(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    default:
      return Array.isArray(value) ? 'list' : value === null ? 'NoneType' : 'dict';
  }
}
