/**
 * SQL's LIKE: `%` stands for any characters, `_` for one; there is no escape. The pattern is cut at its `%` signs and
 * the pieces are looked for from left to right, so no pattern can make it backtrack.
 */

/** A test of whole texts against a pattern. With `foldCase`, letters match in either case (ILIKE). */
export function likePattern(pattern: string, foldCase: boolean): (text: string) => boolean {
  const fold = (text: string) => (foldCase ? text.toLowerCase() : text);
  const [first = '', ...rest] = fold(pattern).split('%').map(characters);
  const last = rest.pop();
  return (text) => {
    const subject = characters(fold(text));
    if (last === undefined) return first.length === subject.length && matchesAt(subject, 0, first);
    const end = subject.length - last.length;
    if (end < first.length || !matchesAt(subject, 0, first) || !matchesAt(subject, end, last)) return false;
    let from = first.length;
    for (const middle of rest) {
      const found = find(subject, from, end - middle.length, middle);
      if (found < 0) return false;
      from = found + middle.length;
    }
    return true;
  };
}

/** `_` is one character, also where UTF-16 needs two units for it. */
function characters(text: string): ArrayLike<string> {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text;
}

function matchesAt(subject: ArrayLike<string>, at: number, wanted: ArrayLike<string>): boolean {
  if (at < 0 || at + wanted.length > subject.length) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] !== '_' && wanted[i] !== subject[at + i]) return false;
  }
  return true;
}

function find(subject: ArrayLike<string>, from: number, to: number, wanted: ArrayLike<string>): number {
  if (typeof subject === 'string' && typeof wanted === 'string' && !wanted.includes('_')) {
    const found = subject.indexOf(wanted, from);
    return found <= to ? found : -1;
  }
  for (let at = from; at <= to; at++) if (matchesAt(subject, at, wanted)) return at;
  return -1;
}
