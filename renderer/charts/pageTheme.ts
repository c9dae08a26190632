/** The page's theme for charts: read from the CSS variables, again whenever the page changes its theme. */
import { useMemo, useSyncExternalStore } from 'react';
import { chartTheme, type ChartTheme } from './theme.ts';

/** The same object until a token changes, so that it can be a dependency. */
export function useChartTheme(): ChartTheme {
  const key = useSyncExternalStore(followTheme, readTheme);
  return useMemo(() => JSON.parse(key) as ChartTheme, [key]);
}

function readTheme(): string {
  const style = getComputedStyle(document.body);
  return JSON.stringify(chartTheme((name) => style.getPropertyValue(name)));
}

/** The theme is an attribute or class of <html> or <body>; whichever changes, the tokens are read again. */
function followTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: ['class', 'data-theme', 'style'] });
  }
  return () => observer.disconnect();
}
