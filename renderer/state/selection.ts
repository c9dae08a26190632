/**
 * Which runs are shown, checked and pointed at. The eye says what charts draw; the checkbox says what a bulk action touches;
 * they never mean each other. Shared by table and charts, local to this window. Colours people picked are kept on this machine.
 */
import { createStore } from 'zustand/vanilla';
import { readLocal, writeLocal } from './local.ts';

/** Which runs are drawn when nobody said otherwise: the first ones of the table. */
export type EyeRule = { kind: 'first'; count: number } | { kind: 'all' } | { kind: 'none' };

export interface Selection {
  /** The run under the pointer, in the table or on a chart. */
  hovered: string | undefined;
  checked: ReadonlySet<string>;
  eyeRule: EyeRule;
  /** Runs whose eye was clicked; wins over the rule. */
  eyes: ReadonlyMap<string, boolean>;
  /** Colour slots that were picked, by run id; see `slotOf` in ui/palette.ts. */
  slots: Readonly<Record<string, number>>;
  hover(runId: string | undefined): void;
  check(runIds: readonly string[], on: boolean): void;
  clearChecked(): void;
  setEye(runId: string, on: boolean): void;
  /** Sets the rule and forgets single clicks. */
  setEyeRule(rule: EyeRule): void;
  pickSlot(runId: string, slot: number | undefined): void;
  /** Another set of runs is shown: checks and eyes of the old one go. */
  reset(): void;
}

export type SelectionStore = ReturnType<typeof createSelection>;

const slotsKey = 'daybook.slots';
export const defaultEyeRule: EyeRule = { kind: 'first', count: 10 };

/** The selection of one window. */
export function createSelection(storage: Storage | undefined) {
  return createStore<Selection>()((set, get) => ({
    hovered: undefined,
    checked: new Set(),
    eyeRule: defaultEyeRule,
    eyes: new Map(),
    slots: readLocal<Record<string, number>>(storage, slotsKey, {}),
    hover: (runId) => {
      if (get().hovered !== runId) set({ hovered: runId });
    },
    check: (runIds, on) => {
      const checked = new Set(get().checked);
      for (const id of runIds) {
        if (on) checked.add(id);
        else checked.delete(id);
      }
      set({ checked });
    },
    clearChecked: () => set({ checked: new Set() }),
    setEye: (runId, on) => set({ eyes: new Map(get().eyes).set(runId, on) }),
    setEyeRule: (eyeRule) => set({ eyeRule, eyes: new Map() }),
    pickSlot: (runId, slot) => {
      const slots = { ...get().slots };
      if (slot === undefined) delete slots[runId];
      else slots[runId] = slot;
      writeLocal(storage, slotsKey, slots);
      set({ slots });
    },
    reset: () => set({ hovered: undefined, checked: new Set(), eyes: new Map(), eyeRule: defaultEyeRule }),
  }));
}

/**
 * The rows whose eye is open, in table order. `index` counts rows, so "first 10" means the ten at the top.
 * At most `limit` rows come back; a chart of more lines is a grey block.
 */
export function visibleOf<Row extends { id: string }>(
  rows: Iterable<Row>,
  { eyeRule, eyes }: Pick<Selection, 'eyeRule' | 'eyes'>,
  limit = 1000,
): Row[] {
  const shown: Row[] = [];
  let index = 0;
  for (const row of rows) {
    if (eyes.get(row.id) ?? ruleShows(eyeRule, index)) shown.push(row);
    index += 1;
    if (shown.length >= limit) break;
  }
  return shown;
}

/** Whether the rule alone shows the row at `index`. */
export function ruleShows(rule: EyeRule, index: number): boolean {
  return rule.kind === 'all' || (rule.kind === 'first' && index < rule.count);
}
