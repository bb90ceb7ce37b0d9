import { WireError } from '@sotto/wire';
import { BtDictReader, type BtListReader, cursorOver, encodeBt } from '@sotto/wire/bt';
import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { ConfigError } from '../errors.ts';
import { decodeMessage, LAG } from '../message/index.ts';
import type { PartSet, StoredPart } from '../pack/index.ts';
import {
  apply,
  type Dict,
  diff,
  EMPTY_DICT,
  Encoder,
  pick,
  prune,
  type Source,
  takeDict,
  takeDiff,
  writeDiff,
} from '../values/index.ts';
import type { ConfigState } from './contract.ts';
import type { Snapshot } from './snapshot.ts';

const VERSION = 2;
/** It held the message too, and wholly what now is told by what is different. */
const FIRST_VERSION = 1;
const STATES: readonly ConfigState[] = ['clean', 'dirty', 'waiting'];
const HASH_BYTES = 32;

/** A snapshot in bytes. The message is large and often stays the same; all else is small, unless parts are waited for. */
export interface Dump {
  readonly state: Uint8Array;
  /** {@link ConfigMessage.bytes}, as they were made or received. */
  readonly message: Uint8Array;
}

/** Writes a snapshot for this device's own storage. It holds what the config says: store it encrypted. */
export function encodeDump(snapshot: Snapshot): Dump {
  const { state, message, original, base, early, currentHashes, oldHashes, parts } = snapshot;
  return {
    state: encodeBt({
      base: differenceOf(base, message.data),
      current: currentHashes,
      early,
      old: oldHashes,
      original: differenceOf(original, message.data),
      parts: parts.map(([whole, set]) => [
        hexToBytes(whole),
        set.expiry,
        set.done ? 0 : set.count,
        set.done ? [] : [...set.parts].map(([index, { hash, chunk }]) => [index, hash, chunk]),
      ]),
      state: STATES.indexOf(state),
      version: VERSION,
    }),
    message: message.bytes,
  };
}

/**
 * Reads {@link encodeDump}; of its first version, in which the message is part of the state, too. `lag` must be that of
 * the config.
 * @throws ConfigError `dump` if it was damaged or made by a newer version.
 */
export function decodeDump(dump: Dump, lag: number = LAG): Snapshot {
  try {
    const version = new BtDictReader(dump.state).at('version').readNumber();
    if (version !== VERSION && version !== FIRST_VERSION) throw new ConfigError('dump', 'unknown version');
    const isFirst = version === FIRST_VERSION;
    const reader = new BtDictReader(dump.state);
    const readData = isFirst ? wholeOf : changedOf;
    const base = readData(reader.at('base'));
    const currentHashes = readTexts(reader.at('current').readList());
    const early = reader.at('early').readBoolean();
    const message = decodeMessage(isFirst ? reader.at('message').readBytes() : dump.message, lag);
    const oldHashes = readTexts(reader.at('old').readList());
    const original = readData(reader.at('original'));
    const parts = readParts(reader.at('parts').readList());
    const state = STATES[reader.at('state').readNumber()];
    if (!state) throw new ConfigError('dump', 'unknown state');
    return {
      state,
      message,
      original: original(message.data),
      base: base(message.data),
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

/** What has to be done to the message's data to have `data`, and the values for it; nothing at all stands for no data. */
function differenceOf(data: Dict, messageData: Dict): Uint8Array[] {
  if (data.size === 0) return [];
  const changes = diff(messageData, data);
  const [written, values] = [new Encoder(), new Encoder()];
  writeDiff(written, changes);
  values.dict(pick(data, changes));
  return [written.written, values.written];
}

/** Reads {@link differenceOf}. */
function changedOf(reader: BtDictReader): (messageData: Dict) => Dict {
  const list = reader.readList();
  if (list.next === 'end') return () => EMPTY_DICT;
  const changes = takeDiff(sourceOf(list.readBytes()), 0);
  const values = takeDict(sourceOf(list.readBytes()), 0, true);
  return (messageData) => orEmpty(prune(apply(messageData, changes, values)));
}

/** As the first version has it: nothing stands for data that is the message's own. */
function wholeOf(reader: BtDictReader): (messageData: Dict) => Dict {
  const encoded = reader.readBytes();
  return (messageData) => (encoded.length === 0 ? messageData : orEmpty(takeDict(sourceOf(encoded), 0, true)));
}

function sourceOf(bytes: Uint8Array): Source {
  return { ...cursorOver(bytes), canonical: true };
}

function orEmpty(dict: Dict): Dict {
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
