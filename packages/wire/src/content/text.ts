/** Unicode code points that an ordinary account may send in one message (messages §5.2). */
export const MAX_BODY_SENT = 2000;

/** Unicode code points of a received body that are kept; the rest is cut off (messages §5.2). */
export const MAX_BODY_RECEIVED = 10_000;

/** Length of a text in Unicode code points, as the limits of messages §5.2 count. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The first `limit` code points of a text. Never cuts a surrogate pair. */
export function cutToCodePoints(text: string, limit: number): string {
  // A code point takes one or two units, so most texts need no counting.
  if (text.length <= limit) return text;
  let count = 0;
  let end = 0;
  for (const character of text) {
    if (++count > limit) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

/** Whether a text has nothing but white space; such a body is not sent, and dropped when received (messages §5.2). */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}
