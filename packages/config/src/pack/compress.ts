import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { concatBytes } from '@sotto/wire/bytes';
import { ConfigError } from '../errors.ts';

const COMPRESSED = 0x7a;
const LEVEL = 1;
/** Far more than the largest config that could be sent would unpack to; a bound against crafted messages. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

/** The plaintext compressed, if that makes it shorter; else itself (config §7 step 1). */
export function compress(plaintext: Uint8Array): Uint8Array {
  const frame = zstdCompressSync(plaintext, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
  return frame.length + 1 < plaintext.length ? concatBytes(Uint8Array.of(COMPRESSED), frame) : plaintext;
}

/** Undoes {@link compress}. @throws ConfigError `message` for a bad frame or one that unpacks to nothing or too much. */
export function decompress(packed: Uint8Array): Uint8Array {
  if (packed[0] !== COMPRESSED) return packed;
  let plaintext: Buffer;
  try {
    plaintext = zstdDecompressSync(packed.subarray(1), { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch {
    throw new ConfigError('message', 'it does not unpack');
  }
  if (plaintext.length === 0) throw new ConfigError('message', 'it unpacks to nothing');
  return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
}
