/** Who sits here, as teammates see it: a name and a colour. Kept on this machine; spread by each document's awareness. */
import { createStore } from 'zustand/vanilla';
import { readLocal, writeLocal } from './local.ts';

export interface Person {
  name: string;
  /** One of `personColors`. */
  color: string;
}

export type PresenceStore = ReturnType<typeof createPresence>;

/** Dark enough for white initials, light enough to be seen on dark paper. */
export const personColors: readonly string[] = ['#3455DB', '#C2541B', '#16825F', '#A8478A', '#8A6500', '#0F7FB5', '#6A52B5', '#A63D40'];

const key = 'daybook.me';

/** `random` picks the first colour of a new profile. */
export function createPresence(storage: Storage | undefined, random: () => number = Math.random) {
  const first = personColors[Math.floor(random() * personColors.length)] ?? '#3455DB';
  const store = createStore<{ me: Person }>()(() => ({ me: { name: '', color: first, ...readLocal<Partial<Person>>(storage, key, {}) } }));
  const keep = (me: Person): void => {
    store.setState({ me });
    writeLocal(storage, key, me);
  };
  keep(store.getState().me);
  return Object.assign(store, {
    rename: (name: string) => keep({ ...store.getState().me, name: name.trim().slice(0, 100) }),
    recolor: (color: string) => keep({ ...store.getState().me, color }),
    /** The host's idea of the name, for a profile that has none. */
    suggest: (name: string) => {
      if (store.getState().me.name === '') store.setState({ me: { ...store.getState().me, name } });
    },
  });
}

/** Up to two letters for an avatar. */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => word !== '');
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...(word ?? '')][0]?.toUpperCase() ?? '').join('') || '·';
}
