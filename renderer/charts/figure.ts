/**
 * A chart spec and its points → what Plotly draws, and how to get from pixels of the plot to data and back.
 * Pure: the same input gives the same figure, on the screen and in an exported file.
 *
 *   const drawn = figure(spec, lines, theme, { width: 480, height: 240 });
 *   plotly.react(at, drawn.traces, drawn.layout);
 */
import type { SeriesLine } from '#contract';
import type { PlotlyAxis, PlotlyLayout, PlotlyTrace } from 'plotly.js-strict-dist-min';
import type { ChartSpec, XAxis } from './chartSpec.ts';
import { outliersOf, xExtent, yExtent, type Outliers, type Range } from './extent.ts';
import { smooth, smoothingUnit } from './smoothing.ts';
import { axisStyle, tickFont, titleFont, type ChartTheme } from './theme.ts';
import { linearTicks, logTicks, timeUnit, type Ticks } from './ticks.ts';

/** A run as a chart knows it. */
export interface ChartRun {
  id: string;
  name: string;
  /** The name where room is short; see `distinctLabels`. */
  label: string;
  color: string;
  /** Plotly's names, which are also SVG's: solid, dash, dot, dashdot. */
  dash: string;
}

export interface Size {
  width: number;
  height: number;
}

/** One run's points as drawn; `y` is the smoothed line where smoothing is on. */
export interface DrawnLine {
  run: ChartRun;
  x: Float64Array;
  y: Float64Array;
  /** As logged. */
  raw: Float64Array;
}

export interface Figure {
  traces: PlotlyTrace[];
  layout: PlotlyLayout;
  lines: DrawnLine[];
  /** Points that flatten the others where y is to fit them all; off the axis when the spec says `clip`. */
  outliers: Outliers | undefined;
  /** Of the plot within the figure, in pixels. */
  plot: { left: number; top: number; width: number; height: number };
  /** Data ⇄ pixels within the plot. */
  xAt(pixel: number): number;
  pixelOfX(x: number): number;
  pixelOfY(y: number): number;
  /** From the values Plotly reports after a drag to data. */
  windowOf(axis: 'x' | 'y', range: Range): Range;
}

export interface FigureOptions {
  /** Makes a figure that stands alone, as a file does: with this title, a legend and a background. */
  title?: string;
  /** x of all points, where `series` holds a window of them: smoothing must not change by zooming. */
  whole?: Range;
}

const lineWidth = 1.5;
const faint = 0.25;
/** Up to so many points a line also shows where they are. */
const markedPoints = 24;

