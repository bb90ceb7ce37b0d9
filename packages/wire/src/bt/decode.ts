import { WireError } from '../errors.ts';
import {
  atEnd,
  type Cursor,
  cursorOver,
  DICT,
  enter,
  INTEGER,
  LIST,
  takeBytes,
  takeInteger,
  takeLatin1,
} from './cursor.ts';
import type { BtDict, BtValue } from './value.ts';

/**
 * Decodes one value that fills the whole input (node-network §2). Strings are views of the input, not copies.
 * Leading zeros, `-0`, unsorted and duplicate keys (the first wins) are taken as the network's reader takes them.
 * @throws WireError `bt` for anything malformed, integers outside −2⁶³ … 2⁶⁴−1, trailing bytes, nesting beyond 64.
 */
export function decodeBt(bytes: Uint8Array): BtValue {
  const cursor = cursorOver(bytes);
  const value = takeValue(cursor, 0);
  if (cursor.position !== bytes.length) throw new WireError('bt', 'bytes after the end');
  return value;
}

/** Decodes the value at the cursor and moves behind it. */
export function takeValue(cursor: Cursor, depth: number): BtValue {
  switch (cursor.bytes[cursor.position]) {
    case INTEGER:
      return BigInt(takeInteger(cursor));
    case LIST:
      return takeList(cursor, depth);
    case DICT:
      return takeDict(cursor, depth);
    default:
      return takeBytes(cursor);
  }
}

function takeList(cursor: Cursor, depth: number): BtValue[] {
  enter(cursor, depth);
  const items: BtValue[] = [];
  while (!atEnd(cursor)) items.push(takeValue(cursor, depth + 1));
  cursor.position++;
  return items;
}

function takeDict(cursor: Cursor, depth: number): BtDict {
  enter(cursor, depth);
  const entries: BtDict = new Map();
  let previous = '';
  let ascending = true;
  while (!atEnd(cursor)) {
    const key = takeLatin1(cursor);
    const value = takeValue(cursor, depth + 1);
    if (key < previous) ascending = false;
    previous = key;
    if (!entries.has(key)) entries.set(key, value);
  }
  cursor.position++;
  return ascending ? entries : new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
