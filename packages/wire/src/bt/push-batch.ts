import { concatBytes } from '../bytes/index.ts';
import { encodeBt } from './encode.ts';
import { BtListReader } from './reader.ts';

/** A stored message as one node of a swarm gives it to another. Times are ms since 1970. */
export interface PushedMessage {
  /** 33 bytes, prefix included. */
  readonly account: Uint8Array;
  readonly hash: string;
  readonly timestamp: number;
  readonly expiry: number;
  readonly data: Uint8Array;
  /** Null where the sender's version does not tell it. */
  readonly namespace: number | null;
}

const VERSION = 1;
const ACCOUNT_BYTES = 33;
const HEX_ACCOUNT_BYTES = 66;

/** A new blob is begun rather than let one grow past this; receivers take 10 MiB. */
const MAXIMUM_BLOB_BYTES = 9_000_000;

/** What an item costs besides its hash and data, estimated generously: account, numbers, lengths. */
const ITEM_OVERHEAD_BYTES = 128;

/**
 * The blobs of `sn.data` for these messages, in order, each with as many as fit (node-network §7.3).
 * A message without a namespace is written with 0. No messages give no blobs.
 */
export function encodePushBatches(
  messages: Iterable<PushedMessage>,
  maximumBytes: number = MAXIMUM_BLOB_BYTES,
): Uint8Array[] {
  const blobs: Uint8Array[] = [];
  let batch: PushedMessage[] = [];
  let size = 0;
  for (const message of messages) {
    const cost = ITEM_OVERHEAD_BYTES + message.hash.length + message.data.length;
    if (batch.length > 0 && size + cost > maximumBytes) {
      blobs.push(encodeBatch(batch));
      batch = [];
      size = 0;
    }
    batch.push(message);
    size += cost;
  }
  if (batch.length > 0) blobs.push(encodeBatch(batch));
  return blobs;
}

function encodeBatch(messages: readonly PushedMessage[]): Uint8Array {
  const items = messages.map(({ account, hash, timestamp, expiry, data, namespace }) => [
    account,
    hash,
    timestamp,
    expiry,
    data,
    namespace ?? 0,
  ]);
  return concatBytes(Uint8Array.of(VERSION), encodeBt(items));
}

/**
 * Reads a blob of `sn.data` (node-network §7.3); items have five or six elements, later ones are ignored.
 * An empty blob, one of another version, or one with an account that is none gives no messages at all, as the network
 * does; data are views of the blob.
 * @throws WireError `bt` if the list or an item is malformed.
 */
export function decodePushBatch(blob: Uint8Array): PushedMessage[] {
  if (blob[0] !== VERSION) return [];
  const list = new BtListReader(blob.subarray(1));
  const messages: PushedMessage[] = [];
  while (list.next !== 'end') {
    const item = list.readList();
    const account = accountOf(item.readBytes());
    if (account === null) return [];
    messages.push({
      account,
      hash: item.readText(),
      timestamp: item.readNumber('int64'),
      expiry: item.readNumber('int64'),
      data: item.readBytes(),
      namespace: item.next === 'end' ? null : item.readNumber('int16'),
    });
  }
  return messages;
}

function accountOf(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length === ACCOUNT_BYTES) return bytes;
  if (bytes.length !== HEX_ACCOUNT_BYTES) return null;
  const decoded = Buffer.from(Buffer.from(bytes).toString('latin1'), 'hex');
  return decoded.length === ACCOUNT_BYTES ? new Uint8Array(decoded) : null;
}