/** Draws the lines of `series` in the colours of `runs`, in the order of `runs`; runs without points are left out. */
export function figure(
  spec: ChartSpec,
  runs: readonly ChartRun[],
  series: readonly SeriesLine[],
  theme: ChartTheme,
  size: Size,
  options: FigureOptions = {},
): Figure {
  const byRun = new Map(series.map((line) => [line.runId, line]));
  const lines: DrawnLine[] = [];
  const traces: PlotlyTrace[] = [];
  const window = spec.window ?? xExtent(series, spec.logX) ?? [0, 1];
  const drawable = series.filter(({ runId }) => runs.some(({ id }) => id === runId));
  const outliers = spec.logY || spec.yWindow ? undefined : outliersOf(drawable, spec.window);
  const yWindow = spec.yWindow ?? (spec.clip ? outliers?.extent : undefined) ?? yExtent(series, spec.window, spec.logY) ?? [spec.logY ? 0.1 : 0, 1];
  const [wholeFrom, wholeTo] = options.whole ?? xExtent(series, false) ?? [0, 0];
  const x = xScale(spec.x, spec.logX, window);
  const y = scale(spec.logY, yWindow);

  for (const run of runs) {
    const line = byRun.get(run.id);
    if (!line || line.x.length === 0) continue;
    const smoothing = spec.smoothing > 0 && line.x.length > 2;
    const raw = spec.logY ? line.y.map((value) => (value > 0 ? value : Number.NaN)) : line.y;
    const smoothed = smoothing ? smooth(line.x, raw, spec.smoothing, smoothingUnit(line.x, line.points, wholeTo - wholeFrom)) : raw;
    const drawn: DrawnLine = { run, x: line.x, y: smoothed, raw };
    const onAxis = x.unit === 1 && x.shift === 0 ? line.x : line.x.map((value) => value / x.unit + x.shift);
    if (smoothing) traces.push(trace(`${run.id}-raw`, drawn, onAxis, raw, faint, false));
    traces.push(trace(run.id, drawn, onAxis, smoothed, 1, line.points <= markedPoints && !smoothing));
    const gaps = gapMarks(drawn, onAxis, line.y, yWindow);
    if (gaps) traces.push(gaps);
    lines.push(drawn);
  }

  const alone = options.title !== undefined;
  const legendRows = alone ? Math.ceil(lines.length / Math.max(1, Math.floor(size.width / 180))) : 0;
  const margin = { l: 44, r: 14, t: alone ? 44 : 10, b: 38 + legendRows * 20, pad: 0 };
  const yTicks = ticksOf(spec.logY, yWindow, tickCount(size.height - margin.t - margin.b, 44));
  margin.l = Math.max(36, Math.round(Math.max(0, ...yTicks.labels.map((label) => label.length)) * 6.5) + 16);
  const plot = {
    left: margin.l,
    top: margin.t,
    width: Math.max(1, size.width - margin.l - margin.r),
    height: Math.max(1, size.height - margin.t - margin.b),
  };
  const xTicks = spec.x === 'time' ? undefined : ticksOf(spec.logX, x.range, tickCount(plot.width, 72));

  const style = axisStyle(theme);
  const xaxis: PlotlyAxis = {
    ...style,
    type: spec.x === 'time' ? 'date' : spec.logX ? 'log' : 'linear',
    range: x.onAxis,
    title: { text: xTitle(spec.x, x.name), standoff: 6, font: titleFont(theme) },
    showgrid: false,
    showline: true,
    ticks: 'outside',
    ticklen: 4,
    ...(xTicks ? { tickmode: 'array', tickvals: xTicks.values, ticktext: xTicks.labels } : { nticks: tickCount(plot.width, 90) }),
  };
  const yaxis: PlotlyAxis = {
    ...style,
    type: spec.logY ? 'log' : 'linear',
    range: y.onAxis,
    title: { text: '' },
    showgrid: true,
    showline: false,
    ticks: '',
    ticklen: 0,
    tickmode: 'array',
    tickvals: yTicks.values,
    ticktext: yTicks.labels.map((label) => `${label} `),
  };

  return {
    traces,
    lines,
    outliers,
    plot,
    layout: {
      width: size.width,
      height: size.height,
      margin,
      paper_bgcolor: alone ? theme.surface : 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      font: tickFont(theme),
      showlegend: alone,
      ...(alone ? { legend: { orientation: 'h', x: 0, y: 0, yref: 'container', yanchor: 'bottom', font: titleFont(theme) } } : {}),
      dragmode: 'zoom',
      hovermode: false,
      xaxis,
      yaxis,
      ...(alone ? { title: { text: plain(options.title ?? ''), x: 0.02, font: { family: theme.font, size: 13, color: theme.ink } } } : {}),
    },
    xAt: (pixel) => x.toData(pixel / plot.width),
    pixelOfX: (value) => x.toPart(value) * plot.width,
    pixelOfY: (value) => (1 - y.toPart(value)) * plot.height,
    windowOf: (axis, range) => (axis === 'x' ? x.fromAxis(range) : y.fromAxis(range)),
  };
}

