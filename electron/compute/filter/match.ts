/**
 * Turns a parsed filter into a test of records. Records are reached through a reader per field only, so the
 * same code serves runs, experiments and models. A record without the field matches nothing, not even `!=`; only IS NULL finds it.
 */
import { likePattern } from './like.ts';
import type { Comparison, Field, FilterTree } from './parse.ts';

/** A field of a record; several values (a run's datasets) match when one of them does. Undefined when it has none. */
export type FieldValue = string | number | readonly string[] | undefined;
/** How to read a field; called once per field of a query, its answer once per record. */
export type FieldReader<R> = (field: Field) => (record: R) => FieldValue;

/** The test of one filter; built once, cheap per record. */
export function filterPredicate<R>(tree: FilterTree, reader: FieldReader<R>): (record: R) => boolean {
  if (tree.kind === 'compare') return comparison(tree, reader);
  const tests = tree.items.map((item) => filterPredicate(item, reader));
  if (tests.length === 1) return tests[0]!;
  return tree.kind === 'and' ? (record) => tests.every((test) => test(record)) : (record) => tests.some((test) => test(record));
}

function comparison<R>({ field, comparator, value }: Comparison, reader: FieldReader<R>): (record: R) => boolean {
  const read = reader(field);
  if (comparator === 'IS NULL') return (record) => isMissing(read(record));
  if (comparator === 'IS NOT NULL') return (record) => !isMissing(read(record));
  if (field.type === 'number') {
    const test = numberTest(comparator, value as number);
    return (record) => {
      const found = read(record);
      return typeof found === 'number' && test(found);
    };
  }
  const test = textTest(comparator, value);
  return (record) => {
    const found = read(record);
    if (typeof found === 'string') return test(found);
    return Array.isArray(found) && found.some((one) => test(one));
  };
}

const isMissing = (found: FieldValue) => found === undefined || (Array.isArray(found) && found.length === 0);

function numberTest(comparator: Comparison['comparator'], wanted: number): (found: number) => boolean {
  switch (comparator) {
    case '>':
      return (found) => found > wanted;
    case '>=':
      return (found) => found >= wanted;
    case '<':
      return (found) => found < wanted;
    case '<=':
      return (found) => found <= wanted;
    case '!=':
      // A NaN metric is neither equal nor different: it never matches.
      return (found) => found !== wanted && !Number.isNaN(found);
    default:
      return (found) => found === wanted;
  }
}

function textTest(comparator: Comparison['comparator'], value: Comparison['value']): (found: string) => boolean {
  if (typeof value === 'object') {
    const wanted = new Set<string>(value);
    return comparator === 'IN' ? (found) => wanted.has(found) : (found) => !wanted.has(found);
  }
  const wanted = String(value);
  switch (comparator) {
    case 'LIKE':
      return likePattern(wanted, false);
    case 'ILIKE':
      return likePattern(wanted, true);
    case '!=':
      return (found) => found !== wanted;
    default:
      return (found) => found === wanted;
  }
}
