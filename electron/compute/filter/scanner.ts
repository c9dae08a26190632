/**
 * Reads the words of a filter one by one, on demand: what a character run means depends on what may stand there
 * (`metrics.1e3` is a key, `1e3` a number), so there is no token list made beforehand. Linear in the text.
 */

/** The one error that parsing throws. `at`..`end` are the characters at fault, for underlining. */
export class FilterError extends Error {
  constructor(
    message: string,
    readonly at: number,
    readonly end: number,
  ) {
    super(message);
    this.name = 'FilterError';
  }
}

export type Quote = "'" | '"' | '`';

/** A quoted piece without its quotes; SQL's doubled quotes and backslashes inside stay as written, as in MLflow. */
export interface Quoted {
  quote: Quote;
  text: string;
  at: number;
}

const wordPattern = /[\p{L}\p{M}\p{N}_]+/uy;
const numberPattern = /-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const operatorPattern = /[<>=!~]+/y;

export interface Scanner {
  readonly text: string;
  /** Index of the next character. */
  position(): number;
  /** Goes back (or on) to a position met before. */
  seek(position: number): void;
  /** Skips blanks and answers the position of what follows. */
  blanks(): number;
  atEnd(): boolean;
  peek(): string;
  /** Takes exactly this character if it is next. */
  take(character: string): boolean;
  /** Letters of any script, digits and underscores; undefined when none is next. */
  word(): string | undefined;
  /** The next word without taking it, upper case. */
  peekWord(): string;
  number(): number | undefined;
  operator(): string | undefined;
  /** A quoted piece in one of these quotes. Throws FilterError when it does not end. */
  quoted(quotes: string): Quoted | undefined;
  /** A FilterError from `at` to the end of the word or sign there. */
  error(message: string, at: number): FilterError;
}

export function createScanner(text: string): Scanner {
  let at = 0;

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }

  function closing(quote: string, from: number): number {
    // A doubled or backslashed quote belongs to the string, unless no other quote ends it.
    let last = -1;
    for (let i = from; i < text.length; i++) {
      if (text[i] === '\\' && text[i + 1] === quote && quote !== '`') {
        last = i + 1;
        i++;
      } else if (text[i] === quote) {
        if (text[i + 1] !== quote) return i;
        last = i;
        i++;
      }
    }
    return last;
  }

  const scanner: Scanner = {
    text,
    position: () => at,
    seek: (position) => {
      at = position;
    },
    blanks: () => {
      while (at < text.length && text[at]!.trim() === '') at++;
      return at;
    },
    atEnd: () => at >= text.length,
    peek: () => text[at] ?? '',
    take: (character) => {
      if (text[at] !== character) return false;
      at++;
      return true;
    },
    word: () => match(wordPattern),
    peekWord: () => {
      const before = at;
      const word = match(wordPattern) ?? '';
      at = before;
      return word.toUpperCase();
    },
    number: () => {
      const found = match(numberPattern);
      return found === undefined ? undefined : Number(found);
    },
    operator: () => match(operatorPattern),
    quoted: (quotes) => {
      const quote = text[at];
      if (quote === undefined || !quotes.includes(quote)) return undefined;
      const start = at;
      const end = closing(quote, at + 1);
      if (end < 0) throw new FilterError(`The quote ${quote} opened here is never closed.`, start, text.length);
      at = end + 1;
      return { quote: quote as Quote, text: text.slice(start + 1, end), at: start };
    },
    error: (message, start) => {
      wordPattern.lastIndex = start;
      const length = wordPattern.exec(text)?.[0].length ?? 1;
      return new FilterError(message, start, Math.min(text.length, start + length));
    },
  };
  return scanner;
}