function trace(uid: string, line: DrawnLine, x: Float64Array, y: Float64Array, opacity: number, marked: boolean): PlotlyTrace {
  const { color, dash, name } = line.run;
  return {
    type: 'scatter',
    mode: marked ? 'lines+markers' : 'lines',
    uid,
    name: plain(name),
    x,
    y,
    line: { color, width: lineWidth, dash, simplify: true },
    ...(marked ? { marker: { color, size: line.x.length === 1 ? 7 : 4 }, cliponaxis: false } : {}),
    opacity,
    hoverinfo: 'skip',
    connectgaps: false,
    showlegend: opacity === 1,
  };
}

/**
 * What a line cannot pass through is the news of a diverged run, so it is marked at the edge of the plot: a cross below
 * for NaN, a triangle above for Infinity, one below for −Infinity.
 */
function gapMarks(line: DrawnLine, x: Float64Array, y: Float64Array, [low, high]: Range): PlotlyTrace | undefined {
  const at = [...y.keys()].filter((i) => !Number.isFinite(y[i]));
  if (at.length === 0) return undefined;
  const { color } = line.run;
  return {
    ...trace(`${line.run.id}-gaps`, line, x, y, 1, false),
    mode: 'markers',
    x: at.map((i) => x[i]!),
    y: at.map((i) => (y[i] === Infinity ? high : low)),
    marker: { color, size: 7, symbol: at.map((i) => (Number.isNaN(y[i]) ? 'x-thin-open' : y[i] === Infinity ? 'triangle-up' : 'triangle-down')) },
    cliponaxis: false,
    showlegend: false,
  };
}

/** Names come from scripts; Plotly reads a subset of HTML in text, and none of it is ours. */
function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** One tick per so many pixels; a large chart is not a finer one. */
function tickCount(pixels: number, apart: number): number {
  return Math.min(9, Math.max(2, Math.round(pixels / apart)));
}

function ticksOf(log: boolean, range: Range, count: number): Ticks {
  return log ? logTicks(range, count) : linearTicks(range, count);
}

interface Scale {
  /** Range as Plotly wants it. */
  onAxis: Range;
  toPart(value: number): number;
  toData(part: number): number;
  fromAxis(range: Range): Range;
}

function scale(log: boolean, [low, high]: Range): Scale {
  const onAxis: Range = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  const span = onAxis[1] - onAxis[0];
  return {
    onAxis,
    toPart: (value) => ((log ? Math.log10(value) : value) - onAxis[0]) / span,
    toData: (part) => (log ? 10 ** (onAxis[0] + part * span) : onAxis[0] + part * span),
    fromAxis: ([a, b]) => (log ? [10 ** a, 10 ** b] : [a, b]),
  };
}

interface XScale extends Scale {
  /** Data units per unit on the axis, and what is added after dividing (Plotly writes dates in UTC, people read local time). */
  unit: number;
  shift: number;
  name: string;
  /** In units of the axis, never logarithmic. */
  range: Range;
}

function xScale(x: XAxis, log: boolean, window: Range): XScale {
  const relative = timeUnit(Math.max(Math.abs(window[0]), Math.abs(window[1])));
  const unit = x === 'relative' ? relative.size : 1;
  const shift = x === 'time' ? -new Date(window[0]).getTimezoneOffset() * 60_000 : 0;
  const range: Range = [window[0] / unit + shift, window[1] / unit + shift];
  const inner = scale(log && x !== 'time', range);
  return {
    unit,
    shift,
    range,
    name: relative.name,
    onAxis: inner.onAxis,
    toPart: (value) => inner.toPart(value / unit + shift),
    toData: (part) => (inner.toData(part) - shift) * unit,
    fromAxis: (at) => {
      const [a, b] = inner.fromAxis(at);
      return [(a - shift) * unit, (b - shift) * unit];
    },
  };
}

function xTitle(x: XAxis, unit: string): string {
  return x === 'step' ? 'step' : x === 'relative' ? `time since start, ${unit}` : '';
}
