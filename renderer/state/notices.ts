/** Short messages that pass by: what was done, with its undo, or what failed. */
import { createStore } from 'zustand/vanilla';

export interface Notice {
  id: number;
  text: string;
  kind: 'done' | 'failed';
  /** One thing to do about it. */
  action?: { label: string; run: () => void };
}

export interface Notices {
  notices: readonly Notice[];
  show(notice: Omit<Notice, 'id'>): void;
  dismiss(id: number): void;
}

export type NoticesStore = ReturnType<typeof createNotices>;

/** The notices of one window; the oldest of more than four goes. */
export function createNotices() {
  let last = 0;
  return createStore<Notices>()((set, get) => ({
    notices: [],
    show: (notice) => set({ notices: [...get().notices.slice(-3), { ...notice, id: ++last }] }),
    dismiss: (id) => set({ notices: get().notices.filter((notice) => notice.id !== id) }),
  }));
}
