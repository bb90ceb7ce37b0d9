import { WireError } from '@sotto/wire';
import { BtDictReader, type BtListReader, cursorOver, encodeBt } from '@sotto/wire/bt';
import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { ConfigError } from '../errors.ts';
import { decodeMessage, LAG } from '../message/index.ts';
import type { PartSet, StoredPart } from '../pack/index.ts';
import { type Dict, EMPTY_DICT, Encoder, takeDict } from '../values/index.ts';
import type { ConfigState } from './contract.ts';
import type { Snapshot } from './snapshot.ts';

const VERSION = 1;
const STATES: readonly ConfigState[] = ['clean', 'dirty', 'waiting'];
const HASH_BYTES = 32;

/** Writes a snapshot for this device's own storage. It holds what the config says: store it encrypted. */
export function encodeDump(snapshot: Snapshot): Uint8Array {
  const { state, message, original, base, early, currentHashes, oldHashes, parts } = snapshot;
  return encodeBt({
    base: dictOrShared(base, message.data),
    current: currentHashes,
    early,
    message: message.bytes,
    old: oldHashes,
    original: dictOrShared(original, message.data),
    parts: parts.map(([whole, set]) => [
      hexToBytes(whole),
      set.expiry,
      set.done ? 0 : set.count,
      set.done ? [] : [...set.parts].map(([index, { hash, chunk }]) => [index, hash, chunk]),
    ]),
    state: STATES.indexOf(state),
    version: VERSION,
  });
}

/**
 * Reads {@link encodeDump}. `lag` must be that of the config.
 * @throws ConfigError `dump` if it was damaged or made by a newer version.
 */
export function decodeDump(dump: Uint8Array, lag: number = LAG): Snapshot {
  try {
    if (new BtDictReader(dump).at('version').readNumber() !== VERSION) throw new ConfigError('dump', 'unknown version');
    const reader = new BtDictReader(dump);
    const base = reader.at('base').readBytes();
    const currentHashes = readTexts(reader.at('current').readList());
    const early = reader.at('early').readBoolean();
    const message = decodeMessage(reader.at('message').readBytes(), lag);
    const oldHashes = readTexts(reader.at('old').readList());
    const original = reader.at('original').readBytes();
    const parts = readParts(reader.at('parts').readList());
    const state = STATES[reader.at('state').readNumber()];
    if (!state) throw new ConfigError('dump', 'unknown state');
    return {
      state,
      message,
      original: readDict(original, message.data),
      base: readDict(base, message.data),
      early,
      currentHashes,
      oldHashes,
      parts,
    };
  } catch (error) {
    if (error instanceof WireError || error instanceof ConfigError) throw new ConfigError('dump', error.message);
    throw error;
  }
}

/** Nothing stands for data that is the message's own. */
function dictOrShared(dict: Dict, shared: Dict): Uint8Array {
  const encoder = new Encoder();
  if (dict !== shared) encoder.dict(dict);
  return encoder.written;
}

function readDict(encoded: Uint8Array, shared: Dict): Dict {
  if (encoded.length === 0) return shared;
  const dict = takeDict({ ...cursorOver(encoded), canonical: true }, 0, true);
  return dict.size === 0 ? EMPTY_DICT : dict;
}

function readTexts(list: BtListReader): string[] {
  const texts: string[] = [];
  while (list.next !== 'end') texts.push(list.readText());
  return texts;
}

function readParts(list: BtListReader): [whole: string, set: PartSet][] {
  const sets: [string, PartSet][] = [];
  while (list.next !== 'end') {
    const item = list.readList();
    const whole = bytesToHex(item.readFixedBytes(HASH_BYTES));
    const expiry = item.readNumber();
    const count = item.readNumber();
    const parts = new Map<number, StoredPart>();
    const chunks = item.readList();
    while (chunks.next !== 'end') {
      const chunk = chunks.readList();
      parts.set(chunk.readNumber(), { hash: chunk.readText(), chunk: chunk.readBytes().slice() });
    }
    sets.push([whole, count === 0 ? { done: true, expiry } : { done: false, expiry, count, parts }]);
  }
  return sets;
}
