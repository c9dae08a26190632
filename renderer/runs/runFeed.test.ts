import { expect, test, vi } from 'vitest';
import { DaybookError, type RunDetails } from '#contract';
import { createRunFeed } from './runFeed.ts';

/** A host in the same process that knows one run. */
function host(runId: string) {
  const listeners = new Map<string, Set<(data: never) => void>>();
  let name = 'fox';
  const door: Parameters<typeof createRunFeed>[0] = {
    call: async (_call, args) => {
      if ((args as { runId: string }).runId !== runId) throw new DaybookError('not_found', 'There is no such run.');
      return { run: { id: runId, name }, artifacts: [], models: [], children: [] } as unknown as RunDetails as never;
    },
    on: (event, listener) => {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set.add(listener as never));
      return () => set.delete(listener as never);
    },
    onConnection: () => () => undefined,
  };
  return {
    door,
    rename(next: string, changed = [runId]) {
      name = next;
      for (const listener of listeners.get('runs.changed') ?? []) listener({ experimentId: '0', runIds: changed } as never);
    },
    listeners: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
  };
}

test('a run is read, and read again when the host says that it changed', async () => {
  const { door, rename, listeners } = host('a1');
  const feed = createRunFeed(door, 'a1');
  const undo = feed.subscribe(() => undefined);
  await vi.waitFor(() => expect(feed.state().details?.run.name).toBe('fox'));
  rename('owl');
  await vi.waitFor(() => expect(feed.state().details?.run.name).toBe('owl'));
  undo();
  expect(listeners()).toBe(0);
});

test('a run that is not there is an answer, not a crash', async () => {
  const feed = createRunFeed(host('a1').door, 'b2');
  const undo = feed.subscribe(() => undefined);
  await vi.waitFor(() => expect(feed.state().error).toEqual({ code: 'not_found', message: 'There is no such run.' }));
  expect(feed.state().details).toBeUndefined();
  undo();
});
