/**
 * Colours for things that are told apart by colour: ten colour-blind-safe hues (after Okabe and Ito) in two lightnesses, then
 * dash patterns. The style follows from the id alone, so the same thing looks the same on every machine and after every restart;
 * a person may pick another slot. Light and dark variants keep the hue. `tokens.css` holds the same values as `--run-0 … --run-19`
 * (a test compares them), so that markup needs no script to change theme.
 */

/** Slots 0–9 are the first lightness, 10–19 the second of the same hue. */
export const lightColors: readonly string[] = [
  '#0072B2', '#D55E00', '#008F68', '#B3508A', '#B07A00', '#1F8FC9', '#6F58B8', '#A63D40', '#5B7F1E', '#5C6470',
  '#4BA3D9', '#F0883E', '#35B893', '#D987B8', '#D9A421', '#7CC0E8', '#9F8CDB', '#D4777A', '#8CB34A', '#8D95A1',
];
export const darkColors: readonly string[] = [
  '#4DA9E0', '#F28B45', '#2FBF96', '#DD86B8', '#DCA73A', '#7FCBF2', '#A594E6', '#E07F7F', '#9CC257', '#A3ABB7',
  '#2C82B8', '#C7641F', '#168F6D', '#B3608F', '#A97C1A', '#4E9CC4', '#7A67BD', '#B35355', '#6F9332', '#767E8B',
];

/** Dash patterns of SVG, in px at a 1.5 px line; solid first. */
export const dashes: readonly string[] = ['solid', '6px,3px', '2px,2px', '8px,3px,2px,3px'];

/** FNV-1a over UTF-16 units: small, stable for ever, good enough to spread ids over slots. */
export function stableHash(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) {
    hash ^= id.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  // Final mixing: the low bits of FNV alone repeat for ids that differ only at their end.
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Colour slot 0–19 of an id; `chosen` holds the slots that people picked. */
export function slotOf(id: string, chosen: Readonly<Record<string, number>> = {}): number {
  return chosen[id] ?? stableHash(id) % lightColors.length;
}

/** The colour of a slot, for drawing code that cannot use `var(--run-N)`. */
export function colorOf(slot: number, theme: 'light' | 'dark'): string {
  const colors = theme === 'dark' ? darkColors : lightColors;
  return colors[slot % colors.length] ?? '#888888';
}

/**
 * One dash pattern per id: solid until two of these ids share a colour, then the next pattern for each further one.
 * Charts and the table ask for the same ids in the same order, so a line and its key look alike.
 */
export function dashesFor(ids: readonly string[], chosen: Readonly<Record<string, number>> = {}): string[] {
  const seen = new Map<number, number>();
  return ids.map((id) => {
    const slot = slotOf(id, chosen);
    const same = seen.get(slot) ?? 0;
    seen.set(slot, same + 1);
    return dashes[same % dashes.length] ?? 'solid';
  });
}
