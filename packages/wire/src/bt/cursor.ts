import { WireError } from '../errors.ts';
import { MAXIMUM_DEPTH, MAXIMUM_INTEGER, MINIMUM_INTEGER } from './value.ts';

export const DICT = 0x64;
export const END = 0x65;
export const INTEGER = 0x69;
export const LIST = 0x6c;

const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;

/** Digits that a double surely holds exactly. */
const EXACT_DIGITS = 15;
const SHORT_TEXT = 24;

/** A position in encoded bytes; the functions below read at it and move it. All of them throw WireError `bt`. */
export interface Cursor {
  readonly bytes: Uint8Array;
  position: number;
}

/** A cursor over plain bytes, so that every part it hands out is a Uint8Array and none a Buffer. */
export function cursorOver(bytes: Uint8Array): Cursor {
  const plain = Buffer.isBuffer(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
  return { bytes: plain, position: 0 };
}

/** The string at the cursor, as a view of the input. */
export function takeBytes(cursor: Cursor): Uint8Array {
  const size = takeLength(cursor);
  const start = cursor.position;
  cursor.position = start + size;
  return cursor.bytes.subarray(start, cursor.position);
}

/** The string at the cursor as latin1 text. */
export function takeLatin1(cursor: Cursor): string {
  const size = takeLength(cursor);
  const { bytes, position } = cursor;
  cursor.position = position + size;
  if (size > SHORT_TEXT) return Buffer.from(bytes.buffer, bytes.byteOffset + position, size).toString('latin1');
  let text = '';
  for (let index = position; index < cursor.position; index++) text += String.fromCharCode(bytes[index]!);
  return text;
}

/** Reads `<length>:`; that many bytes are known to follow. Leading zeros are taken, as the network's reader does. */
export function takeLength(cursor: Cursor): number {
  const { bytes } = cursor;
  let { position } = cursor;
  let size = 0;
  const first = position;
  for (; position < bytes.length; position++) {
    const digit = bytes[position]! - ZERO;
    if (digit < 0 || digit > 9) break;
    size = size * 10 + digit;
    if (size > bytes.length) throw new WireError('bt', 'string longer than the input');
  }
  if (position === first || bytes[position] !== COLON) throw new WireError('bt', 'not a string');
  position++;
  if (size > bytes.length - position) throw new WireError('bt', 'string longer than the input');
  cursor.position = position;
  return size;
}

/** The integer at the cursor: a number while it surely fits one, else a bigint within −2⁶³ … 2⁶⁴−1. */
export function takeInteger(cursor: Cursor): number | bigint {
  const { bytes } = cursor;
  let { position } = cursor;
  if (bytes[position++] !== INTEGER) throw new WireError('bt', 'not an integer');
  const negative = bytes[position] === MINUS;
  if (negative) position++;
  const first = position;
  while (bytes[position] === ZERO) position++;
  const significant = position;
  let value = 0;
  for (; position < bytes.length; position++) {
    const digit = bytes[position]! - ZERO;
    if (digit < 0 || digit > 9) break;
    if (position - significant < EXACT_DIGITS) value = value * 10 + digit;
  }
  if (position === first || bytes[position] !== END) throw new WireError('bt', 'malformed integer');
  cursor.position = position + 1;
  const digits = position - significant;
  if (digits <= EXACT_DIGITS) return negative ? 0 - value : value;
  if (digits > 20) throw new WireError('bt', 'integer out of range');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + significant, digits).toString('latin1');
  const large = negative ? -BigInt(text) : BigInt(text);
  if (large < MINIMUM_INTEGER || large > MAXIMUM_INTEGER) throw new WireError('bt', 'integer out of range');
  return large;
}

/** Moves over one value of any type, checking its form. `depth` is how many lists and dicts are open around it. */
export function skipValue(cursor: Cursor, depth: number): void {
  const type = cursor.bytes[cursor.position];
  if (type === INTEGER) {
    takeInteger(cursor);
  } else if (type === LIST) {
    enter(cursor, depth);
    while (!atEnd(cursor)) skipValue(cursor, depth + 1);
    cursor.position++;
  } else if (type === DICT) {
    enter(cursor, depth);
    while (!atEnd(cursor)) {
      skipBytes(cursor);
      skipValue(cursor, depth + 1);
    }
    cursor.position++;
  } else {
    skipBytes(cursor);
  }
}

/** Steps over the `l` or `d` at the cursor. */
export function enter(cursor: Cursor, depth: number): void {
  if (depth >= MAXIMUM_DEPTH) throw new WireError('bt', 'nested too deeply');
  cursor.position++;
}

/** Is the end mark of the open list or dict next? @throws WireError `bt` if the input ends before it. */
export function atEnd(cursor: Cursor): boolean {
  if (cursor.position >= cursor.bytes.length) throw new WireError('bt', 'the input ends in the middle');
  return cursor.bytes[cursor.position] === END;
}

function skipBytes(cursor: Cursor): void {
  const size = takeLength(cursor);
  cursor.position += size;
}
