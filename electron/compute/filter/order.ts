/**
 * Sorts records by order_by terms. Keys are fetched once per record, never while comparing. Records without
 * the field come last in both directions; a NaN metric comes between the numbers and the missing ones.
 */
import type { FieldReader, FieldValue } from './match.ts';
import type { OrderTerm } from './parse.ts';

/** A new array in the order of `terms`, ties broken by `tieBreak` (which should end with the id). */
export function sortRecords<R>(records: readonly R[], terms: readonly OrderTerm[], reader: FieldReader<R>, tieBreak: (a: R, b: R) => number): R[] {
  if (terms.length === 0) return [...records].sort(tieBreak);
  const columns = terms.map(({ field }) => {
    const read = reader(field);
    return records.map((record) => sortKey(read(record)));
  });
  const directions = terms.map(({ descending }) => (descending ? -1 : 1));
  const places = Array.from(records, (_, place) => place);
  places.sort((a, b) => {
    for (let term = 0; term < columns.length; term++) {
      const column = columns[term]!;
      const order = compareKeys(column[a], column[b], directions[term]!);
      if (order !== 0) return order;
    }
    return tieBreak(records[a]!, records[b]!);
  });
  return places.map((place) => records[place]!);
}

type Key = string | number | undefined;

function sortKey(value: FieldValue): Key {
  return typeof value === 'object' ? value[0] : value;
}

function compareKeys(a: Key, b: Key, direction: number): number {
  const rank = missingRank(a) - missingRank(b);
  if (rank !== 0) return rank;
  if (a === undefined || b === undefined || a === b) return 0;
  if (a < b) return -direction;
  return a > b ? direction : 0;
}

function missingRank(key: Key): number {
  if (key === undefined) return 2;
  return key !== key ? 1 : 0;
}
