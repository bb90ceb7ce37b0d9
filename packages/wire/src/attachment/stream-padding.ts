import { STREAM_HEADER_BYTES, STREAM_OVERHEAD_BYTES } from '../crypto/index.ts';

/** Plaintext bytes of a chunk; the last one of a stream is shorter. */
export const CHUNK_BYTES = 32_768;
export const SEALED_CHUNK_BYTES: number = CHUNK_BYTES + STREAM_OVERHEAD_BYTES;
/** Type byte and header, before the chunks. */
export const PRELUDE_BYTES: number = 1 + STREAM_HEADER_BYTES;

/** Below this size classes do not get finer. */
const SMALLEST_CLASS_BYTES = 131_072;
const CLASSES = 32;

/** How many bytes of padding, at least one, go before a plaintext of `size` bytes (messages §8.2). */
export function streamPadding(size: number): number {
  const chunks = Math.ceil(size / CHUNK_BYTES);
  const least = size + PRELUDE_BYTES + 1 + STREAM_OVERHEAD_BYTES * chunks;
  const step = 2 ** Math.floor(Math.log2(Math.max(least, SMALLEST_CLASS_BYTES))) / CLASSES;
  const padding = Math.ceil(least / step) * step - least + 1;
  const room = chunks * CHUNK_BYTES - size;
  const whole = padding >= SEALED_CHUNK_BYTES ? Math.floor(padding / SEALED_CHUNK_BYTES) : 0;
  const chunksMore = whole + (padding % SEALED_CHUNK_BYTES > room ? 1 : 0);
  return padding - chunksMore * STREAM_OVERHEAD_BYTES;
}

/** How many bytes the sealed file of a plaintext of `size` bytes has. */
export function streamSealedSize(size: number): number {
  const padded = size + streamPadding(size);
  return PRELUDE_BYTES + padded + STREAM_OVERHEAD_BYTES * Math.ceil(padded / CHUNK_BYTES);
}
