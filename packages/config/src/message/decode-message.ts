import { WireError } from '@sotto/wire';
import { atEnd, cursorOver, enter, skipValue } from '@sotto/wire/bt';
import { bytesToHex } from '@sotto/wire/bytes';
import { ed25519Verify } from '@sotto/wire/crypto';
import { ConfigError } from '../errors.ts';
import {
  type Dict,
  type Diff,
  EMPTY_DIFF,
  nextIs,
  SortedMap,
  type Source,
  takeDict,
  takeDiff,
  takeInt64,
  takeKey,
  takeString,
} from '../values/index.ts';
import { type ConfigMessage, compareRevisions, type Lag, messageHash } from './message.ts';

const HASH_BYTES = 32;
const SIGNATURE_BYTES = 64;

/**
 * Reads and checks a plaintext (config §3.1). With a `verifyKey` (Ed25519 public key, 32 bytes) the message must be
 * signed by it; otherwise a signature is only looked at for its length. What was read shares memory with `bytes`.
 * @throws ConfigError `message` for anything that breaks a rule.
 */
export function decodeMessage(bytes: Uint8Array, lag: number, verifyKey: Uint8Array | null = null): ConfigMessage {
  try {
    const source: Source = { ...cursorOver(bytes), canonical: true };
    const message = takeMessage(source, lag, verifyKey);
    return source.canonical ? message : withoutEncodings(message);
  } catch (error) {
    // WireErrors come from the reader of bencoding.
    throw error instanceof WireError ? new ConfigError('message', error.message) : error;
  }
}

function takeMessage(source: Source, lag: number, verifyKey: Uint8Array | null): ConfigMessage {
  const { bytes } = source;
  if (!nextIs(source, 'dict') || bytes.length < 2) throw new ConfigError('message', 'not a dict');
  enter(source, 0);
  if (atEnd(source) || takeKey(source) !== '#') throw new ConfigError('message', 'the seqno must come first');
  const seqno = takeInt64(source);
  let data: Dict | null = null;
  let lags: readonly Lag[] = [];
  let diff: Diff = EMPTY_DIFF;
  let signature: Uint8Array | null = null;
  const unknown: [key: string, value: Uint8Array][] = [];
  let previous = '#';
  while (!atEnd(source)) {
    if (signature) throw new ConfigError('message', 'something behind the signature');
    const keyAt = source.position;
    const key = takeKey(source);
    if (key <= previous) throw new ConfigError('message', 'keys out of order');
    previous = key;
    if (key === '&') data = takeDict(source, 1, true);
    else if (key === '<') lags = takeLags(source, seqno, lag);
    else if (key === '=') diff = takeDiff(source, 1);
    else if (key === '~') signature = takeSignature(source, bytes.subarray(0, keyAt), verifyKey);
    else unknown.push([key, takeEncoded(source)]);
  }
  if (!data) throw new ConfigError('message', 'the data is missing');
  // A later key in its place is enough: so the protocol's other readers take it.
  if (previous < '=') throw new ConfigError('message', 'the diff is missing');
  if (verifyKey && !signature) throw new ConfigError('message', 'the signature is missing');
  return {
    seqno,
    data,
    lags,
    diff,
    unknown: new SortedMap(
      unknown.map(([key]) => key),
      unknown.map(([, value]) => value),
    ),
    signature,
    bytes,
    hash: messageHash(bytes),
  };
}

function takeLags(source: Source, ownSeqno: bigint, window: number): readonly Lag[] {
  if (!nextIs(source, 'list')) throw new ConfigError('message', 'not a list');
  enter(source, 1);
  const lags: Lag[] = [];
  while (!atEnd(source)) {
    if (!nextIs(source, 'list')) throw new ConfigError('message', 'not a list');
    const start = source.position;
    enter(source, 2);
    const seqno = takeInt64(source);
    if (seqno >= ownSeqno) throw new ConfigError('message', 'a lag that is not older than the message');
    if (seqno <= ownSeqno - BigInt(window)) {
      source.position = start;
      skipValue(source, 2);
      continue;
    }
    const hash = takeString(source);
    if (hash.length !== HASH_BYTES) throw new ConfigError('message', 'a hash has 32 bytes');
    const lag = { seqno, hash: bytesToHex(hash), diff: takeDiff(source, 3) };
    if (!atEnd(source)) throw new ConfigError('message', 'a lag has three parts');
    source.position++;
    const last = lags.at(-1);
    if (last && compareRevisions(last, lag) >= 0) throw new ConfigError('message', 'lags out of order');
    lags.push(lag);
  }
  source.position++;
  return lags;
}

function takeSignature(source: Source, signed: Uint8Array, verifyKey: Uint8Array | null): Uint8Array {
  const signature = takeString(source);
  if (signature.length !== SIGNATURE_BYTES) throw new ConfigError('message', 'a signature has 64 bytes');
  if (verifyKey && !ed25519Verify(signed, signature, verifyKey)) {
    throw new ConfigError('message', 'the signature failed verification');
  }
  return signature;
}

function takeEncoded(source: Source): Uint8Array {
  const start = source.position;
  skipValue(source, 1);
  return source.bytes.subarray(start, source.position);
}

/** Forgets the bytes of dicts and diffs, which are not as this version would write them. */
function withoutEncodings(message: ConfigMessage): ConfigMessage {
  forget(message.data);
  forget(message.diff);
  for (const lag of message.lags) forget(lag.diff);
  return message;
}

function forget(map: SortedMap<unknown>): void {
  map.encoded = null;
  for (const value of map.values) if (value instanceof SortedMap) forget(value);
}
