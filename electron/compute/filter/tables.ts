/**
 * What can be asked of each kind of thing: MLflow's search grammar as data. A table lists the entities
 * (`metrics.`, `params.`, … or no prefix), the keys each knows, and the operators each key takes.
 * The parser, the sorter and the completion know no entity by name, so another kind of thing is another table.
 */

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN' | 'IS NULL' | 'IS NOT NULL';

const numeric: readonly Comparator[] = ['>', '>=', '=', '!=', '<', '<='];
const text: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE'];
const list: readonly Comparator[] = ['IN', 'NOT IN'];
const presence: readonly Comparator[] = ['IS NULL', 'IS NOT NULL'];

export interface KeyRule {
  type: 'string' | 'number';
  /** Empty for a key that can only be sorted by. */
  comparators: readonly Comparator[];
  /** False for a key that can only be filtered by. */
  sortable: boolean;
}

export interface EntityRule {
  /** How parsed fields name it, e.g. `metric`. */
  name: string;
  /** What may stand before the dot; the empty string allows a key without prefix. The first is the one to suggest. */
  prefixes: readonly string[];
  /** The rule for keys that users invent; left out when only `keys` exist. */
  anyKey?: KeyRule;
  keys?: Readonly<Record<string, KeyRule>>;
  /** Other spellings of keys. */
  aliases?: Readonly<Record<string, string>>;
}

export interface FilterTable {
  /** Plural, for messages: `runs`. */
  things: string;
  entities: readonly EntityRule[];
}

const textKey: KeyRule = { type: 'string', comparators: text, sortable: true };
const idKey: KeyRule = { type: 'string', comparators: [...text, ...list], sortable: true };
const listedKey: KeyRule = { type: 'string', comparators: [...text, ...list], sortable: false };
const numberKey: KeyRule = { type: 'number', comparators: numeric, sortable: true };
const optionalText: KeyRule = { type: 'string', comparators: [...text, ...presence], sortable: true };
const sortOnly: KeyRule = { type: 'string', comparators: [], sortable: true };

export const runFilters: FilterTable = {
  things: 'runs',
  entities: [
    { name: 'metric', prefixes: ['metrics', 'metric'], anyKey: numberKey },
    { name: 'param', prefixes: ['params', 'param', 'parameters', 'parameter'], anyKey: optionalText },
    { name: 'tag', prefixes: ['tags', 'tag'], anyKey: optionalText },
    {
      name: 'attribute',
      prefixes: ['', 'attributes', 'attribute', 'attr', 'run'],
      keys: {
        run_id: idKey,
        run_name: textKey,
        status: textKey,
        artifact_uri: textKey,
        user_id: textKey,
        start_time: numberKey,
        end_time: numberKey,
      },
      aliases: { 'run name': 'run_name', 'Run name': 'run_name', 'Run Name': 'run_name', created: 'start_time', Created: 'start_time' },
    },
    { name: 'dataset', prefixes: ['datasets', 'dataset'], keys: { name: listedKey, digest: listedKey, context: listedKey } },
  ],
};

export const experimentFilters: FilterTable = {
  things: 'experiments',
  entities: [
    {
      name: 'attribute',
      prefixes: ['', 'attribute'],
      keys: { name: textKey, creation_time: numberKey, last_update_time: numberKey, experiment_id: sortOnly },
    },
    { name: 'tag', prefixes: ['tags', 'tag'], anyKey: { ...optionalText, sortable: false } },
  ],
};

const modelText: KeyRule = { type: 'string', comparators: [...text, ...list], sortable: true };

export const loggedModelFilters: FilterTable = {
  things: 'logged models',
  entities: [
    {
      name: 'attribute',
      prefixes: ['', 'attributes'],
      keys: {
        name: modelText,
        model_id: modelText,
        model_type: modelText,
        status: modelText,
        source_run_id: modelText,
        experiment_id: modelText,
        creation_timestamp: numberKey,
        last_updated_timestamp: numberKey,
      },
      aliases: { creation_time: 'creation_timestamp', creation_timestamp_ms: 'creation_timestamp', last_updated_timestamp_ms: 'last_updated_timestamp' },
    },
    { name: 'metric', prefixes: ['metrics'], anyKey: numberKey },
    { name: 'param', prefixes: ['params'], anyKey: modelText },
    { name: 'tag', prefixes: ['tags'], anyKey: modelText },
  ],
};
