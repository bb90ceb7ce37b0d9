import { WireError } from '../errors.ts';
import { type BtInput, MAXIMUM_DEPTH, MAXIMUM_INTEGER, MINIMUM_INTEGER } from './value.ts';

const INITIAL_SIZE = 512;
const COLON = 0x3a;
const DICT = 0x64;
const END = 0x65;
const INTEGER = 0x69;
const LIST = 0x6c;

const utf8 = new TextEncoder();

/**
 * The canonical bt encoding of a value: dict keys in ascending byte order, no leading zeros (node-network §2).
 * @throws WireError `bt` for an integer outside −2⁶³ … 2⁶⁴−1, a number that is not a safe integer, a key that is not
 * latin1, anything that is not a BtInput, or nesting deeper than 64.
 */
export function encodeBt(value: BtInput): Uint8Array {
  const output: Output = { bytes: new Uint8Array(INITIAL_SIZE), size: 0 };
  writeValue(output, value, 0);
  return output.bytes.subarray(0, output.size);
}

/** Bytes written so far; `bytes` is replaced by a larger array when it is full. */
interface Output {
  bytes: Uint8Array;
  size: number;
}

function writeValue(output: Output, value: BtInput, depth: number): void {
  if (typeof value === 'string') writeText(output, value);
  else if (value instanceof Uint8Array) writeBytes(output, value);
  else if (typeof value === 'object' && value !== null) writeContainer(output, value, depth);
  else writeInteger(output, digitsOf(value));
}

function writeContainer(output: Output, value: Exclude<BtInput & object, Uint8Array>, depth: number): void {
  if (depth >= MAXIMUM_DEPTH) throw new WireError('bt', 'nested too deeply');
  if (Array.isArray(value)) writeList(output, value, depth);
  else if (value instanceof Map) writeMap(output, value, depth);
  else writeObject(output, value as { readonly [key: string]: BtInput | undefined }, depth);
}

function digitsOf(value: unknown): string {
  switch (typeof value) {
    case 'number':
      if (!Number.isSafeInteger(value)) throw new WireError('bt', 'only safe integers can be encoded');
      return String(value);
    case 'bigint':
      if (value < MINIMUM_INTEGER || value > MAXIMUM_INTEGER) throw new WireError('bt', 'integer out of range');
      return value.toString();
    case 'boolean':
      return value ? '1' : '0';
    default:
      throw new WireError('bt', 'a value that bt encoding does not know');
  }
}

function writeInteger(output: Output, digits: string): void {
  reserve(output, digits.length + 2);
  output.bytes[output.size++] = INTEGER;
  writeAscii(output, digits);
  output.bytes[output.size++] = END;
}

function writeBytes(output: Output, bytes: Uint8Array): void {
  writeLength(output, bytes.length);
  output.bytes.set(bytes, output.size);
  output.size += bytes.length;
}

function writeText(output: Output, text: string): void {
  const size = Buffer.byteLength(text, 'utf8');
  writeLength(output, size);
  if (size === text.length) writeAscii(output, text);
  else output.size += utf8.encodeInto(text, output.bytes.subarray(output.size)).written;
}

function writeKey(output: Output, key: string): void {
  writeLength(output, key.length);
  const { bytes } = output;
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    if (code > 0xff) throw new WireError('bt', 'a dict key that is not latin1');
    bytes[output.size++] = code;
  }
}

function writeList(output: Output, items: readonly BtInput[], depth: number): void {
  writeByte(output, LIST);
  for (const item of items) writeValue(output, item, depth + 1);
  writeByte(output, END);
}

function writeMap(output: Output, entries: ReadonlyMap<string, BtInput>, depth: number): void {
  writeByte(output, DICT);
  for (const key of sorted([...entries.keys()])) {
    writeKey(output, key);
    writeValue(output, entries.get(key) as BtInput, depth + 1);
  }
  writeByte(output, END);
}

function writeObject(output: Output, entries: { readonly [key: string]: BtInput | undefined }, depth: number): void {
  writeByte(output, DICT);
  for (const key of sorted(Object.keys(entries))) {
    const value = entries[key];
    if (value === undefined) continue;
    writeKey(output, key);
    writeValue(output, value, depth + 1);
  }
  writeByte(output, END);
}

/** Callers mostly write their keys in order already, and then sorting again would only cost time. */
function sorted(keys: string[]): string[] {
  for (let index = 1; index < keys.length; index++) if (keys[index - 1]! > keys[index]!) return keys.sort();
  return keys;
}

/** Writes `<size>:` and makes room for that many bytes after it. */
function writeLength(output: Output, size: number): void {
  const digits = String(size);
  reserve(output, digits.length + 1 + size);
  writeAscii(output, digits);
  output.bytes[output.size++] = COLON;
}

/** Space must have been reserved. */
function writeAscii(output: Output, text: string): void {
  const { bytes } = output;
  let { size } = output;
  for (let index = 0; index < text.length; index++) bytes[size++] = text.charCodeAt(index);
  output.size = size;
}

function writeByte(output: Output, byte: number): void {
  reserve(output, 1);
  output.bytes[output.size++] = byte;
}

function reserve(output: Output, size: number): void {
  const needed = output.size + size;
  if (needed <= output.bytes.length) return;
  const larger = new Uint8Array(Math.max(needed + INITIAL_SIZE, output.bytes.length * 2));
  larger.set(output.bytes.subarray(0, output.size));
  output.bytes = larger;
}
