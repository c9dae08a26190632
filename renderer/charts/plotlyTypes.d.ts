/**
 * The part of Plotly that `figure.ts`, `plotly.ts` and `LineChart.tsx` use. The package carries no types of its own,
 * and a short list here keeps the rest of Plotly from leaking into our code.
 */
declare module 'plotly.js-strict-dist-min' {
  export interface PlotlyTrace {
    type: 'scatter';
    mode: 'lines' | 'markers' | 'lines+markers';
    /** Becomes part of the class name of the drawn group; see `highlightRun`. */
    uid: string;
    name: string;
    x: ArrayLike<number>;
    y: ArrayLike<number>;
    line: { color: string; width: number; dash: string; simplify: boolean };
    marker?: { color: string; size: number; symbol?: string[] };
    cliponaxis?: boolean;
    opacity: number;
    hoverinfo: 'skip';
    connectgaps: boolean;
    showlegend: boolean;
  }
  export interface PlotlyAxis {
    type: 'linear' | 'log' | 'date';
    /** In the axis' own units: log10 on log axes, milliseconds on date axes. */
    range: [number, number];
    title: { text: string; standoff?: number; font?: PlotlyFont };
    showgrid: boolean;
    gridcolor?: string;
    gridwidth?: number;
    zeroline: boolean;
    showline: boolean;
    linecolor?: string;
    linewidth?: number;
    ticks: 'outside' | '';
    ticklen: number;
    tickcolor?: string;
    tickfont: PlotlyFont;
    tickmode?: 'auto' | 'array';
    tickvals?: number[];
    ticktext?: string[];
    nticks?: number;
    tickformat?: string;
    exponentformat: 'power' | 'SI' | 'e' | 'none';
    hoverformat?: string;
    automargin: boolean;
    fixedrange: boolean;
    dtick?: number | string;
  }
  export interface PlotlyFont {
    family: string;
    size: number;
    color: string;
  }
  export interface PlotlyLayout {
    width: number;
    height: number;
    margin: { l: number; r: number; t: number; b: number; pad: number };
    paper_bgcolor: string;
    plot_bgcolor: string;
    font: PlotlyFont;
    showlegend: boolean;
    legend?: { orientation: 'h'; x: number; y: number; yref: 'container'; yanchor: 'bottom'; font: PlotlyFont };
    dragmode: 'zoom' | 'pan' | false;
    hovermode: false;
    xaxis: PlotlyAxis;
    yaxis: PlotlyAxis;
    title?: { text: string; x: number; font: PlotlyFont };
  }
  export interface PlotlyConfig {
    displayModeBar: boolean;
    doubleClick: false;
    scrollZoom: boolean;
    responsive: boolean;
    showTips: boolean;
    staticPlot: boolean;
  }
  export interface PlotlyElement extends HTMLElement {
    on(event: 'plotly_relayout', listener: (change: Record<string, unknown>) => void): void;
    on(event: 'plotly_doubleclick', listener: () => void): void;
    removeAllListeners(event: string): void;
  }
  export interface Plotly {
    react(at: HTMLElement, traces: PlotlyTrace[], layout: PlotlyLayout, config: Partial<PlotlyConfig>): Promise<PlotlyElement>;
    purge(at: HTMLElement): void;
    toImage(
      figure: { data: PlotlyTrace[]; layout: PlotlyLayout },
      options: { format: 'png' | 'svg'; width: number; height: number; scale?: number },
    ): Promise<string>;
  }
  const plotly: Plotly;
  // The module is a script in an old format: its one value arrives as the default import.
  export { plotly as default };
}
