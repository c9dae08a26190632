/** What part of a chart the person asked to see, out of what Plotly reports after a drag. */
import type { Range } from './extent.ts';
import type { Figure } from './figure.ts';

export interface Zoom {
  /** In data units; undefined shows all of x. */
  window?: Range;
  /** Undefined fits y to what lies within the window. */
  yWindow?: Range;
}

/**
 * The zoom of a Plotly relayout report; undefined when it is about something else. A drag along x alone leaves y to fit.
 */
export function readZoom(change: Record<string, unknown>, drawn: Pick<Figure, 'windowOf' | 'layout'>): Zoom | undefined {
  const x = rangeOf(change, 'xaxis');
  const y = rangeOf(change, 'yaxis');
  if (!x && !y) return undefined;
  const kept = drawn.layout.xaxis.range;
  return { window: drawn.windowOf('x', x ?? kept), ...(y ? { yWindow: drawn.windowOf('y', y) } : {}) };
}

function rangeOf(change: Record<string, unknown>, axis: string): Range | undefined {
  const both = change[`${axis}.range`];
  const [from, to] = Array.isArray(both) ? (both as unknown[]) : [change[`${axis}.range[0]`], change[`${axis}.range[1]`]];
  const range: Range = [numberOf(from), numberOf(to)];
  return range[0] < range[1] ? range : undefined;
}

/** Date axes report `2024-01-31 12:00:00.5`, in the UTC that Plotly thinks in. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return Number.NaN;
  const [date = '', time = ''] = value.split(' ');
  return Date.parse(`${date}T${(time || '00:00').slice(0, 12)}Z`);
}
