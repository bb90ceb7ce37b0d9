import { type Argon2Parameters, argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import { utf8ToBytes, wipe } from '@sotto/wire/bytes';

const KEY_BYTES = 32;
/** Bytes of the salt of {@link passphraseKey}. */
export const SALT_BYTES = 16;

/** What Argon2id takes to make a key; `memory` in KiB. */
export interface PassphraseCost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** Argon2id, second recommended option of RFC 9106 §4: 64 MiB, 3 passes, 4 lanes. */
export const PASSPHRASE_COST: PassphraseCost = { memory: 65_536, passes: 3, parallelism: 4 };
const MAXIMUM_COST: PassphraseCost = { memory: 1_048_576, passes: 16, parallelism: 16 };

/** Whether a cost that a file asks for is possible, and does not exhaust this machine. */
export function isBearable({ memory, passes, parallelism }: Readonly<Record<keyof PassphraseCost, unknown>>): boolean {
  return (
    isWithin(parallelism, 1, MAXIMUM_COST.parallelism) &&
    isWithin(passes, 1, MAXIMUM_COST.passes) &&
    isWithin(memory, 8 * (parallelism as number), MAXIMUM_COST.memory)
  );
}

const argon2Async = promisify<'argon2id', Argon2Parameters, Buffer>(
  argon2 as (
    algorithm: 'argon2id',
    parameters: Argon2Parameters,
    done: (error: Error | null, key: Buffer) => void,
  ) => void,
);

/** A key of 32 bytes from a passphrase; the caller wipes it. */
export async function passphraseKey(
  passphrase: string,
  salt: Uint8Array,
  { memory, passes, parallelism }: PassphraseCost,
): Promise<Uint8Array> {
  // The same passphrase typed on another keyboard may arrive composed differently.
  const message = utf8ToBytes(passphrase.normalize('NFKC'));
  try {
    return await argon2Async('argon2id', { message, nonce: salt, memory, passes, parallelism, tagLength: KEY_BYTES });
  } finally {
    wipe(message);
  }
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
