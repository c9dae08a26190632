/**
 * What may be typed at the cursor of a filter box. Reads the trail of expectations that parsing the text before
 * the cursor leaves, so completion can never disagree with the parser.
 */
import { fieldStarts, parseFilter, type Expectation } from './parse.ts';
import { FilterError } from './scanner.ts';
import type { FilterTable } from './tables.ts';

export interface Completion {
  /** `connective`: AND, OR or another comparison. */
  kind: Expectation['kind'];
  /** Replace the text from here to the cursor. */
  from: number;
  /** For keys, operators and values: whose, e.g. `param` and `model`. */
  entity?: string;
  key?: string;
  /** For operators and values. */
  type?: 'string' | 'number';
  /** What is known without the data: entities, attribute keys, operators, AND. Keys and values of params are the caller's. */
  options: string[];
}

/** What is expected at `offset`; undefined when the text before it is wrong already. */
export function completionsAt(text: string, offset: number, table: FilterTable): Completion | undefined {
  const typed = text.slice(0, offset);
  const trail: Expectation[] = [];
  let failure: FilterError | undefined;
  try {
    parseFilter(typed, table, (expectation) => trail.push(expectation));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    failure = error;
  }
  // A word that touches the cursor is still being typed: what follows it is not the question yet.
  const typing = /[\p{L}\p{M}\p{N}_]$|\d\.$/u.test(typed);
  const candidates = typing ? trail.filter((one) => one.from < typed.length) : trail;
  const last = candidates.at(-1);
  const wrongBefore = failure !== undefined && failure.end < typed.length && typed[failure.at] !== '(';
  if (!last || wrongBefore) return undefined;
  const sameSpot = candidates.find((one) => one.from === last.from && one.kind === 'connective');
  const chosen = last.kind === 'entity' && sameSpot ? sameSpot : last;
  return {
    kind: chosen.kind,
    from: chosen.from,
    entity: chosen.entity?.name,
    key: chosen.key,
    type: chosen.rule?.type,
    options: optionsOf(chosen, table),
  };
}

function optionsOf(expectation: Expectation, table: FilterTable): string[] {
  switch (expectation.kind) {
    case 'entity':
      return fieldStarts(table);
    case 'connective':
      return ['AND', 'OR', ...fieldStarts(table)];
    case 'key':
      return Object.keys(expectation.entity?.keys ?? {});
    case 'operator':
      return [...(expectation.rule?.comparators ?? [])];
    case 'value':
      return [];
  }
}
