/**
 * JSON as training scripts really send it: Python's json module writes bare NaN and Infinity, and some clients wrap
 * the JSON text in a JSON string once more.
 */
import { DaybookError } from '#contract';

const malformed = Symbol('malformed');

/**
 * Parses a request body. One that is no JSON object becomes an empty object that remembers why (`malformedReason`),
 * so that the route can name the field it misses.
 */
export function parseJsonBody(body: Buffer | string): Record<string, unknown> {
  const text = typeof body === 'string' ? body : body.toString('utf8');
  if (text === '') return {};
  try {
    let value = parseLenient(text);
    if (typeof value === 'string') value = parseLenient(value);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    return because('it is not a JSON object');
  } catch (error) {
    return because(error instanceof Error ? error.message.slice(0, 200) : 'it is not JSON');
  }
}

/** Why `parseJsonBody` found no JSON object, if so. */
export function malformedReason(values: object): string | undefined {
  return (values as { [malformed]?: string })[malformed];
}

function because(reason: string): Record<string, unknown> {
  return Object.assign({}, { [malformed]: reason });
}

/** JSON of something that a client sent. DaybookError `invalid_argument` when it is nested too deeply to be written. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch (error) {
    if (error instanceof RangeError) throw new DaybookError('invalid_argument', 'The request is nested too deeply.');
    throw error;
  }
}

/** Bodies up to this many characters cannot nest deeply enough to hold the host up. */
const shallowChars = 256 * 1024;
const maxDepth = 200;

/** Whether more than `maxDepth` lists and objects stand in one another. Much faster than making them all. */
function nestsTooDeeply(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case '"':
        for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
        break;
      case '[':
      case '{':
        if (++depth > maxDepth) return true;
        break;
      case ']':
      case '}':
        depth--;
    }
  }
  return false;
}

/** JSON.parse that takes bare NaN, Infinity and -Infinity for the strings of these names. */
function parseLenient(text: string): unknown {
  if (text.length > shallowChars && nestsTooDeeply(text)) throw new SyntaxError(`it nests more than ${maxDepth} levels deep`);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    // Strings are matched first (an unfinished one to its end), so that nothing inside them is touched.
    return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*(?:"|$)|-?\b(?:NaN|Infinity)\b/gs, (token) => (token.startsWith('"') ? token : `"${token}"`)));
  }
}
