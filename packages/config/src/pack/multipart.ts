import { atEnd, cursorOver, enter, takeBytes } from '@sotto/wire/bt';
import { bytesToHex } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';
import { ConfigError } from '../errors.ts';
import { Encoder } from '../values/index.ts';
import { MAX_STORED_BYTES } from './limits.ts';

const MARK = 0x6d;
const HASH_BYTES = 32;
const CHUNK_BYTES = 76_710;

/** One part of a config that is too large for one message (config §7.2). */
export interface Part {
  /** Hash of the whole, 32 bytes as lower-case hex. */
  readonly whole: string;
  readonly index: number;
  readonly count: number;
  readonly chunk: Uint8Array;
}

/** The hash that all parts of a whole name, 32 bytes. */
export function wholeHash(whole: Uint8Array): Uint8Array {
  return blake2b(HASH_BYTES, whole);
}

/**
 * The plaintexts of the parts of padded bytes that do not fit into one message (config §7.2). `hash`: {@link wholeHash},
 * which takes a while and is not computed twice.
 */
export function splitIntoParts(whole: Uint8Array, hash: Uint8Array, chunkBytes: number = CHUNK_BYTES): Uint8Array[] {
  const count = Math.ceil(whole.length / chunkBytes);
  return Array.from({ length: count }, (_, index) => {
    const encoder = new Encoder();
    encoder.raw(Uint8Array.of(MARK));
    encoder.openList();
    encoder.scalar(hash);
    encoder.scalar(Uint8Array.of(index));
    encoder.scalar(Uint8Array.of(count));
    encoder.scalar(whole.subarray(index * chunkBytes, (index + 1) * chunkBytes));
    encoder.close();
    return encoder.written;
  });
}

/** Whether unpadded bytes are a part rather than a whole config. */
export function isPart(plaintext: Uint8Array): boolean {
  return plaintext[0] === MARK;
}

/** Reads a part; the chunk is a view of the input. @throws ConfigError `message` if it breaks a rule (config §7.2). */
export function readPart(plaintext: Uint8Array): Part {
  if (plaintext.length > MAX_STORED_BYTES) throw new ConfigError('message', 'a part beyond the size of a message');
  try {
    const cursor = cursorOver(plaintext.subarray(1));
    if (cursor.bytes[0] !== 0x6c) throw new ConfigError('message', 'a part is a list');
    enter(cursor, 0);
    const [hash, index, count, chunk] = [takeBytes(cursor), takeBytes(cursor), takeBytes(cursor), takeBytes(cursor)];
    if (!atEnd(cursor)) throw new ConfigError('message', 'a part has four elements');
    if (hash.length !== HASH_BYTES || index.length !== 1 || count.length !== 1 || chunk.length === 0) {
      throw new ConfigError('message', 'an element of a part has a wrong length');
    }
    if (count[0]! <= 1 || index[0]! >= count[0]!) throw new ConfigError('message', 'no such part');
    return { whole: bytesToHex(hash), index: index[0]!, count: count[0]!, chunk };
  } catch (error) {
    throw error instanceof ConfigError ? error : new ConfigError('message', 'a malformed part');
  }
}
