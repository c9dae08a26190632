/**
 * Help while a filter is typed: where it is wrong, and what may come next. The grammar is `#compute`'s, the names of params,
 * metrics and tags are the experiment's. Pure.
 */
import type { ColumnStat, RunColumns } from '#contract';
import { completionsAt, FilterError, parseFilter, runFilters } from '#compute';
import { naturally } from './columns.ts';

export interface Fault {
  message: string;
  /** Characters at fault, [at, end). */
  at: number;
  end: number;
}

export interface Suggestion {
  /** What is shown. */
  label: string;
  /** What replaces the text from `from` to the cursor. */
  insert: string;
  /** A word on what it is: `param`, `metric`, `in 12 runs`. */
  hint: string;
}

/** What is wrong with a filter; undefined when nothing is. */
export function faultOf(text: string): Fault | undefined {
  try {
    parseFilter(text, runFilters);
    return undefined;
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { message: error.message, at: error.at, end: Math.max(error.end, error.at + 1) };
  }
}

const statuses = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'SCHEDULED'];
const most = 50;

/** What may stand at `offset`, best first; `from` is where the word being typed begins. */
export function suggest(text: string, offset: number, columns: RunColumns | undefined): { from: number; list: Suggestion[] } | undefined {
  const expected = completionsAt(text, offset, runFilters);
  if (!expected) return undefined;
  const typed = text.slice(expected.from, offset).replace(/^[`"']/, '').toLowerCase();
  const candidates = optionsFor(expected.kind, expected, columns);
  const list = candidates
    .map((one) => ({ one, rank: rankOf(one.label.toLowerCase(), typed) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ one }) => one);
  // Nothing left to say: the only suggestion is what stands there already.
  if (list.length === 1 && list[0]?.insert.trim() === text.slice(expected.from, offset)) return undefined;
  return list.length > 0 ? { from: expected.from, list } : undefined;
}

function optionsFor(
  kind: string,
  { entity, key, type, options }: { entity?: string; key?: string; type?: string; options: string[] },
  columns: RunColumns | undefined,
): Suggestion[] {
  const fixed = (hint: string, after = ' '): Suggestion[] => options.map((label) => ({ label, insert: `${label}${after}`, hint }));
  if (kind === 'entity' || kind === 'connective') {
    return options.map((label) => ({
      label,
      insert: label.endsWith('.') ? label : `${label} `,
      hint: label.endsWith('.') ? 'by name' : label === 'AND' || label === 'OR' ? '' : 'attribute',
    }));
  }
  if (kind === 'key') {
    const known = keysOf(entity, columns).map(({ key: name, runs }) => ({ label: name, insert: `${quoteKey(name)} `, hint: `in ${runs} ${runs === 1 ? 'run' : 'runs'}` }));
    return known.length > 0 ? known : fixed('attribute');
  }
  if (kind === 'operator') return fixed('');
  if (type !== 'number') {
    const constant = keysOf(entity, columns).find((stat) => stat.key === key)?.constant;
    const values = key === 'status' ? statuses : constant === undefined ? options : [constant];
    return values.map((value) => ({ label: value, insert: `${quoteValue(value)} `, hint: 'value' }));
  }
  return fixed('value');
}

function keysOf(entity: string | undefined, columns: RunColumns | undefined): readonly ColumnStat[] {
  const stats = entity === 'param' ? columns?.params : entity === 'metric' ? columns?.metrics : entity === 'tag' ? columns?.tags : undefined;
  return [...(stats ?? [])].sort((a, b) => b.runs - a.runs || naturally(a.key, b.key));
}

/** Prefix first, then inside; -1 for no match. */
function rankOf(label: string, typed: string): number {
  const index = label.indexOf(typed);
  return index < 0 ? -1 : index === 0 ? 0 : 1;
}

function quoteKey(key: string): string {
  if (/^[A-Za-z_]\w*$/.test(key)) return key;
  return key.includes('`') ? `"${key}"` : `\`${key}\``;
}

function quoteValue(value: string): string {
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}
