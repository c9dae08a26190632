/**
 * The look of a chart, taken from the same CSS variables as everything else on the page: no box, hairline grid on y
 * only, ticks outside, small muted text, nothing filled.
 */
import type { PlotlyAxis, PlotlyFont } from 'plotly.js-strict-dist-min';

export interface ChartTheme {
  ink: string;
  muted: string;
  /** Hairlines: grid, axis, ticks. */
  line: string;
  surface: string;
  font: string;
  mono: string;
}

/** Reads the theme from the page's tokens. `read` gives the value of one CSS variable. */
export function chartTheme(read: (variable: string) => string): ChartTheme {
  const token = (variable: string, otherwise: string) => read(variable).trim() || otherwise;
  return {
    ink: token('--ink', '#1b1d22'),
    muted: token('--muted', '#5d626f'),
    line: token('--line', 'rgba(27,29,34,.10)'),
    surface: token('--surface', '#ffffff'),
    font: token('--font-ui', 'Inter Variable, sans-serif'),
    mono: token('--font-mono', 'JetBrains Mono Variable, monospace'),
  };
}

export function titleFont(theme: ChartTheme): PlotlyFont {
  return { family: theme.font, size: 11, color: theme.muted };
}

/** Tick labels are values, so they are set like values everywhere else. */
export function tickFont(theme: ChartTheme): PlotlyFont {
  return { family: theme.mono, size: 10.5, color: theme.muted };
}

/** What both axes share; callers add type, range, ticks and title. */
export function axisStyle(theme: ChartTheme): Omit<PlotlyAxis, 'type' | 'range' | 'title' | 'showgrid' | 'showline' | 'ticks' | 'ticklen'> {
  return {
    gridcolor: theme.line,
    gridwidth: 1,
    zeroline: false,
    linecolor: theme.line,
    linewidth: 1,
    tickcolor: theme.line,
    tickfont: tickFont(theme),
    exponentformat: 'power',
    automargin: false,
    fixedrange: false,
  };
}
