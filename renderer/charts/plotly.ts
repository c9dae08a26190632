/**
 * The one door to Plotly: loaded when the first chart is about to be drawn (4.6 MB), kept for the others by the
 * module system. The strict build needs no eval, as the page's security policy demands.
 */
import type { Plotly, PlotlyConfig } from 'plotly.js-strict-dist-min';
import type { Figure } from './figure.ts';

export async function loadPlotly(): Promise<Plotly> {
  return (await import('plotly.js-strict-dist-min')).default;
}

/** Our own buttons and crosshair replace Plotly's; zooming by dragging stays. */
export const plotlyConfig: Partial<PlotlyConfig> = {
  displayModeBar: false,
  doubleClick: false,
  scrollZoom: false,
  responsive: false,
  showTips: false,
};

/** Lets one run's lines stand out by fading the others; a style change only, so that hovering never redraws. */
export function highlightRun(chart: HTMLElement, runId: string | undefined): void {
  for (const group of chart.querySelectorAll<SVGGElement>('.scatterlayer > .trace')) {
    const ours = runId === undefined || ['', '-raw', '-gaps'].some((part) => group.classList.contains(`trace${runId}${part}`));
    group.style.opacity = ours ? '' : '0.15';
  }
}

/** The figure as the bytes of a file. */
export async function figureImage(drawn: Figure, format: 'png' | 'svg'): Promise<Uint8Array> {
  const plotly = await loadPlotly();
  const { width, height } = drawn.layout;
  const url = await plotly.toImage({ data: drawn.traces, layout: drawn.layout }, { format, width, height, scale: format === 'png' ? 2 : 1 });
  const comma = url.indexOf(',');
  const [head, body] = [url.slice(0, comma), url.slice(comma + 1)];
  if (!head.endsWith('base64')) return new TextEncoder().encode(decodeURIComponent(body));
  return Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
}
