/**
 * JSON as training scripts really send it: Python's json module writes bare NaN and Infinity, and some clients wrap
 * the JSON text in a JSON string once more.
 */

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

/** JSON.parse that takes bare NaN, Infinity and -Infinity for the strings of these names. */
function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    // Strings are matched first (an unfinished one to its end), so that nothing inside them is touched.
    return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*(?:"|$)|-?\b(?:NaN|Infinity)\b/gs, (token) => (token.startsWith('"') ? token : `"${token}"`)));
  }
}
