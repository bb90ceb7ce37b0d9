import { type FileHandle, open, unlink } from 'node:fs/promises';
import type { Random } from '@sotto/wire/bytes';
import { SecretStreamOpener, SecretStreamSealer, STREAM_HEADER_BYTES, STREAM_OVERHEAD_BYTES } from '@sotto/wire/crypto';

/** Plaintext bytes of a chunk; the last one is shorter, perhaps empty. */
const CHUNK_BYTES = 65_536;
const SEALED_CHUNK_BYTES = CHUNK_BYTES + STREAM_OVERHEAD_BYTES;

/** The bytes of a sealed file are not what was written. */
export class SealedFileDamaged extends Error {
  constructor() {
    super('a file of this device is damaged');
    this.name = 'SealedFileDamaged';
  }
}

/**
 * Writes a new file, sealed chunk by chunk with a key that is used for nothing else; synced when it resolves with the
 * bytes of plaintext. What fails leaves no file. Throws the system's or the source's error.
 */
export async function writeSealed(
  path: string,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  key: Uint8Array,
  random: Random,
): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    const header = random(STREAM_HEADER_BYTES);
    await file.appendFile(header);
    const sealer = new SecretStreamSealer(key, header);
    const write = async (chunk: Uint8Array, isLast: boolean) => {
      const sealed = new Uint8Array(chunk.length + STREAM_OVERHEAD_BYTES);
      sealer.seal(chunk, isLast, sealed);
      await file.appendFile(sealed);
    };
    let size = 0;
    let pending = new Uint8Array();
    for await (const chunk of chunksOf(source)) {
      if (pending.length > 0) await write(pending, false);
      pending = chunk;
      size += chunk.length;
    }
    await write(pending, true);
    await file.sync();
    return size;
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * Reads it back, chunk by chunk, each authentic when it is given out; the end is checked too.
 * @throws SealedFileDamaged; the system's error if it cannot be read
 */
export async function* readSealed(path: string, key: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(path, 'r');
  try {
    const header = await readUpTo(file, STREAM_HEADER_BYTES);
    if (header.length < STREAM_HEADER_BYTES) throw new SealedFileDamaged();
    const opener = new SecretStreamOpener(key, header);
    for (;;) {
      const sealed = await readUpTo(file, SEALED_CHUNK_BYTES);
      if (sealed.length < STREAM_OVERHEAD_BYTES) throw new SealedFileDamaged();
      const chunk = new Uint8Array(sealed.length - STREAM_OVERHEAD_BYTES);
      const opened = opener.open(sealed, chunk);
      if (!opened) throw new SealedFileDamaged();
      yield chunk;
      if (opened.isLast) break;
    }
    if ((await readUpTo(file, 1)).length > 0) throw new SealedFileDamaged();
  } finally {
    await file.close();
  }
}

/** The same bytes in pieces of {@link CHUNK_BYTES}, copied, the last one shorter. */
async function* chunksOf(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let chunk = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  for await (const piece of source) {
    for (let start = 0; start < piece.length; ) {
      const part = piece.subarray(start, start + CHUNK_BYTES - filled);
      chunk.set(part, filled);
      filled += part.length;
      start += part.length;
      if (filled < CHUNK_BYTES) continue;
      yield chunk;
      chunk = new Uint8Array(CHUNK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

async function readUpTo(file: FileHandle, bytes: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await file.read(buffer, filled, bytes - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
