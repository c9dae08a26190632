/**
 * Paths of artifacts as clients send them. A path is a name, never a place: it is checked in every form that someone
 * downstream could decode it to, and refused unless it is plain and relative in all of them.
 */
import { DaybookError } from '#contract';

/** One step of percent-decoding. Malformed escapes stay as they are, bytes that are no UTF-8 become U+FFFD. */
export function percentDecode(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'));
}

/**
 * The path itself when it is safe: relative, `/`-separated, already normalised. DaybookError `invalid_argument` otherwise.
 * `''` is the root and allowed only where `root` says so.
 */
export function safeArtifactPath(path: string, options: { root?: boolean } = {}): string {
  if (path === '' && options.root) return path;
  let form = path;
  for (let round = 0; ; round++) {
    const reason = unsafe(form);
    if (reason) throw new DaybookError('invalid_argument', `Invalid path: ${reason}. Use a relative path such as plots/loss.png.`, 'path');
    const decoded = percentDecode(form);
    if (decoded === form) return path;
    if (round === 20) throw new DaybookError('invalid_argument', 'Invalid path: it is percent-encoded too many times.', 'path');
    form = decoded;
  }
}

function unsafe(path: string): string | undefined {
  if (path.length > 4096) return 'it is longer than 4096 characters';
  if (/[\p{Cc}\u2028\u2029]/u.test(path)) return 'it holds control characters';
  if (path.includes('\\')) return 'it holds a backslash';
  if (path.includes('#')) return 'it holds a #';
  if (path.startsWith('/')) return 'it is absolute';
  if (/^[a-z]:/i.test(path)) return 'it starts with a drive letter';
  if (/^[a-z][\w+.-]*:\//i.test(path)) return 'it is a URI';
  for (const segment of path.split('/')) {
    if (segment === '') return 'it holds an empty part';
    if (/^\.+\s*$/.test(segment)) return `it holds the part "${segment}"`;
    if (segment.length > 255) return 'one of its parts is longer than 255 characters';
  }
  return undefined;
}
