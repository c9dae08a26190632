/**
 * Reading the values of fields that a teammate may have written: the value when it is what it should be, undefined
 * otherwise, never an error. Numbers JSON has no word for (NaN, ±Infinity) are the strings "NaN", "Infinity", "-Infinity".
 */

/** A number as plain JSON. */
export function numberToJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** A number written by `numberToJson`. */
export function jsonToNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A time in ms since the epoch, or a count: a whole number from 0. */
export function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The entries of a JSON object that `parse` accepts, as a record without prototype; undefined when it is no object. */
export function asRecord<T>(value: unknown, parse: (item: unknown, key: string) => T | undefined): Record<string, T> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const record = Object.create(null) as Record<string, T>;
  for (const [key, item] of Object.entries(value)) {
    const parsed = key === '__proto__' ? undefined : parse(item, key);
    if (parsed !== undefined) record[key] = parsed;
  }
  return record;
}

/** The items of a JSON list that `parse` accepts; empty when it is no list. */
export function asList<T>(value: unknown, parse: (item: unknown) => T | undefined): T[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    const parsed = parse(item);
    return parsed === undefined ? [] : [parsed];
  });
}
