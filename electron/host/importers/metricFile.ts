/**
 * A metric file of an MLflow file store: one point a line, fields apart by spaces.
 *
 *   time value                                          0.x, step 0
 *   time value step                                     since 1.0
 *   time value step dataset_name dataset_digest         since 2.4, when logged against a dataset
 *   time value step run_id                              of a logged model, since 3.0
 *   time value step run_id dataset_name dataset_digest
 *
 * `time` is in milliseconds; the first releases wrote seconds. Values are Python floats: nan, inf, 1e-05, 1_000.0.
 * A file can be larger than memory, so it is read in batches:
 *
 *   for await (const { points, problems } of readMetricFile(path, 'run')) …
 */
import { createReadStream } from 'node:fs';

export interface MetricLine {
  /** Milliseconds since the epoch, as written. */
  time: number;
  value: number;
  step: number;
  /** Only in a logged model's file. */
  runId?: string;
  dataset?: { name: string; digest: string };
}

export interface MetricBatch {
  points: MetricLine[];
  /** Lines that are no points, with their number in the file (from 1). */
  problems: { line: number; why: string }[];
}

/** Points of a metric file in file order. Rejects when the file cannot be read. */
export async function* readMetricFile(path: string, of: 'run' | 'model'): AsyncGenerator<MetricBatch> {
  let rest = '';
  let line = 0;
  let fields = 0;
  const parse = (texts: string[], isCut: boolean): MetricBatch => {
    const batch: MetricBatch = { points: [], problems: [] };
    texts.forEach((text, i) => {
      line += 1;
      if (text.trim() === '') return;
      const parts = text.trim().split(/\s+/);
      // A writer that died leaves the last line short: what is there of it may be half a number.
      const parsed = isCut && i === texts.length - 1 && parts.length < fields ? 'the line is cut short' : parseMetricLine(parts, of);
      if (typeof parsed === 'string') batch.problems.push({ line, why: parsed });
      else batch.points.push(parsed);
      fields = parts.length;
    });
    return batch;
  };
  for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
    const lines = (rest + (piece as string)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) {
      yield { points: [], problems: [{ line: line + lines.length + 1, why: `a line is longer than ${longestLine} characters; the rest of the file is not read` }] };
      return;
    }
    if (lines.length > 0) yield parse(lines, false);
  }
  if (rest !== '') yield parse([rest], true);
}

/** One line's fields as a point, or why it is none. */
export function parseMetricLine(parts: readonly string[], of: 'run' | 'model'): MetricLine | string {
  const dataset = of === 'run' ? 3 : 4;
  if (parts.length !== 2 && parts.length !== 3 && parts.length !== dataset && parts.length !== dataset + 2)
    return `${parts.length} fields where ${of === 'run' ? '2, 3 or 5' : '2, 3, 4 or 6'} are expected`;
  const time = pythonInteger(parts[0]!);
  if (time === undefined || time < 0 || time > latestTime) return `the time "${shown(parts[0]!)}" is no number of milliseconds`;
  const value = pythonFloat(parts[1]!);
  if (value === undefined) return `the value "${shown(parts[1]!)}" is no number`;
  const step = parts.length > 2 ? pythonInteger(parts[2]!) : 0;
  if (step === undefined) return `the step "${shown(parts[2]!)}" is no whole number between ±2^53`;
  return {
    time,
    value,
    step,
    ...(of === 'model' && parts.length > 3 ? { runId: parts[3]! } : {}),
    ...(parts.length === dataset + 2 ? { dataset: { name: parts[dataset]!, digest: parts[dataset + 1]! } } : {}),
  };
}

/**
 * Time of a point in milliseconds. Releases before 1.0 wrote seconds beside a run start in milliseconds: such a
 * point would lie in January 1970 while its run is decades younger.
 */
export function pointTime(time: number, runStartedAt: number): number {
  return runStartedAt > 1e11 && time >= 1e9 && time < 1e10 ? time * 1000 : time;
}

const longestLine = 100_000;
/** The last moment a Date can hold. */
const latestTime = 8.64e15;

function pythonInteger(text: string): number | undefined {
  if (!/^[+-]?\d+(_\d+)*$/.test(text)) return undefined;
  const value = Number(text.replaceAll('_', ''));
  return Number.isSafeInteger(value) ? value : undefined;
}

function pythonFloat(text: string): number | undefined {
  const word = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (word) return word[2]!.toLowerCase() === 'nan' ? NaN : word[1] === '-' ? -Infinity : Infinity;
  if (!/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/i.test(text)) return undefined;
  return Number(text.replaceAll('_', ''));
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
