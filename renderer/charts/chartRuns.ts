/** Runs as charts draw them: the colour that a run has everywhere, and a dash pattern where two on one chart share it. */
import { colorOf, dashes, slotOf } from '../ui/palette.ts';
import type { ChartRun } from './figure.ts';

/**
 * @param slots colour slots that people picked, by run id.
 */
export function chartRunsOf(
  runs: readonly { id: string; name: string }[],
  slots: Readonly<Record<string, number>>,
  theme: 'light' | 'dark',
): ChartRun[] {
  const seen = new Map<number, number>();
  return runs.map(({ id, name }) => {
    const slot = slotOf(id, slots);
    const same = seen.get(slot) ?? 0;
    seen.set(slot, same + 1);
    return { id, name, color: colorOf(slot, theme), dash: dashes[same % dashes.length] ?? 'solid' };
  });
}
