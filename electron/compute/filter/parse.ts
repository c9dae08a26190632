/**
 * Parses MLflow's filter and order_by texts against a table (`tables.ts`) into plain trees.
 *
 *   filter     := [or]
 *   or         := and (OR and)*                          OR and parentheses are ours; MLflow refuses them
 *   and        := [AND] item ([AND] item)* [AND]         as in MLflow, AND may be left out, lead and trail
 *   item       := "(" or ")" | field comparator value
 *   field      := [prefix "."] key                       key: word("."word)*, `any text` or "any text"
 *   value      := 'text' | "text" | number | "(" text ("," text)* ")" for IN | nothing for IS [NOT] NULL
 *
 * Everything that is wrong is a FilterError with the characters at fault. A blank filter is every record.
 */
import { createScanner, FilterError, type Scanner } from './scanner.ts';
import type { Comparator, EntityRule, FilterTable, KeyRule } from './tables.ts';

export interface Field {
  /** The entity rule's name, e.g. `metric`. */
  entity: string;
  key: string;
  type: 'string' | 'number';
}

export interface Comparison {
  kind: 'compare';
  field: Field;
  comparator: Comparator;
  /** A list for IN and NOT IN; undefined for IS [NOT] NULL. */
  value: string | number | readonly string[] | undefined;
}

export type FilterTree = Comparison | { kind: 'and' | 'or'; items: FilterTree[] };

export interface OrderTerm {
  field: Field;
  descending: boolean;
}

/** What the parser was looking for at `from`; the trail of these is what completion reads. */
export interface Expectation {
  kind: 'entity' | 'key' | 'connective' | 'operator' | 'value';
  from: number;
  entity?: EntityRule;
  key?: string;
  rule?: KeyRule;
}

/** Characters; longer filters are refused so that a search costs what it looks like. */
export const maxFilterLength = 20_000;
const maxDepth = 64;
const comparatorWords = ['LIKE', 'ILIKE', 'RLIKE', 'IN', 'NOT', 'IS', 'BETWEEN'];

/** The tree of a filter, an `and` without items when it is blank. Throws FilterError and nothing else. */
export function parseFilter(text: string, table: FilterTable, expected?: (expectation: Expectation) => void): FilterTree {
  if (text.length > maxFilterLength) {
    throw new FilterError(`The filter has ${text.length} characters; at most ${maxFilterLength} are allowed.`, maxFilterLength, text.length);
  }
  const scanner = createScanner(text);
  const parser = createParser(scanner, table, expected ?? (() => undefined));
  scanner.blanks();
  if (scanner.atEnd()) {
    expected?.({ kind: 'entity', from: scanner.position() });
    return { kind: 'and', items: [] };
  }
  const tree = parser.or(0);
  if (!scanner.atEnd()) throw scanner.error(`Nothing opens this ")".`, scanner.position());
  return tree;
}

/** The terms of MLflow's `order_by` list, one `field [ASC|DESC]` each. Throws FilterError, positions within the faulty text. */
export function parseOrderBy(texts: readonly string[], table: FilterTable): OrderTerm[] {
  const seen = new Set<string>();
  return texts.map((text) => {
    const scanner = createScanner(text);
    const start = scanner.blanks();
    const { field, rule } = createParser(scanner, table, () => undefined).field();
    if (!rule.sortable) throw scanner.error(`Invalid order_by: ${table.things} cannot be sorted by "${field.key}".`, start);
    const direction = scanner.blanks();
    const word = scanner.word()?.toUpperCase() ?? 'ASC';
    scanner.blanks();
    if ((word !== 'ASC' && word !== 'DESC') || !scanner.atEnd()) {
      throw scanner.error(`Invalid order_by clause "${text}": after the column only ASC or DESC may follow.`, direction);
    }
    const name = `${field.entity}.${field.key}`;
    if (seen.has(name)) throw scanner.error(`Invalid order_by: "${text}" names a column that is there already.`, start);
    seen.add(name);
    return { field, descending: word === 'DESC' };
  });
}

