import { describe, expect, it } from 'vitest';
import { createView, defaultView, orderByOf, queryToView, quoteColumn, toggleSort, viewOf, viewToQuery, type View } from './view.ts';

function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    clear: () => items.clear(),
    getItem: (key) => items.get(key) ?? null,
    key: (index) => [...items.keys()][index] ?? null,
    removeItem: (key) => void items.delete(key),
    setItem: (key, value) => void items.set(key, value),
  };
}

const busy: View = {
  filter: "metrics.`val loss` < 0.3 AND params.model = 'résnet & co'",
  sort: [
    { column: 'metrics.val loss', desc: false },
    { column: 'params.a,b', desc: true },
  ],
  trash: true,
  columns: ['metrics.val loss', 'params.a,b', 'tags.x=y&z'],
  pinned: ['metrics.val loss'],
  widths: {},
  charts: false,
};

describe('a view in a link', () => {
  it('comes back as it was, whatever characters its names have', () => {
    expect(queryToView(new URLSearchParams(viewToQuery(busy).toString()))).toEqual(busy);
  });

  it('is empty for the view that nobody changed', () => {
    expect(viewToQuery(defaultView).toString()).toBe('');
    expect(queryToView(new URLSearchParams())).toEqual(defaultView);
  });

  it('can say "no order" and "no columns"', () => {
    const bare = { ...defaultView, sort: [], columns: [] };
    expect(queryToView(viewToQuery(bare))).toEqual(bare);
  });

  it('survives nonsense', () => {
    const view = queryToView(new URLSearchParams('sort=&sort=&col=&col=a&col=a&trash=yes&charts=2'));
    expect(view).toEqual({ ...defaultView, sort: [], columns: ['a'] });
  });
});

describe('the view of an experiment', () => {
  it('is remembered on this machine, each for itself', () => {
    const storage = memoryStorage();
    const first = createView(storage);
    first.getState().open('7', new URLSearchParams());
    first.getState().change({ filter: 'metrics.a > 1', widths: { 'metrics.a': 120 } });
    first.getState().open('8', new URLSearchParams());
    expect(first.getState().filter).toBe('');

    const second = createView(storage);
    second.getState().open('7', new URLSearchParams());
    expect(second.getState()).toMatchObject({ filter: 'metrics.a > 1', widths: { 'metrics.a': 120 } });
  });

  it('is what a link says, and only widths are this machine’s own', () => {
    const storage = memoryStorage();
    const view = createView(storage);
    view.getState().open('7', new URLSearchParams());
    view.getState().change({ filter: 'metrics.a > 1', trash: true, widths: { 'metrics.a': 120 } });
    view.getState().open('7', new URLSearchParams('q=params.b+%3D+"2"'));
    expect(viewOf(view.getState())).toEqual({ ...defaultView, filter: 'params.b = "2"', widths: { 'metrics.a': 120 } });
  });

  it('has a link of sensible length, and thousands of columns survive a reload', () => {
    const storage = memoryStorage();
    const columns = Array.from({ length: 12_000 }, (_, index) => `metrics.layer${index}`);
    const view = createView(storage);
    view.getState().open('7', new URLSearchParams());
    view.getState().change({ columns, filter: 'metrics.a > 1' });
    const link = viewToQuery(view.getState());
    expect(link.toString().length).toBeLessThan(100);
    view.getState().open('7', link);
    expect(view.getState()).toMatchObject({ columns, filter: 'metrics.a > 1' });
  });

  it('keeps nothing once it was left', () => {
    const storage = memoryStorage();
    const view = createView(storage);
    view.getState().open('7', new URLSearchParams());
    view.getState().leave();
    view.getState().change({ filter: 'lost' });
    view.getState().open('7', new URLSearchParams());
    expect(view.getState().filter).toBe('');
  });
});

describe('clicks on a header', () => {
  it('go through first direction, other direction, none', () => {
    const once = toggleSort([], 'metrics.acc', false);
    const twice = toggleSort(once, 'metrics.acc', false);
    expect([once, twice, toggleSort(twice, 'metrics.acc', false)]).toEqual([[{ column: 'metrics.acc', desc: true }], [{ column: 'metrics.acc', desc: false }], []]);
    expect(toggleSort([], 'params.lr', false)).toEqual([{ column: 'params.lr', desc: false }]);
  });

  it('add a second order with Shift and replace without', () => {
    const sort = toggleSort([{ column: 'params.lr', desc: false }], 'metrics.acc', true);
    expect(sort.map(({ column }) => column)).toEqual(['params.lr', 'metrics.acc']);
    expect(toggleSort(sort, 'params.seed', false)).toEqual([{ column: 'params.seed', desc: false }]);
    expect(toggleSort(toggleSort(sort, 'params.lr', true), 'params.lr', true)).toEqual([{ column: 'metrics.acc', desc: true }]);
  });

  it('become an order_by that quotes what is no plain word', () => {
    expect(orderByOf(busy.sort)).toEqual(['metrics.`val loss` ASC', 'params.`a,b` DESC']);
    expect(quoteColumn('metrics.a`b')).toBe('metrics."a`b"');
    expect(quoteColumn('attributes.start_time')).toBe('attributes.start_time');
  });
});
