/** Orders the charts of an experiment: one section per prefix (`val/loss` → `val`), the ones without a prefix first. */

export interface ChartGroup {
  /** Prefix without its slash; empty for metrics that have none. */
  name: string;
  metrics: string[];
}

/**
 * Groups metric keys for the charts panel, keys in natural order (`layer2` before `layer10`).
 *
 * @param search words that must all occur in a key, in any case; empty shows everything.
 */
export function groupMetrics(keys: Iterable<string>, search = ''): ChartGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    const lower = key.toLowerCase();
    if (!words.every((word) => lower.includes(word))) continue;
    const name = prefixOf(key);
    const group = groups.get(name);
    if (group) group.push(key);
    else groups.set(name, [key]);
  }
  return [...groups]
    .map(([name, metrics]) => ({ name, metrics: metrics.sort(naturally) }))
    .sort((a, b) => naturally(a.name, b.name));
}

/** The part before the last slash; `system/gpu/0` belongs to `system/gpu`. */
function prefixOf(key: string): string {
  const slash = key.lastIndexOf('/');
  return slash > 0 ? key.slice(0, slash) : '';
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
function naturally(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}
