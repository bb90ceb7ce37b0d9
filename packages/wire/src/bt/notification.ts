import { encodeBt } from './encode.ts';
import { BtDictReader } from './reader.ts';

/** What a node pushes to a subscriber when a message arrives. Times are ms since 1970. */
export interface MessageNotification {
  /** 33 bytes, prefix included. */
  readonly account: Uint8Array;
  readonly hash: string;
  readonly namespace: number;
  readonly timestamp: number;
  readonly expiry: number;
  /** Only for subscriptions that ask for it. */
  readonly data: Uint8Array | null;
}

const ACCOUNT_BYTES = 33;

/** The dict of a `notify.message` push (node-network §5.7). */
export function encodeNotification(notification: MessageNotification): Uint8Array {
  const { account, hash, namespace, timestamp, expiry, data } = notification;
  return encodeBt({ '@': account, h: hash, n: namespace, t: timestamp, z: expiry, '~': data ?? undefined });
}

/** Reads a `notify.message` push. @throws WireError `bt` if a key is missing or has another type or size. */
export function decodeNotification(bytes: Uint8Array): MessageNotification {
  const dict = new BtDictReader(bytes);
  return {
    account: dict.at('@').readFixedBytes(ACCOUNT_BYTES),
    hash: dict.at('h').readText(),
    namespace: dict.at('n').readNumber('int16'),
    timestamp: dict.at('t').readNumber('int64'),
    expiry: dict.at('z').readNumber('int64'),
    data: dict.skipTo('~') ? dict.readBytes() : null,
  };
}
