import { SecretStreamOpener, SecretStreamSealer, STREAM_OVERHEAD_BYTES } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { STEP_BYTES, type Steps } from './steps.ts';
import { CHUNK_BYTES, PRELUDE_BYTES, SEALED_CHUNK_BYTES, streamPadding, streamSealedSize } from './stream-padding.ts';
import { type StreamDerivation, type StreamPurpose, streamSecret } from './stream-secret.ts';

/** The largest plaintext of a stream, in bytes; it gives a file of {@link MAX_FILE_BYTES} (messages §6). */
export const MAX_STREAM_BYTES = 10_218_286;
/** The largest file that senders of either format make, in bytes. */
export const MAX_FILE_BYTES = 10_223_616;

const STREAM_TYPE = 0x53;
const PADDING_END = 1;
const LEAST_BYTES = PRELUDE_BYTES + STREAM_OVERHEAD_BYTES + 1;
const CHUNKS_OF_STEP = Math.max(1, Math.floor(STEP_BYTES / CHUNK_BYTES));

/** A sealed stream, and the 32-byte key for its pointer. */
export interface StreamFile {
  readonly file: Uint8Array;
  readonly key: Uint8Array;
}

/**
 * Pads and seals a content with secrets that come from itself and the account's 32-byte seed (messages §8.2).
 * @throws WireError `attachment` for more than 10,218,286 bytes.
 */
export function* sealStream(
  data: Uint8Array,
  seed: Uint8Array,
  purpose: StreamPurpose,
  derivation: StreamDerivation = 'released',
): Steps<StreamFile> {
  if (data.length > MAX_STREAM_BYTES) throw new WireError('attachment', 'the attachment is too large');
  const { header, key } = yield* streamSecret(seed, data, purpose, derivation);
  const padding = streamPadding(data.length);
  const plaintext = new Uint8Array(padding + data.length);
  plaintext[padding - 1] = PADDING_END;
  plaintext.set(data, padding);
  const file = new Uint8Array(streamSealedSize(data.length));
  file[0] = STREAM_TYPE;
  file.set(header, 1);
  const sealer = new SecretStreamSealer(key, header);
  const chunks = Math.ceil(plaintext.length / CHUNK_BYTES);
  for (let index = 0; index < chunks; index++) {
    const chunk = plaintext.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    const start = PRELUDE_BYTES + index * SEALED_CHUNK_BYTES;
    const sealed = file.subarray(start, start + chunk.length + STREAM_OVERHEAD_BYTES);
    sealer.seal(chunk, index === chunks - 1, sealed);
    if (index % CHUNKS_OF_STEP === 0) yield;
  }
  return { file, key };
}

/**
 * Opens {@link sealStream}, without the padding; the content may be empty (messages §8.2).
 * @throws WireError `attachment` with the protocol's own sentence.
 */
export function* openStream(file: Uint8Array, key: Uint8Array): Steps<Uint8Array> {
  const type = file[0];
  if (type !== undefined && type !== STREAM_TYPE) {
    throw failure(`unknown encryption type 0x${type.toString(16).padStart(2, '0')}; expected 0x53 (S)`);
  }
  if (file.length < LEAST_BYTES) throw failure('encrypted data too short');
  if (key.length !== 32) throw failure('the key does not have 32 bytes');
  const opener = new SecretStreamOpener(key, file.subarray(1, PRELUDE_BYTES));
  const chunks = Math.ceil((file.length - PRELUDE_BYTES) / SEALED_CHUNK_BYTES);
  const lastBytes = file.length - PRELUDE_BYTES - (chunks - 1) * SEALED_CHUNK_BYTES;
  if (lastBytes < STREAM_OVERHEAD_BYTES) throw failure('invalid key or corrupted data');
  const plaintext = new Uint8Array(file.length - PRELUDE_BYTES - chunks * STREAM_OVERHEAD_BYTES);
  let contentStart: number | null = null;
  for (let index = 0; index < chunks; index++) {
    const start = PRELUDE_BYTES + index * SEALED_CHUNK_BYTES;
    const chunk = plaintext.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    const opened = opener.open(file.subarray(start, start + SEALED_CHUNK_BYTES), chunk);
    if (opened === null) throw failure('invalid key or corrupted data');
    contentStart ??= afterPadding(chunk, index * CHUNK_BYTES);
    const isEnd = index === chunks - 1;
    if (isEnd && !opened.isLast) throw failure('end of data without FINAL tag');
    if (!isEnd && opened.isLast) throw failure('data after the FINAL tag');
    if (index % CHUNKS_OF_STEP === 0) yield;
  }
  if (contentStart === null) throw failure('data ended in the middle of padding');
  return plaintext.subarray(contentStart);
}

/** Where the content begins, counted from the start of the stream; `null` if the chunk is padding only. */
function afterPadding(chunk: Uint8Array, offset: number): number | null {
  const end = chunk.findIndex((byte) => byte !== 0);
  if (end < 0) return null;
  if (chunk[end] !== PADDING_END) throw failure('invalid padding');
  return offset + end + 1;
}

function failure(what: string): WireError {
  return new WireError('attachment', `Attachment decryption failed: ${what}`);
}
