/** What a JSON text may cost: how deep it nests, and how many brackets, braces, colons and commas it has in all. */
export interface JsonLimits {
  readonly depth: number;
  readonly marks: number;
}

/** So short a text cannot cost much, whatever it holds. */
const HARMLESS_BYTES = 4096;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Finds long JSON that would keep the parser busy: ten megabytes of `[` cost it seconds and hundreds of megabytes, with
 * nothing to show for it. Says what is too much, or `null`. Not a syntax check; up to the first syntax error the counts
 * are exact.
 */
export function jsonShapeProblem(bytes: Uint8Array, limits: JsonLimits): string | null {
  if (bytes.length <= HARMLESS_BYTES) return null;
  let depth = 0;
  let marks = 0;
  for (let index = 0; index < bytes.length; index++) {
    switch (bytes[index]) {
      case QUOTE:
        index = endOfString(bytes, index);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        marks++;
        if (++depth > limits.depth) return 'the JSON nests too deeply';
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
      case COLON:
        marks++;
        break;
    }
    if (marks > limits.marks) return 'the JSON has too many members';
  }
  return null;
}

/** Where the string that opens at `start` has its closing quote; the end of the input if it has none. */
function endOfString(bytes: Uint8Array, start: number): number {
  let quote = bytes.indexOf(QUOTE, start + 1);
  while (quote > 0 && isEscaped(bytes, quote, start)) quote = bytes.indexOf(QUOTE, quote + 1);
  return quote < 0 ? bytes.length : quote;
}

/** An odd number of backslashes before a quote makes it part of the string. */
function isEscaped(bytes: Uint8Array, quote: number, start: number): boolean {
  let before = quote - 1;
  while (before > start && bytes[before] === BACKSLASH) before--;
  return (quote - before) % 2 === 0;
}
