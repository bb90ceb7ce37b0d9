import { bytesToBase64Unpadded, concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { blake2b } from '../crypto/index.ts';
import { namespaceText } from './namespace.ts';

const MESSAGE_HASH = /^[A-Za-z0-9+/]{43}$/;

/**
 * The name of a message in its mailbox: 43 base64 characters of BLAKE2b-256 over account, namespace and data
 * (storage-rpc §6). `account` has 33 bytes.
 */
export function messageHash(account: Uint8Array, namespace: number, data: Uint8Array): string {
  const digest = blake2b(32, concatBytes(account, utf8ToBytes(namespaceText(namespace)), data));
  return bytesToBase64Unpadded(digest);
}

/** Whether a text has the form of a message hash. */
export function isMessageHash(text: string): boolean {
  return MESSAGE_HASH.test(text);
}
