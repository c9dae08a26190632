/** What applies to all charts of a page at once, and how it is remembered on this machine. */
import { readLocal, writeLocal } from '../state/local.ts';
import { chartOf, parseChartSpec, type ChartSpec } from './chartSpec.ts';

export interface BoardControls extends Pick<ChartSpec, 'x' | 'logX' | 'logY' | 'smoothing'> {
  /** Charts side by side. */
  columns: 1 | 2 | 3 | 4 | 'auto';
  /** Names of the sections that are folded. */
  folded: readonly string[];
}

export const defaultControls: BoardControls = { x: 'step', logX: false, logY: false, smoothing: 0, columns: 'auto', folded: [] };

/** The controls kept under `key`; what is missing or damaged is the default. */
export function readControls(storage: Storage | undefined, key: string): BoardControls {
  const kept = readLocal<Partial<BoardControls>>(storage, key, {});
  const spec = parseChartSpec({ ...kept, kind: 'line', metric: 'any' }) ?? chartOf('any');
  return {
    x: spec.x,
    logX: spec.logX,
    logY: spec.logY,
    smoothing: spec.smoothing,
    columns: ([1, 2, 3, 4] as const).find((count) => count === kept.columns) ?? 'auto',
    folded: Array.isArray(kept.folded) ? kept.folded.filter((name) => typeof name === 'string') : [],
  };
}

export function writeControls(storage: Storage | undefined, key: string, controls: BoardControls): void {
  writeLocal(storage, key, controls);
}
