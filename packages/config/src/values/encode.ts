import type { Scalar } from './scalar.ts';
import type { ScalarSet } from './scalar-set.ts';
import { SortedMap } from './sorted-map.ts';
import { type Dict, isDict, isSet, type Value } from './value.ts';

const INITIAL_SIZE = 1024;
/** Dicts up to this size keep a copy of their encoding, so that the next message only re-encodes what changed. */
const MAX_KEPT_BYTES = 4096;
const COLON = 0x3a;
const DICT = 0x64;
const END = 0x65;
const INTEGER = 0x69;
const LIST = 0x6c;

/** Writes canonical bencoding (config §2) into bytes that grow. */
export class Encoder {
  #bytes = new Uint8Array(INITIAL_SIZE);
  #size = 0;

  /** What has been written; a view that later writing may or may not change. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  openDict(): void {
    this.#byte(DICT);
  }

  openList(): void {
    this.#byte(LIST);
  }

  close(): void {
    this.#byte(END);
  }

  /** A dict key: latin1 text. */
  key(key: string): void {
    this.#length(key.length);
    for (let index = 0; index < key.length; index++) this.#bytes[this.#size++] = key.charCodeAt(index);
  }

  scalar(scalar: Scalar): void {
    if (typeof scalar === 'bigint') {
      this.#byte(INTEGER);
      this.#ascii(scalar.toString());
      this.#byte(END);
    } else {
      this.#length(scalar.length);
      this.#append(scalar);
    }
  }

  set(set: ScalarSet): void {
    this.openList();
    for (const member of set.members) this.scalar(member);
    this.close();
  }

  /** Something that is encoded already. */
  raw(encoded: Uint8Array): void {
    this.#reserve(encoded.length);
    this.#append(encoded);
  }

  /** A dict whose values `writeValue` writes; its encoding is re-used when it is known. */
  map<V>(map: SortedMap<V>, writeValue: (encoder: Encoder, value: V) => void): void {
    if (map.encoded) {
      this.raw(map.encoded);
      return;
    }
    const start = this.#size;
    // At once: step by step, a large map would be copied again and again.
    this.#reserve(expectedSize(map));
    this.openDict();
    for (let index = 0; index < map.size; index++) {
      this.key(map.keys[index]!);
      writeValue(this, map.values[index]!);
    }
    this.close();
    if (this.#size - start <= MAX_KEPT_BYTES) map.encoded = this.#bytes.slice(start, this.#size);
  }

  dict(dict: Dict): void {
    this.map(dict, writeValue);
  }

  #length(size: number): void {
    this.#ascii(String(size));
    this.#byte(COLON);
    this.#reserve(size);
  }

  #ascii(text: string): void {
    this.#reserve(text.length);
    for (let index = 0; index < text.length; index++) this.#bytes[this.#size++] = text.charCodeAt(index);
  }

  #append(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#size++] = byte;
  }

  #reserve(size: number): void {
    if (this.#size + size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#size + size, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}

/** At least what is known to be needed, and an eighth for what may follow. */
function expectedSize(map: SortedMap<unknown>): number {
  let size = 0;
  for (let index = 0; index < map.size; index++) {
    const value = map.values[index];
    size += map.keys[index]!.length + (value instanceof SortedMap ? (value.encoded?.length ?? 0) : 0);
  }
  return size + (size >> 3);
}

function writeValue(encoder: Encoder, value: Value): void {
  if (isDict(value)) encoder.dict(value);
  else if (isSet(value)) encoder.set(value);
  else encoder.scalar(value);
}
