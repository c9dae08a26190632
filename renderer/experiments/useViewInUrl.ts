/** Keeps the view and the address equal: the address opens the view, and the view, as it changes, becomes the address. */
import { useEffect } from 'react';
import { useSearchParams } from 'react-router';
import { useApp, useView } from '../state/context.tsx';
import { viewToQuery } from '../state/view.ts';

/** `key` names the view that this machine remembers, e.g. the experiment's id. Returns whether the view is open yet. */
export function useViewInUrl(key: string): boolean {
  const { view } = useApp();
  const [query, setQuery] = useSearchParams();
  const opened = useView((state) => state.key === key);
  const text = useView((state) => viewToQuery(state).toString());

  useEffect(() => {
    if (view.getState().key !== key) view.getState().open(key, query);
  }, [view, key, query]);
  // Leaving the page forgets which view is open, so that a link followed back here is read again.
  useEffect(() => () => view.getState().leave(), [view]);

  const current = query.toString();
  useEffect(() => {
    if (opened && text !== current) setQuery(text, { replace: true });
  }, [opened, text, current, setQuery]);
  return opened;
}
