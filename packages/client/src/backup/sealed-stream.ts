import { type Random, utf8ToBytes, wipe } from '@sotto/wire/bytes';
import { SecretStreamOpener, SecretStreamSealer, STREAM_HEADER_BYTES, STREAM_OVERHEAD_BYTES } from '@sotto/wire/crypto';
import { EngineError } from '../engine.ts';
import { isBearable, PASSPHRASE_COST, passphraseKey, SALT_BYTES } from '../store/passphrase-key.ts';
import { ByteReader } from './byte-reader.ts';

const MAGIC = 'SOTTOBAK';
const VERSION = 1;
/** Magic, version, memory in KiB (32 bits, big-endian), passes, parallelism, salt, stream header. */
const HEADER_BYTES = MAGIC.length + 1 + 4 + 1 + 1 + SALT_BYTES + STREAM_HEADER_BYTES;
/** Plaintext bytes of a chunk; the last one is shorter, perhaps empty. */
const CHUNK_BYTES = 65_536;

/**
 * Seals a stream with a passphrase: a header, then chunks of XChaCha20-Poly1305 whose order and end are authenticated. The
 * first chunk is empty: it tells whether the passphrase is right, before anything else has come (docs/backup.md).
 */
export async function* sealStream(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
  random: Random,
): AsyncGenerator<Uint8Array, void, undefined> {
  const salt = random(SALT_BYTES);
  const streamHeader = random(STREAM_HEADER_BYTES);
  const key = await passphraseKey(passphrase, salt, PASSPHRASE_COST);
  const sealer = new SecretStreamSealer(key, streamHeader);
  wipe(key);
  const seal = (chunk: Uint8Array, isLast: boolean) => {
    const sealed = new Uint8Array(chunk.length + STREAM_OVERHEAD_BYTES);
    sealer.seal(chunk, isLast, sealed);
    return sealed;
  };
  yield headerOf(salt, streamHeader);
  yield seal(new Uint8Array(), false);
  const reader = new ByteReader(source);
  try {
    for (;;) {
      const chunk = await reader.read(CHUNK_BYTES);
      const isLast = chunk.length < CHUNK_BYTES;
      yield seal(chunk, isLast);
      if (isLast) return;
    }
  } finally {
    await reader.close();
  }
}

/**
 * Opens what {@link sealStream} made, chunk by chunk, each authentic when it is given out.
 * @throws EngineError `wrong-passphrase`; `bad-backup` if it is something else, changed, cut off, or longer than it was
 */
export async function* openStream(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new ByteReader(source);
  try {
    const opener = await openerOf(await reader.read(HEADER_BYTES), passphrase);
    const check = await reader.read(STREAM_OVERHEAD_BYTES);
    if (check.length < STREAM_OVERHEAD_BYTES) throw cutOff();
    if (!opener.open(check, new Uint8Array())) {
      throw new EngineError('wrong-passphrase', 'this is not the passphrase of the backup');
    }
    for (;;) {
      const sealed = await reader.read(CHUNK_BYTES + STREAM_OVERHEAD_BYTES);
      if (sealed.length < STREAM_OVERHEAD_BYTES) throw cutOff();
      const chunk = new Uint8Array(sealed.length - STREAM_OVERHEAD_BYTES);
      const opened = opener.open(sealed, chunk);
      if (!opened) throw badBackup('the backup is damaged or not complete');
      yield chunk;
      if (!opened.isLast) continue;
      if ((await reader.read(1)).length > 0) throw badBackup('something was added to the backup');
      return;
    }
  } finally {
    await reader.close();
  }
}

/** What is wrong with a backup, but not with its passphrase. */
export function badBackup(message: string): EngineError {
  return new EngineError('bad-backup', message);
}

function cutOff(): EngineError {
  return badBackup('the backup is not complete');
}

function headerOf(salt: Uint8Array, streamHeader: Uint8Array): Uint8Array {
  const { memory, passes, parallelism } = PASSPHRASE_COST;
  const cost = new Uint8Array(6);
  new DataView(cost.buffer).setUint32(0, memory);
  cost.set([passes, parallelism], 4);
  return new Uint8Array(Buffer.concat([utf8ToBytes(MAGIC), Uint8Array.of(VERSION), cost, salt, streamHeader]));
}

async function openerOf(header: Uint8Array, passphrase: string): Promise<SecretStreamOpener> {
  if (Buffer.from(header.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC)
    throw badBackup('this is not a backup of Sotto');
  if (header.length < HEADER_BYTES) throw cutOff();
  const view = new DataView(header.buffer, header.byteOffset + MAGIC.length);
  if (view.getUint8(0) !== VERSION) throw badBackup('the backup was written by a newer version');
  const cost = { memory: view.getUint32(1), passes: view.getUint8(5), parallelism: view.getUint8(6) };
  if (!isBearable(cost)) throw badBackup('the backup is damaged');
  const salt = header.subarray(HEADER_BYTES - STREAM_HEADER_BYTES - SALT_BYTES, HEADER_BYTES - STREAM_HEADER_BYTES);
  const key = await passphraseKey(passphrase, salt, cost);
  try {
    return new SecretStreamOpener(key, header.subarray(HEADER_BYTES - STREAM_HEADER_BYTES));
  } finally {
    wipe(key);
  }
}
