/** Which key means what in the run table. Pure; the sheet of keys in frame/Shortcuts.tsx tells the same to people. */

export type TableCommand =
  | 'up' | 'down' | 'first' | 'last' | 'pageUp' | 'pageDown' | 'left' | 'right'
  | 'check' | 'checkAll' | 'eye' | 'open' | 'rename' | 'trash' | 'filter' | 'menu' | 'leave';

export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

const plain: Record<string, TableCommand> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  Home: 'first',
  End: 'last',
  PageUp: 'pageUp',
  PageDown: 'pageDown',
  ' ': 'check',
  e: 'eye',
  E: 'eye',
  Enter: 'open',
  F2: 'rename',
  Delete: 'trash',
  '/': 'filter',
  ContextMenu: 'menu',
  Escape: 'leave',
};

/** The command of a key press; undefined for keys that are none of the table's business. */
export function tableKey({ key, ctrlKey, metaKey, altKey, shiftKey }: Key): TableCommand | undefined {
  if (altKey) return undefined;
  if (ctrlKey || metaKey) return key.toLowerCase() === 'a' ? 'checkAll' : undefined;
  if (shiftKey && key === 'F10') return 'menu';
  return plain[key];
}
