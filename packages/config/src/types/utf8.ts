import { utf8ToBytes } from '@sotto/wire/bytes';

const decoder = new TextDecoder();
const CONTINUATION_MASK = 0xc0;
const CONTINUATION = 0x80;

/** UTF-8 as text; bytes that are none become replacement characters. */
export function bytesToText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The beginning of a text that has at most `maxBytes` bytes as UTF-8, cut between characters (config §9). */
export function cutUtf8(text: Uint8Array | string, maxBytes: number): Uint8Array {
  const bytes = typeof text === 'string' ? utf8ToBytes(text) : text;
  if (bytes.length <= maxBytes) return bytes;
  let end = maxBytes;
  while (end > 0 && (bytes[end]! & CONTINUATION_MASK) === CONTINUATION) end--;
  return bytes.subarray(0, end);
}
