/** Which addresses in a note are followed. Notes come from teammates, so everything not listed here is only text. */

const followed = new Set(['http:', 'https:', 'mailto:']);

/** The address if a click may open it; undefined for `javascript:`, `file:`, `data:`, relative ones and all else. */
export function linkTarget(href: string | undefined): string | undefined {
  if (!href) return undefined;
  try {
    return followed.has(new URL(href).protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}

export type ImageSource =
  /** A file of the note's own run: drawn at once. */
  | { kind: 'own'; path: string }
  /** Somewhere else: fetched only when a person clicks, so that opening a note tells nobody. */
  | { kind: 'remote'; url: string; host: string }
  | { kind: 'refused' };

/** Where a picture in a note may come from. */
export function imageSource(src: string | undefined): ImageSource {
  if (!src) return { kind: 'refused' };
  if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(src)) {
    try {
      const url = new URL(src, 'https://remote.invalid');
      return url.protocol === 'https:' || url.protocol === 'http:' ? { kind: 'remote', url: url.href, host: url.host } : { kind: 'refused' };
    } catch {
      return { kind: 'refused' };
    }
  }
  const parts = decoded(src).split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || parts.includes('..') || src.startsWith('/') || /[\\\0]/.test(src) ? { kind: 'refused' } : { kind: 'own', path: parts.join('/') };
}

/** Markdown escapes spaces in addresses as %20; artifact paths have the spaces themselves. */
function decoded(src: string): string {
  try {
    return decodeURIComponent(src);
  } catch {
    return src;
  }
}
