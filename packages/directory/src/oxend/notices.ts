import { isIPv4 } from 'node:net';
import { WireError } from '@sotto/wire';
import { BtDictReader } from '@sotto/wire/bt';
import type { NodeRecord } from '@sotto/wire/nodes';

/** Where a node is now, as oxend pushes it. */
export type AddressNotice = Required<Omit<NodeRecord, 'swarmId'>>;

const KEY_BYTES = 32;

/** Reads the dict of a `notify.snode_addr` push (node-network §10.2); `null` if it is malformed. */
export function parseAddressNotice(bytes: Uint8Array): AddressNotice | null {
  try {
    const dict = new BtDictReader(bytes);
    const legacyKey = Buffer.from(dict.at('K').readFixedBytes(KEY_BYTES));
    const ed25519Key = dict.skipTo('Ke') ? Buffer.from(dict.readFixedBytes(KEY_BYTES)) : legacyKey;
    const x25519Key = Buffer.from(dict.at('Kx').readFixedBytes(KEY_BYTES));
    const ip = dict.at('ip').readText();
    const httpsPort = dict.at('sh').readNumber('uint16');
    const omqPort = dict.at('sq').readNumber('uint16');
    const parts = dict.at('vs').readList();
    const version = [parts.readNumber('uint16'), parts.readNumber('uint16'), parts.readNumber('uint16')] as const;
    return isIPv4(ip) ? { legacyKey, ed25519Key, x25519Key, ip, httpsPort, omqPort, version } : null;
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
