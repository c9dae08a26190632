/** How this window looks: theme and panels. Kept on this machine. */
import { createStore } from 'zustand/vanilla';
import { readLocal, writeLocal } from './local.ts';

export type Theme = 'light' | 'dark' | 'system';

export interface Ui {
  theme: Theme;
  /** What `system` means now. */
  resolved: 'light' | 'dark';
  /** Whether the sidebar is open. On a narrow window it starts folded and opens for the moment; only a wide one remembers. */
  sidebar: boolean;
  /** Layouts of split panes by their id: percent by panel id. */
  layouts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  setTheme(theme: Theme): void;
  toggleSidebar(): void;
  setLayout(id: string, layout: Readonly<Record<string, number>>): void;
}

export type UiStore = ReturnType<typeof createUi>;

const key = 'daybook.ui';

/** `darkQuery` and `narrowQuery` are the media queries for a dark system and a narrow window; left out where there are none. */
export function createUi(storage: Storage | undefined, darkQuery?: MediaQueryList, narrowQuery?: MediaQueryList) {
  const resolve = (theme: Theme): 'light' | 'dark' => (theme === 'system' ? (darkQuery?.matches ? 'dark' : 'light') : theme);
  const kept = readLocal<Partial<Pick<Ui, 'theme' | 'sidebar' | 'layouts'>>>(storage, key, {});
  const theme = kept.theme ?? 'system';
  const narrow = (): boolean => narrowQuery?.matches ?? false;
  let wideSidebar = kept.sidebar ?? true;
  const store = createStore<Ui>()((set, get) => ({
    theme,
    resolved: resolve(theme),
    sidebar: wideSidebar && !narrow(),
    layouts: kept.layouts ?? {},
    setTheme: (next) => set({ theme: next, resolved: resolve(next) }),
    toggleSidebar: () => {
      const sidebar = !get().sidebar;
      if (!narrow()) wideSidebar = sidebar;
      set({ sidebar });
    },
    setLayout: (id, layout) => set({ layouts: { ...get().layouts, [id]: layout } }),
  }));
  const follow = (): void => store.setState({ resolved: resolve(store.getState().theme) });
  const fit = (): void => store.setState({ sidebar: wideSidebar && !narrow() });
  darkQuery?.addEventListener('change', follow);
  narrowQuery?.addEventListener('change', fit);
  const undo = store.subscribe(({ theme: now, layouts }) => writeLocal(storage, key, { theme: now, sidebar: wideSidebar, layouts }));
  return Object.assign(store, {
    close() {
      undo();
      darkQuery?.removeEventListener('change', follow);
      narrowQuery?.removeEventListener('change', fit);
    },
  });
}
