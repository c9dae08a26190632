/** Runs as charts draw them: the colour that a run has everywhere, and a dash pattern where two on one chart share it. */
import { colorOf, dashesFor, slotOf } from '../ui/palette.ts';
import type { ChartRun } from './figure.ts';

/**
 * @param slots colour slots that people picked, by run id.
 */
export function chartRunsOf(
  runs: readonly { id: string; name: string }[],
  slots: Readonly<Record<string, number>>,
  theme: 'light' | 'dark',
): ChartRun[] {
  const patterns = dashesFor(runs.map(({ id }) => id), slots);
  const labels = distinctLabels(runs.map(({ name }) => name));
  return runs.map(({ id, name }, index) => ({
    id,
    name,
    label: labels[index] ?? name,
    color: colorOf(slotOf(id, slots), theme),
    dash: patterns[index] ?? 'solid',
  }));
}

/**
 * Names that fit a narrow column: a long beginning that all of them share says nothing there and becomes an ellipsis.
 * `sweep-2024-07-lr-0.1`, `sweep-2024-07-lr-0.2` → `…0.1`, `…0.2`.
 */
export function distinctLabels(names: readonly string[]): string[] {
  const first = names[0];
  if (first === undefined || names.length < 2) return [...names];
  let shared = 0;
  while (shared < first.length && names.every((name) => name[shared] === first[shared])) shared++;
  // Cut where a word begins; a number's digits belong together.
  const cut = first.slice(0, shared).search(/[\w.]*$/);
  if (cut < 12 || names.some((name) => name.length === cut)) return [...names];
  return names.map((name) => `…${name.slice(cut)}`);
}