/** Prefixes and keys to suggest or name in a message: `metrics.`, `params.`, `start_time`, … */
export function fieldStarts(table: FilterTable): string[] {
  return table.entities.flatMap((entity) =>
    entity.prefixes.includes('') ? Object.keys(entity.keys ?? {}).filter((key) => entity.keys?.[key]?.comparators.length !== 0) : [`${entity.prefixes[0]}.`],
  );
}

function createParser(scanner: Scanner, table: FilterTable, expected: (expectation: Expectation) => void) {
  const isWord = (word: string) => {
    if (scanner.peekWord() !== word) return false;
    return scanner.text[scanner.position() + word.length] !== '.';
  };

  function or(depth: number): FilterTree {
    const items = [and(depth)];
    while (isWord('OR')) {
      scanner.word();
      items.push(and(depth));
    }
    return items.length === 1 ? items[0]! : { kind: 'or', items };
  }

  function and(depth: number): FilterTree {
    const items: FilterTree[] = [];
    for (;;) {
      const at = scanner.blanks();
      expected({ kind: items.length > 0 ? 'connective' : 'entity', from: at });
      if (isWord('AND')) {
        scanner.word();
        continue;
      }
      if (scanner.atEnd() || scanner.peek() === ')' || isWord('OR')) {
        if (items.length === 0) throw scanner.error('Invalid clause(s) in filter string: a comparison is expected here, such as metrics.acc > 0.9.', at);
        return items.length === 1 ? items[0]! : { kind: 'and', items };
      }
      items.push(scanner.peek() === '(' ? group(depth + 1) : comparison());
    }
  }

  function group(depth: number): FilterTree {
    const at = scanner.position();
    if (depth > maxDepth) throw scanner.error(`Invalid clause(s) in filter string: more than ${maxDepth} parentheses deep.`, at);
    scanner.take('(');
    const tree = or(depth);
    if (!scanner.take(')')) throw scanner.error('Invalid clause(s) in filter string: this "(" is never closed.', at);
    return tree;
  }

  function comparison(): Comparison {
    const start = scanner.position();
    if (isWord('NOT')) throw scanner.error('Invalid clause(s) in filter string: NOT cannot stand before a comparison; use != or NOT IN.', start);
    const { field, rule, entity } = fieldOf();
    const at = scanner.blanks();
    expected({ kind: 'operator', from: at, entity, key: field.key, rule });
    const comparator = comparatorOf(field, rule, at);
    const from = scanner.blanks();
    if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') return { kind: 'compare', field, comparator, value: undefined };
    const valueAt = (position: number) => expected({ kind: 'value', from: position, entity, key: field.key, rule });
    valueAt(from);
    const value = comparator === 'IN' || comparator === 'NOT IN' ? listOf(field, valueAt) : rule.type === 'number' ? numberOf(field) : textOf(field);
    return { kind: 'compare', field, comparator, value };
  }

  function fieldOf(): { field: Field; rule: KeyRule; entity: EntityRule } {
    const start = scanner.blanks();
    expected({ kind: 'entity', from: start });
    const whole = scanner.quoted('`"');
    if (whole) return resolve('', whole.text, start, start);
    const first = scanner.word();
    if (first === undefined) {
      throw scanner.error('Invalid clause(s) in filter string: a field is expected here, such as metrics.acc or status.', start);
    }
    if (!scanner.take('.')) return resolve('', first, start, start);
    const keyAt = scanner.position();
    const entity = table.entities.find((one) => one.prefixes.includes(first));
    if (!entity) {
      const valid = table.entities.flatMap((one) => one.prefixes.filter((prefix) => prefix !== ''));
      throw scanner.error(`Invalid entity type '${first}'. Valid values are ${valid.join(', ')}.`, start);
    }
    expected({ kind: 'key', from: keyAt, entity });
    const quoted = scanner.quoted('`"');
    if (quoted) return resolve(first, quoted.text, start, keyAt);
    let end = keyAt;
    for (;;) {
      if (scanner.word() === undefined) {
        throw scanner.error(`Invalid key after "${first}.": expected a word; put other keys between backticks, as in ${first}.\`my key\`.`, end);
      }
      end = scanner.position();
      if (!scanner.take('.')) break;
      end = scanner.position();
    }
    return resolve(first, scanner.text.slice(keyAt, scanner.position()), start, keyAt);
  }

  function resolve(prefix: string, written: string, start: number, keyAt: number): { field: Field; rule: KeyRule; entity: EntityRule } {
    const entity = table.entities.find((one) => one.prefixes.includes(prefix));
    if (!entity) throw scanner.error(`Invalid clause(s) in filter string: "${written}" has no prefix such as ${table.entities[0]?.prefixes[0] ?? ''}.`, start);
    const key = own(entity.aliases, written) ?? written;
    const rule = own(entity.keys, key) ?? entity.anyKey;
    if (!rule) {
      const valid = Object.keys(entity.keys ?? {}).join(', ');
      const others = prefix === '' ? ` Params, metrics and tags need their prefix, such as params.${/^\w+$/.test(written) ? written : '`…`'}.` : '';
      throw scanner.error(`Invalid ${entity.name} key '${written}' specified. Valid keys are ${valid}.${others}`, keyAt);
    }
    return { field: { entity: entity.name, key, type: rule.type }, rule, entity };
  }

  function comparatorOf(field: Field, rule: KeyRule, at: number): Comparator {
    const found = scanner.operator() ?? wordComparator();
    const allowed: readonly string[] = rule.comparators;
    if (found === undefined) {
      const hint = /[-/:\\@#%+*?]/.test(scanner.peek()) ? ' A key with this character needs backticks around it.' : '';
      throw scanner.error(`Invalid clause(s) in filter string: after "${field.key}" a comparator is expected (${allowed.join(', ')}).${hint}`, at);
    }
    const comparator = rule.comparators.find((one) => one === found);
    if (comparator) return comparator;
    const why = allowed.length === 0 ? `${table.things} cannot be filtered by "${field.key}"` : `"${field.key}" takes one of ${allowed.join(', ')}`;
    throw new FilterError(`Invalid comparator '${found}': ${why}.`, at, Math.max(at + 1, scanner.position()));
  }

  function wordComparator(): string | undefined {
    if (!comparatorWords.includes(scanner.peekWord())) return undefined;
    let found = scanner.word()!.toUpperCase();
    if (found === 'IS' || found === 'NOT') {
      for (const next of found === 'IS' ? ['NOT', 'NULL'] : ['IN', 'LIKE', 'ILIKE', 'RLIKE']) {
        scanner.blanks();
        if (scanner.peekWord() === next) found += ` ${scanner.word()!.toUpperCase()}`;
      }
    }
    return found;
  }

  function textOf(field: Field): string {
    const at = scanner.position();
    const quoted = scanner.quoted(`'"`);
    if (quoted) return quoted.text;
    const found = scanner.number() ?? scanner.word();
    const got = found === undefined ? '' : ` Got value ${found}.`;
    throw scanner.error(`Expected a quoted string value for "${field.key}" (e.g. 'my-value').${got}`, at);
  }

  function numberOf(field: Field): number {
    const at = scanner.position();
    const value = scanner.number();
    if (value === undefined || scanner.peekWord() !== '') {
      throw scanner.error(`Expected numeric value type for "${field.key}": a number without quotes, such as 0.9 or 1e-3.`, at);
    }
    return value;
  }

  function listOf(field: Field, valueAt: (position: number) => void): readonly string[] {
    const at = scanner.position();
    const wrong = (where: number) => scanner.error(`Expected a list of quoted strings in parentheses for "${field.key}", such as ('a', 'b').`, where);
    if (!scanner.take('(')) throw wrong(at);
    const values: string[] = [];
    for (;;) {
      valueAt(scanner.blanks());
      const quoted = scanner.quoted(`'"`);
      if (!quoted) throw wrong(scanner.position());
      values.push(quoted.text);
      scanner.blanks();
      if (scanner.take(')')) return values;
      if (!scanner.take(',')) throw wrong(scanner.position());
    }
  }

  return { or, field: fieldOf };
}

/** Plain objects answer `constructor` and the like; only their own keys count. */
function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined;
}
