import { expect, test, vi } from 'vitest';
import { DaybookError, type Events, type SeriesResult } from '#contract';
import { chartOf } from './chartSpec.ts';
import { createSeriesFeed, seriesRequest, type SeriesHost, type SeriesRequest } from './seriesFeed.ts';

/** A host in the same process: answers from `values`, announces what `grow` adds. */
function host() {
  const values = new Map<string, number[]>([['fox', [3, 2]]]);
  const asked: SeriesRequest[] = [];
  const grew = new Set<(data: Events['series.grew']) => void>();
  let failure: Error | undefined;
  const door: SeriesHost = {
    call: async (_name, args) => {
      const request = args as SeriesRequest;
      asked.push(request);
      if (failure) throw failure;
      const lines = request.runIds.map((runId) => {
        const y = Float64Array.from(values.get(runId) ?? []);
        return { runId, x: y.map((_, i) => i), y, points: y.length };
      });
      return { lines } satisfies SeriesResult as never;
    },
    on: (_event, listener) => {
      grew.add(listener as never);
      return () => grew.delete(listener as never);
    },
    onConnection: () => () => undefined,
  };
  return {
    door,
    asked,
    grow(runId: string, key: string, value: number) {
      values.set(runId, [...(values.get(runId) ?? []), value]);
      for (const listener of grew) listener({ experimentId: '0', runId, keys: [key] });
    },
    fail: (error: Error | undefined) => (failure = error),
    listeners: () => grew.size,
  };
}

const request: SeriesRequest = { runIds: ['fox'], key: 'loss', x: 'step', buckets: 100 };

test('reads what is wanted and reads again when a run grows', async () => {
  const { door, grow } = host();
  const feed = createSeriesFeed(door);
  const undo = feed.subscribe(() => undefined);
  feed.want(request);
  await vi.waitFor(() => expect(feed.state().lines?.[0]?.y).toHaveLength(2));
  grow('fox', 'loss', 1);
  await vi.waitFor(() => expect(feed.state().lines?.[0]?.y).toHaveLength(3));
  undo();
});

test('other runs and other metrics do not matter', async () => {
  const { door, grow, asked } = host();
  const feed = createSeriesFeed(door);
  const undo = feed.subscribe(() => undefined);
  feed.want(request);
  await vi.waitFor(() => expect(feed.state().lines).toBeDefined());
  grow('owl', 'loss', 1);
  grow('fox', 'accuracy', 1);
  grow('fox', 'loss', 1);
  await vi.waitFor(() => expect(feed.state().lines?.[0]?.y).toHaveLength(4));
  expect(asked).toHaveLength(2);
  undo();
});

test('zooming keeps the old lines until the finer ones are there; another metric does not show them', async () => {
  const { door } = host();
  const feed = createSeriesFeed(door);
  const undo = feed.subscribe(() => undefined);
  feed.want(request);
  await vi.waitFor(() => expect(feed.state().lines).toBeDefined());
  feed.want({ ...request, from: 0, to: 1 });
  expect(feed.state().lines).toBeDefined();
  await vi.waitFor(() => expect(feed.state().answered?.to).toBe(1));
  feed.want({ ...request, key: 'accuracy' });
  expect(feed.state().lines).toBeUndefined();
  undo();
});

test('a failure is said and what was there stays', async () => {
  const { door, fail, grow } = host();
  const feed = createSeriesFeed(door);
  const undo = feed.subscribe(() => undefined);
  feed.want(request);
  await vi.waitFor(() => expect(feed.state().lines).toBeDefined());
  fail(new DaybookError('unavailable', 'The host does not answer.'));
  grow('fox', 'loss', 1);
  await vi.waitFor(() => expect(feed.state().error).toEqual({ message: 'The host does not answer.', away: true }));
  expect(feed.state().lines).toBeDefined();
  undo();
});

test('follows nothing once nobody listens', () => {
  const { door, listeners } = host();
  const feed = createSeriesFeed(door);
  const undo = feed.subscribe(() => undefined);
  feed.want(request);
  expect(listeners()).toBe(1);
  undo();
  expect(listeners()).toBe(0);
});

test('a wider chart asks for more, a zoomed one also for what lies beside the window', () => {
  expect(seriesRequest(chartOf('loss'), ['fox'], 410)).toEqual({ runIds: ['fox'], key: 'loss', x: 'step', buckets: 250 });
  expect(seriesRequest(chartOf('loss', { window: [100, 200] }), ['fox'], 400)).toMatchObject({ from: 50, to: 250, buckets: 400 });
  expect(seriesRequest(chartOf('loss'), ['fox'], 100_000).buckets).toBe(2500);
});

test('the extent of all points is known also while a window is shown', async () => {
  const { door } = host();
  const feed = createSeriesFeed(door);
  const undo = feed.subscribe(() => undefined);
  feed.want(request);
  await vi.waitFor(() => expect(feed.state().whole).toEqual([0, 1]));
  feed.want({ ...request, from: 0, to: 0 });
  await vi.waitFor(() => expect(feed.state().answered?.to).toBe(0));
  expect(feed.state().whole).toEqual([0, 1]);
  undo();
});
