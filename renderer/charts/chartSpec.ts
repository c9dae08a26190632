/**
 * What a chart shows, as plain JSON that can be kept in a document, put in a link and read in five years.
 * Plotly's own figure format never leaves this folder: `figure.ts` makes one from a spec and the points.
 */
import { z } from 'zod';

export const xAxes = ['step', 'relative', 'time'] as const;
/** `step` as logged, `relative` in seconds since each run's start, `time` of day in milliseconds since the epoch. */
export type XAxis = (typeof xAxes)[number];

const chartWindow = z.tuple([z.number(), z.number()]).refine(([from, to]) => from < to, 'The window must end after it starts.');

export const chartSpecSchema = z.object({
  kind: z.literal('line').default('line'),
  metric: z.string().min(1).max(250),
  x: z.enum(xAxes).default('step'),
  logX: z.boolean().default(false),
  logY: z.boolean().default(false),
  /** Leaves the few points that flatten all others off a linear y axis; see `outliersOf`. */
  clip: z.boolean().default(false),
  /** Weight of the past in the moving average: 0 draws points as logged, 0.99 hardly moves. */
  smoothing: z.number().min(0).max(0.999).default(0),
  /** What part of x is drawn, in the units of `x` (see XAxis); everything when left out. */
  window: chartWindow.optional(),
  /** What part of y is drawn; fits the points when left out. */
  yWindow: chartWindow.optional(),
  /** Only these runs; all visible ones when left out. */
  runs: z.array(z.string().max(64)).max(1000).optional(),
});

export type ChartSpec = z.output<typeof chartSpecSchema>;

/** Reads a spec from anywhere; undefined when it is not one, so that one bad chart never hides the others. */
export function parseChartSpec(value: unknown): ChartSpec | undefined {
  const parsed = chartSpecSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** A chart of one metric with everything else at its default. */
export function chartOf(metric: string, changes: Partial<ChartSpec> = {}): ChartSpec {
  return { kind: 'line', metric, x: 'step', logX: false, logY: false, clip: false, smoothing: 0, ...changes };
}
