import { describe, expect, it, vi } from 'vitest';
import { DaybookError, type CallArgs, type CallName, type CallResults, type EventName, type Events } from '#contract';
import type { Run } from '#model';
import type { Host } from '../host/connect.ts';
import { createRuns, pageSize, type RunsQuery } from './runs.ts';

const run = (index: number, experimentId = '1'): Run => ({
  id: `run${index}`,
  experimentId,
  name: `run ${index}`,
  status: 'FINISHED',
  startedAt: 1,
  user: '',
  params: {},
  metrics: {},
  tags: {},
  host: 'h',
  inputs: [],
  modelInputs: [],
  modelOutputs: [],
});

/** A host of the page's own making: the far end of the contract, kept in an array. */
function hostWith(runs: Run[]) {
  const listeners = new Map<string, (data: never) => void>();
  const asked: CallArgs<'runs.query'>[] = [];
  const answer = (name: CallName, args: unknown): unknown => {
    if (name === 'runs.columns') return { params: [], metrics: [], tags: [] };
    const query = args as CallArgs<'runs.query'>;
    asked.push(query);
    if (query.filter === 'wrong') throw new DaybookError('invalid_argument', 'Not a filter.', 'filter', 3);
    const offset = query.offset ?? 0;
    return { total: runs.length, rows: runs.slice(offset, offset + (query.limit ?? 200)) };
  };
  const host: Host = {
    call: async <N extends CallName>(name: N, args: CallArgs<N>) => answer(name, args) as CallResults[N],
    on: <E extends EventName>(event: E, listener: (data: Events[E]) => void) => {
      listeners.set(event, listener as (data: never) => void);
      return () => listeners.delete(event);
    },
    connection: () => ({ state: 'open', since: 0, attempts: 0 }),
    onConnection: () => () => undefined,
    retry: () => undefined,
    close: () => undefined,
  };
  return { host, asked, changed: (data: Events['runs.changed']) => listeners.get('runs.changed')?.(data as never) };
}

const query = (part: Partial<RunsQuery> = {}): RunsQuery => ({ experimentIds: ['1'], filter: '', orderBy: [], view: 'active', ...part });

describe('the rows of an experiment', () => {
  it('are all loaded when there are few', async () => {
    const { host } = hostWith(Array.from({ length: 450 }, (_, index) => run(index)));
    const runs = createRuns(host);
    runs.show(query());
    await vi.waitFor(() => expect(runs.getState().complete).toBe(true));
    expect(runs.getState().rows[449]?.name).toBe('run 449');
    expect(runs.get('run300')?.name).toBe('run 300');
    runs.close();
  });

  it('are loaded where somebody looks when there are many', async () => {
    const { host, asked } = hostWith(Array.from({ length: 100_000 }, (_, index) => run(index)));
    const runs = createRuns(host);
    runs.show(query());
    await vi.waitFor(() => expect(runs.getState().rows.length).toBe(100_000));
    runs.want(50_010, 50_050);
    await vi.waitFor(() => expect(runs.getState().rows[50_010]?.id).toBe('run50010'));
    expect(runs.getState().rows[10_000]).toBeUndefined();
    expect(runs.getState().complete).toBe(false);
    expect(new Set(asked.map(({ offset }) => offset))).toEqual(new Set([0, 250 * pageSize]));
    runs.close();
  });

  it('change in place when the host says so, however often it says so', async () => {
    const stored = Array.from({ length: 300 }, (_, index) => run(index));
    const { host, asked, changed } = hostWith(stored);
    const runs = createRuns(host);
    runs.show(query());
    await vi.waitFor(() => expect(runs.getState().complete).toBe(true));
    const before = asked.length;
    stored[2] = { ...run(2), name: 'renamed' };
    for (let i = 0; i < 1000; i++) changed({ experimentId: '1', runIds: ['run2'] });
    changed({ experimentId: 'another', runIds: ['x'] });
    await vi.waitFor(() => expect(runs.getState().rows[2]?.name).toBe('renamed'));
    expect(runs.getState().rows).toHaveLength(300);
    expect(asked.length - before).toBeLessThan(10);
    runs.close();
  });

  it('stay on screen while the next answer is on its way, and when it is an error', async () => {
    const { host } = hostWith([run(0), run(1)]);
    const runs = createRuns(host);
    runs.show(query());
    await vi.waitFor(() => expect(runs.getState().rows).toHaveLength(2));
    runs.show(query({ filter: 'wrong' }));
    expect(runs.getState()).toMatchObject({ loading: true, rows: [{ id: 'run0' }, { id: 'run1' }] });
    await vi.waitFor(() => expect(runs.getState().error).toEqual({ message: 'Not a filter.', code: 'invalid_argument', at: 3 }));
    expect(runs.getState().rows).toHaveLength(2);
    runs.close();
  });

  it('of another experiment never show', async () => {
    const { host } = hostWith([run(0)]);
    const runs = createRuns(host);
    runs.show(query());
    await vi.waitFor(() => expect(runs.getState().rows).toHaveLength(1));
    runs.show(query({ experimentIds: ['2'] }));
    expect(runs.getState().rows).toEqual([]);
    runs.close();
  });
});
