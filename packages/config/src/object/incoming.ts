import { ConfigError } from '../errors.ts';
import { type ConfigMessage, decodeMessage } from '../message/index.ts';
import { decompress, isPart, type Packing, type PartCollector, readPart, unpack, unpad } from '../pack/index.ts';
import type { Dict, Diff } from '../values/index.ts';

/** A message as a swarm holds it. */
export interface StoredMessage {
  /** The storage hash, by which it can be deleted or kept alive. */
  readonly hash: string;
  readonly data: Uint8Array;
}

/** Own edits: what was changed, and the data that has the values. */
export interface Edits {
  readonly changes: Diff;
  readonly source: Dict;
}

/** A config that came in, and the storage hashes of the message, or the parts, that brought it. */
export interface Incoming {
  readonly message: ConfigMessage;
  readonly hashes: readonly string[];
}

interface Reading {
  readonly packing: Packing;
  readonly lag: number;
  readonly verifyKey: Uint8Array | null;
  readonly parts: PartCollector;
  readonly now: number;
}

/** Reads stored messages (config §7.4). Bad ones are left out; parts are kept until they are complete. */
export function readIncoming(
  stored: readonly StoredMessage[],
  reading: Reading,
): { configs: Incoming[]; accepted: Set<string>; partsChanged: boolean } {
  const configs: Incoming[] = [];
  const accepted = new Set<string>();
  const partsBefore = new Map(reading.parts.sets);
  for (const message of stored) {
    try {
      const plaintext = unpack(message.data, reading.packing);
      if (isPart(plaintext)) {
        const outcome = takePart(plaintext, message.hash, reading);
        if (typeof outcome === 'object') configs.push(outcome);
      } else {
        configs.push({ message: readConfig(plaintext, reading), hashes: [message.hash] });
      }
      accepted.add(message.hash);
    } catch (error) {
      if (!(error instanceof ConfigError) || error.code !== 'message') throw error;
    }
  }
  const { sets } = reading.parts;
  const partsChanged =
    sets.size !== partsBefore.size || [...sets].some(([whole, set]) => partsBefore.get(whole) !== set);
  return { configs, accepted, partsChanged };
}

function takePart(plaintext: Uint8Array, hash: string, reading: Reading): Incoming | 'known' | 'stored' {
  const part = readPart(plaintext);
  const outcome = reading.parts.add(part, hash, reading.now);
  if (typeof outcome === 'string') return outcome;
  return { message: readConfig(unpad(outcome.whole), reading), hashes: outcome.hashes };
}

function readConfig(packed: Uint8Array, { lag, verifyKey }: Reading): ConfigMessage {
  return decodeMessage(decompress(packed), lag, verifyKey);
}
