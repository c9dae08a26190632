/** The course of one metric of one run, word-sized: no axes, no numbers, the last point marked. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { createSeriesFeed, type SeriesHost } from './seriesFeed.ts';

export interface SparklineProps {
  host: SeriesHost;
  runId: string;
  metric: string;
  color: string;
  width?: number;
  height?: number;
}

export function Sparkline({ host, runId, metric, color, width = 72, height = 18 }: SparklineProps) {
  const [feed] = useState(() => createSeriesFeed(host));
  const { lines } = useSyncExternalStore(feed.subscribe, feed.state);
  useEffect(() => feed.want({ runIds: [runId], key: metric, x: 'step', buckets: 24 }), [feed, runId, metric]);
  const line = lines?.[0];
  const points = line ? sparkPoints(line.x, line.y, width, height) : [];
  const last = points.at(-1);
  return (
    <svg className="sparkline" width={width} height={height} aria-hidden>
      {points.length > 1 ? <polyline points={points.map((point) => point.join()).join(' ')} fill="none" stroke={color} strokeWidth={1.25} strokeLinejoin="round" /> : null}
      {last ? <circle cx={last[0]} cy={last[1]} r={1.75} fill={color} /> : null}
    </svg>
  );
}

/** Finite points in pixels, with room for the mark of the last one. */
export function sparkPoints(x: Float64Array, y: Float64Array, width: number, height: number): [number, number][] {
  const finite = [...y.keys()].filter((i) => Number.isFinite(y[i]));
  const ys = finite.map((i) => y[i]!);
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const from = x[finite[0] ?? 0] ?? 0;
  const span = (x[finite.at(-1) ?? 0] ?? 0) - from;
  const room = 2;
  return finite.map((i) => [
    Math.round((room + (span > 0 ? (x[i]! - from) / span : 1) * (width - 2 * room)) * 10) / 10,
    Math.round((room + (high > low ? (high - y[i]!) / (high - low) : 0.5) * (height - 2 * room)) * 10) / 10,
  ]);
}
