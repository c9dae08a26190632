/**
 * A table: one Y.Map whose keys are `id/field`, each a last-writer-wins register holding plain JSON. Two replicas that
 * change different fields of a row both win, and two that create the same row merge.
 *
 *   const runs = createTable(doc, 'runs');
 *   runs.patch(id, { name: 'first', 'tag.team': 'vision', endedAt: undefined });   // undefined removes a field
 *   for (const [id, fields] of runs.all()) …
 *   const undo = runs.observe((changed) => { for (const [id, fields] of changed) … });
 *
 * Teammates write the same document, and a teammate may run anything: values that are not plain JSON (nested Yjs types,
 * bytes, objects whose prototype came over the wire, deep nesting) and keys that are not `id/field` are as if absent.
 * Rows are handed out with a null prototype, so that a field may have any name.
 */
import { equalityDeep } from 'lib0/function';
import type * as Y from 'yjs';

/** The fields of one row; null prototype. */
export type Fields = Record<string, unknown>;

/** Row ids and the fields that changed in each. */
export type TableChanges = ReadonlyMap<string, ReadonlySet<string>>;

export interface Table {
  /** One field; undefined when it is absent or not plain JSON. */
  get(id: string, field: string): unknown;
  /** Every row with its fields. */
  all(): Map<string, Fields>;
  ids(): Set<string>;
  /** Sets fields in one transaction, removes those given as undefined, leaves out what would change nothing. Throws on a name or value that a table cannot hold. */
  patch(id: string, fields: Readonly<Fields>): void;
  /** Removes a row, field by field. */
  remove(id: string): void;
  /** Called after each transaction that changed rows, with the origin of that transaction. Returns its undo. */
  observe(listener: (changed: TableChanges, origin: unknown) => void): () => void;
}

/** The table of that name in a document. */
export function createTable(doc: Y.Doc, name: string): Table {
  const map = doc.getMap(name);

  return {
    get(id, field) {
      const value = fromStored(map.get(`${id}/${field}`));
      return isJson(value, maxDepth) ? value : undefined;
    },

    all() {
      const rows = new Map<string, Fields>();
      map.forEach((stored, key) => {
        const split = splitKey(key);
        const value = fromStored(stored);
        if (!split || !isJson(value, maxDepth)) return;
        let row = rows.get(split.id);
        if (!row) rows.set(split.id, (row = emptyFields()));
        row[split.field] = value;
      });
      return rows;
    },

    ids() {
      const ids = new Set<string>();
      map.forEach((_value, key) => {
        const split = splitKey(key);
        if (split) ids.add(split.id);
      });
      return ids;
    },

    patch(id, fields) {
      const entries = Object.entries(fields);
      for (const [field, value] of entries) {
        if (!splitKey(`${id}/${field}`) || id.includes('/')) throw new TypeError(`A table cannot hold the field ${JSON.stringify(field)} of ${JSON.stringify(id)}.`);
        if (value !== undefined && !isJson(value, maxDepth)) throw new TypeError(`The field ${JSON.stringify(field)} of ${JSON.stringify(id)} is not plain JSON.`);
      }
      doc.transact(() => {
        for (const [field, value] of entries) {
          const key = `${id}/${field}`;
          if (value === undefined) {
            if (map.has(key)) map.delete(key);
          } else if (!map.has(key) || !equalityDeep(fromStored(map.get(key)), value)) map.set(key, toStored(value));
        }
      });
    },

    remove(id) {
      doc.transact(() => {
        for (const key of [...map.keys()]) if (splitKey(key)?.id === id) map.delete(key);
      });
    },

    observe(listener) {
      const onChange = (event: Y.YMapEvent<unknown>): void => {
        const changed = new Map<string, Set<string>>();
        for (const key of event.keysChanged as Set<unknown>) {
          const split = typeof key === 'string' ? splitKey(key) : undefined;
          if (!split) continue;
          const fields = changed.get(split.id);
          if (fields) fields.add(split.field);
          else changed.set(split.id, new Set([split.field]));
        }
        if (changed.size > 0) listener(changed, event.transaction.origin);
      };
      map.observe(onChange);
      return () => map.unobserve(onChange);
    },
  };
}

/** A record without a prototype: `fields['constructor']` is a field or undefined, never a function. */
export function emptyFields(): Fields {
  return Object.create(null) as Fields;
}

/** Our values nest three levels at most; what nests deeper was not written by us. */
const maxDepth = 8;
/** Lists and objects with a prototype that a decoder set from the data end here too. */
export function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isJson(item, depth - 1)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) if (!isJson((value as Fields)[key], depth - 1)) return false;
  return true;
}

/**
 * Yjs asks a value for its `constructor` to tell its kind, and refuses an object that has a key of that name, as a
 * run's params may. Such an object travels as the second item of a list that begins with this mark.
 */
const objectMark = '{}';

function toStored(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, 'constructor') ? [objectMark, value] : value;
}

function fromStored(stored: unknown): unknown {
  return Array.isArray(stored) && stored.length === 2 && stored[0] === objectMark ? stored[1] : stored;
}

const refusedNames = new Set(['__proto__', 'constructor', 'prototype']);

function splitKey(key: string): { id: string; field: string } | undefined {
  const at = key.indexOf('/');
  if (at < 1 || at === key.length - 1) return undefined;
  const id = key.slice(0, at);
  const field = key.slice(at + 1);
  return refusedNames.has(id) || refusedNames.has(field) ? undefined : { id, field };
}
