/**
 * Where the ticks of a numeric axis stand and what they say. Ours rather than Plotly's so that labels are short, look
 * the same on every chart, and their width is known before the drawing (cards in a grid line up).
 */

export interface Ticks {
  /** In data units, within the range. */
  values: number[];
  labels: string[];
}

/** About `count` round ticks in a linear range. */
export function linearTicks(range: readonly [number, number], count: number): Ticks {
  const [low, high] = range;
  const step = roundStep((high - low) / Math.max(1, count));
  if (!(step > 0) || !Number.isFinite(step)) return { values: [], labels: [] };
  const values: number[] = [];
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  for (let i = first; i <= last && values.length < 100; i++) values.push(i === 0 ? 0 : i * step);
  return { values, labels: tickLabels(values, step) };
}

/** Ticks of a log10 range given in data units, both ends positive: decades, and 2 and 5 between when there is room. */
export function logTicks(range: readonly [number, number], count: number): Ticks {
  const [low, high] = [Math.log10(range[0]), Math.log10(range[1])];
  const decades = high - low;
  if (!(decades > 0) || !Number.isFinite(decades)) return { values: [], labels: [] };
  if (decades < 0.7) {
    // Less than a factor of five: round numbers read better than powers.
    const ticks = linearTicks(range, count);
    return { values: ticks.values.filter((value) => value > 0), labels: ticks.labels.filter((_, i) => ticks.values[i]! > 0) };
  }
  const between = decades * 3 <= count * 1.6 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / Math.max(1, count)));
  const values: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    if (power % every !== 0) continue;
    for (const factor of between) {
      const value = Number(`${factor}e${power}`);
      const at = Math.log10(value);
      if (at >= low - 1e-9 && at <= high + 1e-9) values.push(value);
    }
  }
  const tiny = values.some((value) => value < 0.001);
  return { values, labels: values.map((value) => (tiny && value < 1 ? minus(value.toExponential()) : shortNumber(value))) };
}

/** 1, 2 or 5 times a power of ten, whichever is nearest to `step` in proportion. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = step / power;
  return (factor < 1.42 ? 1 : factor < 3.17 ? 2 : factor < 7.08 ? 5 : 10) * power;
}

/** All labels of an axis in one notation and with equally many decimals. */
function tickLabels(values: readonly number[], step: number): string[] {
  const greatest = Math.max(...values.map(Math.abs), 0);
  if (greatest >= 10_000 && greatest < 1e15) {
    const [size, letter] = greatest >= 1e12 ? [1e12, 'T'] : greatest >= 1e9 ? [1e9, 'B'] : greatest >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
    return values.map((value) => (value === 0 ? '0' : `${minus((value / size).toFixed(decimalsOf(step / size)))}${letter}`));
  }
  if (greatest >= 1e15 || (greatest > 0 && greatest < 0.001)) {
    const power = Math.floor(Math.log10(greatest) + 1e-9);
    const decimals = decimalsOf(step / 10 ** power);
    return values.map((value) => (value === 0 ? '0' : `${minus((value / 10 ** power).toFixed(decimals))}e${minus(String(power))}`));
  }
  return values.map((value) => minus(value.toFixed(decimalsOf(step))));
}

/** Decimals that tell neighbours apart which are `step` from one another. */
function decimalsOf(step: number): number {
  return Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}

/** One number alone, as short as it can be said: 5k, 0.02, 1e−5. */
function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e15 || size < 0.001) return minus(value.toExponential().replace('e+', 'e'));
  if (size >= 1e12) return minus(`${value / 1e12}T`);
  if (size >= 1e9) return minus(`${value / 1e9}B`);
  if (size >= 1e6) return minus(`${value / 1e6}M`);
  if (size >= 1e4) return minus(`${value / 1e3}k`);
  return minus(String(value));
}

/** The minus of printed mathematics, as wide as a plus. */
function minus(text: string): string {
  return text.replaceAll('-', '−');
}

/** The unit in which a length of time in seconds is best said, and how many seconds it has. */
export function timeUnit(seconds: number): { name: string; size: number } {
  if (seconds >= 3 * 86_400) return { name: 'd', size: 86_400 };
  if (seconds >= 3 * 3600) return { name: 'h', size: 3600 };
  if (seconds >= 3 * 60) return { name: 'min', size: 60 };
  return { name: 's', size: 1 };
}
