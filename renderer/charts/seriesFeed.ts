/**
 * The points of one chart, kept fresh: reads them from the host, again when the request changes (another window, another
 * width) and when one of its runs has logged more, at most twice a second. What was read before stays until the new
 * lines are there, so a chart never blinks.
 *
 *   const feed = createSeriesFeed(host);
 *   const undo = feed.subscribe(() => draw(feed.state()));
 *   feed.want({ runIds, key: 'loss', x: 'step', buckets: 400 });
 */
import { DaybookError, type CallArgs, type SeriesLine } from '#contract';
import type { Host } from '../host/connect.ts';
import { coalesce } from '../state/coalesce.ts';
import { messageOf } from '../state/errors.ts';
import type { ChartSpec } from './chartSpec.ts';
import { xExtent, type Range } from './extent.ts';

export type SeriesRequest = CallArgs<'series.read'>;
/** The part of a host that a chart needs. */
export type SeriesHost = Pick<Host, 'call' | 'on' | 'onConnection'>;

export interface SeriesState {
  /** Undefined until the first answer for this metric. */
  lines: readonly SeriesLine[] | undefined;
  /** Which request the lines answer. */
  answered: SeriesRequest | undefined;
  /** From the least to the greatest x of all points, in the window or not; undefined until all were asked for. */
  whole: Range | undefined;
  error: { message: string; away: boolean } | undefined;
}

export interface SeriesFeed {
  want(request: SeriesRequest): void;
  state(): SeriesState;
  /** Follows the host while at least one listener is there. */
  subscribe(listener: () => void): () => void;
}

const nothing: SeriesState = { lines: undefined, answered: undefined, whole: undefined, error: undefined };
const interval = 500;

export function createSeriesFeed(host: SeriesHost): SeriesFeed {
  const listeners = new Set<() => void>();
  let state = nothing;
  let request: SeriesRequest | undefined;
  let undo: (() => void)[] = [];

  const become = (next: SeriesState): void => {
    state = next;
    for (const listener of listeners) listener();
  };

  const readNow = async (): Promise<void> => {
    const asked = request;
    if (!asked) return;
    try {
      const { lines } = asked.runIds.length ? await host.call('series.read', asked) : { lines: [] };
      if (request && sameLines(asked, request)) become({ lines, answered: asked, whole: asked.from === undefined ? xExtent(lines, false) : state.whole, error: undefined });
    } catch (error) {
      const away = error instanceof DaybookError && error.code === 'unavailable';
      if (request === asked) become({ ...state, error: { message: messageOf(error), away } });
    }
  };

  const open = (): void => {
    const reading = coalesce(readNow, interval);
    undo = [
      host.on('series.grew', ({ runId, keys }) => {
        if (request && request.runIds.includes(runId) && keys.includes(request.key)) reading();
      }),
      host.onConnection(({ state: connection }) => connection === 'open' && reading()),
      () => reading.stop(),
    ];
    reading();
  };

  return {
    want(next) {
      if (request && JSON.stringify(request) === JSON.stringify(next)) return;
      const other = request !== undefined && !sameLines(request, next);
      request = next;
      if (other) become(nothing);
      if (listeners.size === 0) return;
      // A new question does not wait for the pace of live updates.
      undo.forEach((stop) => stop());
      open();
    },
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1) open();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        undo.forEach((stop) => stop());
        undo = [];
      };
    },
  };
}

/**
 * What a chart of this width asks for: about one bucket per two pixels; with a window also half of it on either side, so
 * that lines run to the edges and smoothing has a past.
 */
export function seriesRequest(spec: ChartSpec, runIds: string[], width: number): SeriesRequest {
  // Steps of 100 px, so that dragging a divider does not read at every pixel.
  const buckets = Math.min(2500, Math.max(50, Math.ceil(width / 100) * 50));
  const base = { runIds, key: spec.metric, x: spec.x, buckets };
  if (!spec.window) return base;
  const [from, to] = spec.window;
  const more = (to - from) / 2;
  return { ...base, from: from - more, to: to + more, buckets: buckets * 2 };
}

/** Whether both ask for the same metric over the same axis, so that one's lines may stand in for the other's. */
function sameLines(a: SeriesRequest, b: SeriesRequest): boolean {
  return a.key === b.key && a.x === b.x;
}
