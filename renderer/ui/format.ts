/** How values read: numbers in four significant digits, times relative, sizes and durations in units. Pure. */

/**
 * Four significant digits: `0.9134`, `12,340`, `1.234e-7`. Integers up to seven digits stay whole.
 * Not-a-number and infinities read as they are logged: `NaN`, `∞`, `−∞`.
 */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    Number.isInteger(value) && size < 1e7
      ? value.toLocaleString('en-US')
      : size >= 1e7 || size < 1e-4
        ? exponent(value)
        : size >= 1e3
          ? Math.round(value).toLocaleString('en-US')
          : trimmed(value.toPrecision(4));
  return text.replace('-', '−');
}

function exponent(value: number): string {
  const [mantissa = '', power = ''] = value.toExponential(3).split('e');
  return `${trimmed(mantissa)}e${power.replace('+', '')}`;
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Every digit, for hovering and copying. */
export function fullNumber(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value === Infinity ? 'Infinity' : value === -Infinity ? '-Infinity' : String(value);
}

const units: readonly [limit: number, size: number, name: Intl.RelativeTimeFormatUnit][] = [
  [3600e3, 60e3, 'minute'],
  [86400e3, 3600e3, 'hour'],
  [7 * 86400e3, 86400e3, 'day'],
  [31 * 86400e3, 7 * 86400e3, 'week'],
  [365 * 86400e3, 30.44 * 86400e3, 'month'],
  [Infinity, 365.25 * 86400e3, 'year'],
];

/** `now`, `4 min. ago`, `in 2 days`. Times of 0 are unknown and read as a dash. */
export function formatRelative(time: number, now: number): string {
  if (!time) return '–';
  const gap = time - now;
  const size = Math.abs(gap);
  if (size < 45e3) return 'now';
  const [, unit, name] = units.find(([limit]) => size < limit * 0.99) ?? units.at(-1)!;
  const count = Math.trunc(gap / unit) || Math.sign(gap);
  return new Intl.RelativeTimeFormat('en', { style: 'narrow', numeric: 'always' }).format(count, name);
}

/** Local date and time to the second, for hovering. */
export function formatTime(time: number): string {
  return time ? new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }) : 'No time was recorded';
}

/** `14:02`, with the date when it is not today's. */
export function formatClock(time: number, now: number): string {
  const date = new Date(time);
  const clock = date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
  return date.toDateString() === new Date(now).toDateString() ? clock : `${date.toLocaleDateString(undefined, { month: 'short', day: 'numeric' })}, ${clock}`;
}

/** `840 ms`, `12.3 s`, `4 min 10 s`, `3 h 05 min`, `2 d 4 h`. Negative ones (clocks that were set back) read as a dash. */
export function formatDuration(ms: number): string {
  if (!(ms >= 0)) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [d, h, m, s] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  if (d > 0) return `${d} d ${h} h`;
  if (h > 0) return `${h} h ${String(m).padStart(2, '0')} min`;
  return `${m} min ${String(s).padStart(2, '0')} s`;
}

/** `12.4 kB`, powers of 1000 as file managers show. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toPrecision(3)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

/** `1 run`, `12,040 runs`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
