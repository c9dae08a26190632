/** How this window looks: theme and panels. Kept on this machine. */
import { createStore } from 'zustand/vanilla';
import { readLocal, writeLocal } from './local.ts';

export type Theme = 'light' | 'dark' | 'system';

export interface Ui {
  theme: Theme;
  /** What `system` means now. */
  resolved: 'light' | 'dark';
  sidebar: boolean;
  /** Layouts of split panes by their id: percent by panel id. */
  layouts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  setTheme(theme: Theme): void;
  toggleSidebar(): void;
  setLayout(id: string, layout: Readonly<Record<string, number>>): void;
}

export type UiStore = ReturnType<typeof createUi>;

const key = 'daybook.ui';

/** `darkQuery` is the media query for a dark system; left out where there is none. */
export function createUi(storage: Storage | undefined, darkQuery?: MediaQueryList) {
  const resolve = (theme: Theme): 'light' | 'dark' => (theme === 'system' ? (darkQuery?.matches ? 'dark' : 'light') : theme);
  const kept = readLocal<Partial<Pick<Ui, 'theme' | 'sidebar' | 'layouts'>>>(storage, key, {});
  const theme = kept.theme ?? 'system';
  const store = createStore<Ui>()((set, get) => ({
    theme,
    resolved: resolve(theme),
    sidebar: kept.sidebar ?? true,
    layouts: kept.layouts ?? {},
    setTheme: (next) => set({ theme: next, resolved: resolve(next) }),
    toggleSidebar: () => set({ sidebar: !get().sidebar }),
    setLayout: (id, layout) => set({ layouts: { ...get().layouts, [id]: layout } }),
  }));
  const follow = (): void => store.setState({ resolved: resolve(store.getState().theme) });
  darkQuery?.addEventListener('change', follow);
  const undo = store.subscribe(({ theme: now, sidebar, layouts }) => writeLocal(storage, key, { theme: now, sidebar, layouts }));
  return Object.assign(store, {
    close() {
      undo();
      darkQuery?.removeEventListener('change', follow);
    },
  });
}
