/** UTF-16 units; the longest emoji of today have less than half of it. */
const LONGEST_EMOJI = 64;
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;
/** Marks that an emoji has no use for, and that could reach over what is around it. */
const OTHER_MARK = /(?![\ufe0e\ufe0f\u20e3])\p{M}/u;

/** An emoji may have many code points, but is one sign on the screen; anything else is no reaction (messages §5.4). */
export function isEmoji(text: string): boolean {
  const isShort = text.length <= LONGEST_EMOJI && PICTURE.test(text) && !OTHER_MARK.test(text);
  return isShort && [...new Intl.Segmenter().segment(text)].length === 1;
}
