import { join, textAt } from './bytes.ts';

/** Extensions that say how often an animation repeats; others are comments and what programs wrote about themselves. */
const KEPT_APPLICATIONS = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']);

/**
 * A GIF without comments, application data and whatever follows its end; pictures and timing stay bit for bit.
 * `null` if it is not a whole GIF.
 */
export function withoutNotes(gif: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const kept: Uint8Array[] = [];
  let at = 13;
  if (!/^GIF8[79]a$/.test(textAt(gif, 0, 6)) || gif.length < at) return null;
  at += colours(gif[10]!);
  kept.push(gif.subarray(0, at));
  while (at < gif.length) {
    const start = at;
    const kind = gif[at];
    if (kind === 0x3b) return join([...kept, Uint8Array.of(0x3b)]);
    if (kind === 0x2c) at += 10 + colours(gif[at + 9] ?? 0) + 1;
    else if (kind === 0x21) at += 2;
    else return null;
    const end = afterBlocks(gif, at);
    if (end === null) return null;
    const label = gif[start + 1];
    const isNote =
      kind === 0x21 && (label === 0xfe || (label === 0xff && !KEPT_APPLICATIONS.has(textAt(gif, start + 3, 11))));
    if (!isNote) kept.push(gif.subarray(start, end));
    at = end;
  }
  return null;
}

/** Bytes of a table of colours, from the flags that announce it. */
function colours(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** Where a chain of data blocks ends; `null` if the file ends before. */
function afterBlocks(gif: Uint8Array, start: number): number | null {
  let at = start;
  while (at < gif.length) {
    const size = gif[at]!;
    at += size + 1;
    if (size === 0) return at;
  }
  return null;
}
