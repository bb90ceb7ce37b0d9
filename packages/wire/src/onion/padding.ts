const EMPTY_MEMBER = ',"p":""';

/**
 * Text of exactly `size` characters that goes before the closing brace of a non-empty JSON object and means nothing:
 * a member that receivers ignore, or white space where the member would not fit (onion-requests §7.4.3).
 */
export function jsonPadding(size: number): string {
  const room = size - EMPTY_MEMBER.length;
  return room < 0 ? ' '.repeat(size) : `,"p":"${'0'.repeat(room)}"`;
}
