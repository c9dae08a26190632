import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { colorOf, darkColors, dashesFor, lightColors, slotOf, stableHash } from './palette.ts';

const ids = Array.from({ length: 4000 }, (_, index) => index.toString(16).padStart(32, '0'));

describe('the palette', () => {
  it('gives an id the same slot for ever', () => {
    expect(stableHash('3f2a')).toBe(stableHash('3f2a'));
    expect([slotOf('a'.repeat(32)), slotOf('0123456789abcdef0123456789abcdef'), slotOf('')]).toMatchInlineSnapshot(`
      [
        9,
        12,
        13,
      ]
    `);
  });

  it('spreads ids evenly, also those that differ only at their end', () => {
    const counts = new Array<number>(20).fill(0);
    for (const id of ids) counts[slotOf(id)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(140);
    expect(Math.max(...counts)).toBeLessThan(270);
  });

  it('tells ids of one colour apart by pattern', () => {
    expect(dashesFor(['a', 'b', 'c', 'd'], { a: 1, b: 1, c: 2, d: 1 })).toEqual(['solid', '6px,3px', 'solid', '2px,2px']);
  });

  it('lets a person choose', () => {
    expect(slotOf('x', { x: 3 })).toBe(3);
    expect(slotOf('y', { x: 3 })).toBe(slotOf('y'));
  });

  it('is what the style sheet says', () => {
    const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
    const [light = '', dark = ''] = css.split("[data-theme='dark']");
    for (const [sheet, colors, theme] of [[light, lightColors, 'light'], [dark, darkColors, 'dark']] as const) {
      colors.forEach((color, slot) => {
        expect(sheet).toContain(`--run-${slot}: ${color.toLowerCase()};`);
        expect(colorOf(slot, theme)).toBe(color);
      });
    }
  });

  it('stands out from the paper', () => {
    for (const color of lightColors) expect(contrast(color, '#FFFFFF')).toBeGreaterThan(1.9);
    for (const color of darkColors) expect(contrast(color, '#1B1E24')).toBeGreaterThan(2.9);
  });
});

/** Contrast ratio of WCAG 2. */
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((start) => {
    const value = parseInt(hex.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
