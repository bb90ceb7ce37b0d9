/** Characters that turn the direction of what follows them, even outside of the text they come with. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const BEGIN = '\u2068';
const END = '\u2069';

/** A text without the characters that turn directions, so that no name reads as another one. */
export function withoutTurns(text: string): string {
  return text.replaceAll(TURNS, '');
}

/** What others wrote, ready to stand inside a sentence: whatever its direction, the sentence around it keeps its own. */
export function isolated(text: string): string {
  const plain = withoutTurns(text);
  return RIGHT_TO_LEFT.test(plain) ? `${BEGIN}${plain}${END}` : plain;
}
