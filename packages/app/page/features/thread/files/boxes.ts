import { textAt, viewOf } from './bytes.ts';

/*
 * MP4 and QuickTime are boxes in boxes: size (4) ‖ name (4) ‖ content. A size of 1 stands for one of 8 bytes after the
 * name, and 0 for all that follows.
 */
const LONG = 1;
const TO_THE_END = 0;

/** One box. */
export interface Box {
  readonly name: string;
  /** Where it begins. */
  readonly start: number;
  /** Shares memory with what it is in. */
  readonly content: Uint8Array;
}

/** All boxes that bytes consist of; `null` if they consist of anything else. */
export function boxesIn(bytes: Uint8Array): readonly Box[] | null {
  const boxes: Box[] = [];
  const view = viewOf(bytes);
  for (let start = 0; start < bytes.length; ) {
    const rest = bytes.length - start;
    const said = rest < 8 ? LONG : view.getUint32(start);
    const head = said === LONG ? 16 : 8;
    if (rest < head) return null;
    const size = said === LONG ? Number(view.getBigUint64(start + 8)) : said === TO_THE_END ? rest : said;
    if (size < head || size > rest) return null;
    boxes.push({ name: textAt(bytes, start + 4, 4), start, content: bytes.subarray(start + head, start + size) });
    start += size;
  }
  return boxes;
}

/** What is in the first box of these names, each in the one before; `null` without one. */
export function contentOf(bytes: Uint8Array, ...names: readonly string[]): Uint8Array | null {
  let content: Uint8Array | null = bytes;
  for (const wanted of names)
    content = content && (boxesIn(content)?.find(({ name }) => name === wanted)?.content ?? null);
  return content;
}
