import { WireError } from '../errors.ts';
import {
  atEnd,
  type Cursor,
  cursorOver,
  DICT,
  END,
  INTEGER,
  LIST,
  skipValue,
  takeBytes,
  takeInteger,
  takeLatin1,
  takeLength,
} from './cursor.ts';
import { takeValue } from './decode.ts';
import type { BtValue } from './value.ts';

/** The integer types of the protocol's structures; a value outside the type's range is refused. */
export type BtIntegerType = 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64';

/** What comes next in a reader. */
export type BtNext = 'integer' | 'bytes' | 'list' | 'dict' | 'end';

const RANGES: Readonly<Record<BtIntegerType, readonly [minimum: bigint, maximum: bigint]>> = {
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  uint8: [0n, 2n ** 8n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * What list and dict readers share: each call reads the next value and moves behind it; there is no way back.
 * All of them throw WireError `bt` if the next value has another type, is out of range or is malformed.
 */
abstract class BtReader {
  protected readonly cursor: Cursor;

  protected constructor(bytes: Uint8Array, type: number, name: string) {
    this.cursor = cursorOver(bytes);
    if (bytes[0] !== type) throw new WireError('bt', `not a ${name}`);
    this.cursor.position = 1;
  }

  /** Brings the cursor to the next value; a dict steps over the key before it. */
  protected abstract toValue(): Cursor;

  /** The type of the next value, without moving. */
  get next(): BtNext {
    const { bytes, position } = this.toNext();
    switch (bytes[position]) {
      case undefined:
        throw new WireError('bt', 'the input ends in the middle');
      case END:
        return 'end';
      case INTEGER:
        return 'integer';
      case LIST:
        return 'list';
      case DICT:
        return 'dict';
      default:
        return 'bytes';
    }
  }

  protected toNext(): Cursor {
    return this.cursor;
  }

  /** The next string, as a view of the input. */
  readBytes(): Uint8Array {
    return takeBytes(this.toValue());
  }

  /** The next string, which must have exactly `size` bytes; a view of the input. */
  readFixedBytes(size: number): Uint8Array {
    const bytes = this.readBytes();
    if (bytes.length !== size) throw new WireError('bt', `expected ${size} bytes`);
    return bytes;
  }

  /** The next string, which must be UTF-8. */
  readText(): string {
    const bytes = this.readBytes();
    const ascii = shortAscii(bytes);
    if (ascii !== null) return ascii;
    try {
      return utf8.decode(bytes);
    } catch (error) {
      throw error instanceof WireError ? error : new WireError('bt', 'not UTF-8');
    }
  }

  /** The next integer as a bigint. */
  readBigInt(type: BtIntegerType = 'int64'): bigint {
    const value = BigInt(takeInteger(this.toValue()));
    const [minimum, maximum] = RANGES[type];
    if (value < minimum || value > maximum) throw new WireError('bt', `integer does not fit ${type}`);
    return value;
  }

  /** The next integer as a number; one beyond ±(2⁵³−1) is refused even where the type would hold it. */
  readNumber(type: BtIntegerType = 'int64'): number {
    const value = takeInteger(this.toValue());
    const [minimum, maximum] = RANGES[type];
    // Comparing a number with a bigint is exact and makes no new value.
    if (value < minimum || value > maximum) throw new WireError('bt', `integer does not fit ${type}`);
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new WireError('bt', 'integer too large for this reader');
    return number;
  }

  /** The next integer, which must be 0 or 1. */
  readBoolean(): boolean {
    const value = takeInteger(this.toValue());
    if (value !== 0 && value !== 1) throw new WireError('bt', 'not a boolean');
    return value === 1;
  }

  /** A reader of the next value, which must be a list; this reader moves behind it at once. */
  readList(): BtListReader {
    return new BtListReader(this.readEncoded());
  }

  /** A reader of the next value, which must be a dict; this reader moves behind it at once. */
  readDict(): BtDictReader {
    return new BtDictReader(this.readEncoded());
  }

  /** The next value of any type, decoded. */
  readValue(): BtValue {
    return takeValue(this.toValue(), 1);
  }

  /** The next value of any type as it is encoded; a view of the input. */
  readEncoded(): Uint8Array {
    const cursor = this.toValue();
    const start = cursor.position;
    skipValue(cursor, 1);
    return cursor.bytes.subarray(start, cursor.position);
  }

  /** Moves over the next value. */
  skip(): void {
    skipValue(this.toValue(), 1);
  }

  /**
   * Checks that every value was read and that nothing follows the end mark. Optional: most payloads of the network
   * may have bytes after their end.
   */
  finish(): void {
    const { bytes, position } = this.cursor;
    if (bytes[position] !== END) throw new WireError('bt', 'values left over');
    if (position + 1 !== bytes.length) throw new WireError('bt', 'bytes after the end');
  }
}

/** Reads a list from its first item to its last (node-network §2). @throws WireError `bt`, as all its methods do. */
export class BtListReader extends BtReader {
  constructor(bytes: Uint8Array) {
    super(bytes, LIST, 'list');
  }

  protected override toValue(): Cursor {
    return this.cursor;
  }
}

/**
 * Reads a dict forward only (node-network §2): keys must be asked for in ascending order; one that stands out of
 * order in the input hides or is hidden. @throws WireError `bt`, as all its methods do.
 */
export class BtDictReader extends BtReader {
  /** Where the value of the key at the cursor begins, once that key has been looked at; else 0. */
  #valueAt = 0;

  constructor(bytes: Uint8Array) {
    super(bytes, DICT, 'dict');
  }

  /**
   * Skips entries while their key is smaller and tells whether the next key is this one; if so, the next read gives
   * its value. Otherwise nothing is consumed beyond the smaller keys.
   */
  skipTo(key: string): boolean {
    const { cursor } = this;
    for (;;) {
      if (atEnd(cursor)) return false;
      const keyAt = cursor.position;
      const size = takeLength(cursor);
      const order = compare(cursor.bytes, cursor.position, size, key);
      this.#valueAt = cursor.position + size;
      cursor.position = keyAt;
      if (order >= 0) return order === 0;
      this.skip();
    }
  }

  /** Like {@link skipTo}, for a key that must be there: the reader itself, so that the read can follow at once. */
  at(key: string): this {
    if (!this.skipTo(key)) throw new WireError('bt', `key ${key} not found`);
    return this;
  }

  /** The next key without moving, as latin1 text; null at the end. */
  get nextKey(): string | null {
    const { cursor } = this;
    const keyAt = cursor.position;
    if (atEnd(cursor)) return null;
    const key = takeLatin1(cursor);
    this.#valueAt = cursor.position;
    cursor.position = keyAt;
    return key;
  }

  protected override toNext(): Cursor {
    if (this.#valueAt === 0 && this.nextKey === null) return this.cursor;
    return { bytes: this.cursor.bytes, position: this.#valueAt };
  }

  protected override toValue(): Cursor {
    if (this.#valueAt === 0 && this.nextKey === null) throw new WireError('bt', 'no entry left');
    this.cursor.position = this.#valueAt;
    this.#valueAt = 0;
    return this.cursor;
  }
}

const SHORT_TEXT = 24;

/** A short text of plain letters, for which the decoder would take longer; `null` for any other. */
function shortAscii(bytes: Uint8Array): string | null {
  if (bytes.length > SHORT_TEXT) return null;
  let text = '';
  for (let index = 0; index < bytes.length; index++) {
    const unit = bytes[index]!;
    if (unit > 0x7f) return null;
    text += String.fromCharCode(unit);
  }
  return text;
}

/** Orders `size` bytes at `start` against latin1 text by unsigned bytes; a prefix comes before the longer one. */
function compare(bytes: Uint8Array, start: number, size: number, text: string): number {
  const common = Math.min(size, text.length);
  for (let index = 0; index < common; index++) {
    const difference = bytes[start + index]! - text.charCodeAt(index);
    if (difference !== 0) return difference;
  }
  return size - text.length;
}
