import { ed25519PublicToX25519 } from '../crypto/index.ts';
import { WireError } from '../errors.ts';

/** One active node as the network's list tells it. */
export interface NodeRecord {
  /** 32 bytes. */
  readonly ed25519Key: Uint8Array;
  readonly swarmId: bigint;
  /** IPv4 text; `0.0.0.0` if unknown. */
  readonly ip: string;
  /** 0 if unknown. */
  readonly httpsPort: number;
  /** The port of OxenMQ (TCP) and QUIC (UDP); 0 if unknown. */
  readonly omqPort: number;
  readonly version: readonly [major: number, minor: number, patch: number];
  /** The key by which the chain names the node, 32 bytes; absent: the Ed25519 key (node-network §1). */
  readonly legacyKey?: Uint8Array;
  /** Where the list tells it, 32 bytes; absent: to be converted from the Ed25519 key. */
  readonly x25519Key?: Uint8Array;
}

const RECORD_BYTES = 51;
const KEY_BYTES = 32;
const SWARM_AT = 32;
const IP_AT = 40;
const HTTPS_PORT_AT = 44;
const OMQ_PORT_AT = 46;
const VERSION_AT = 48;

/**
 * The list in 51 bytes a node, in the given order (storage-rpc §8.14); parts of the version are capped at 255.
 * @throws WireError `node-records` if a field has a wrong size or form.
 */
export function encodeNodeRecords(records: readonly NodeRecord[]): Uint8Array {
  const bytes = new Uint8Array(records.length * RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  records.forEach((record, index) => {
    const start = index * RECORD_BYTES;
    if (record.ed25519Key.length !== KEY_BYTES) throw new WireError('node-records', 'a node key has 32 bytes');
    if (record.swarmId < 0n || record.swarmId >= 2n ** 64n) throw new WireError('node-records', 'bad swarm id');
    bytes.set(record.ed25519Key, start);
    view.setBigUint64(start + SWARM_AT, record.swarmId);
    bytes.set(ipv4Bytes(record.ip), start + IP_AT);
    view.setUint16(start + HTTPS_PORT_AT, checkedPort(record.httpsPort));
    view.setUint16(start + OMQ_PORT_AT, checkedPort(record.omqPort));
    record.version.forEach((part, place) => {
      bytes[start + VERSION_AT + place] = Math.min(part, 255);
    });
  });
  return bytes;
}

/** Reads {@link encodeNodeRecords}. @throws WireError `node-records` if the size is no multiple of 51. */
export function decodeNodeRecords(bytes: Uint8Array): NodeRecord[] {
  if (bytes.length % RECORD_BYTES !== 0) throw new WireError('node-records', 'not a list of node records');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / RECORD_BYTES }, (_, index) => {
    const start = index * RECORD_BYTES;
    return {
      ed25519Key: new Uint8Array(bytes.subarray(start, start + KEY_BYTES)),
      swarmId: view.getBigUint64(start + SWARM_AT),
      ip: bytes.subarray(start + IP_AT, start + HTTPS_PORT_AT).join('.'),
      httpsPort: view.getUint16(start + HTTPS_PORT_AT),
      omqPort: view.getUint16(start + OMQ_PORT_AT),
      version: [bytes[start + VERSION_AT]!, bytes[start + VERSION_AT + 1]!, bytes[start + VERSION_AT + 2]!],
    };
  });
}

/** The order of the list: by swarm id, then by legacy key (storage-rpc §8.14). */
export function compareNodeRecords(a: NodeRecord, b: NodeRecord): number {
  if (a.swarmId !== b.swarmId) return a.swarmId < b.swarmId ? -1 : 1;
  return Buffer.compare(nodeLegacyKey(a), nodeLegacyKey(b));
}

/** The key by which the chain names the node (node-network §1). */
export function nodeLegacyKey({ legacyKey, ed25519Key }: NodeRecord): Uint8Array {
  return legacyKey ?? ed25519Key;
}

/** The key of the node's onion layers and OxenMQ connections (node-network §1); null if its Ed25519 key is no point. */
export function nodeX25519Key({ x25519Key, ed25519Key }: NodeRecord): Uint8Array | null {
  return x25519Key ?? ed25519PublicToX25519(ed25519Key);
}

/** Is it known where the node listens (node-network §1)? */
export function isContactable({ ip, httpsPort, omqPort }: NodeRecord): boolean {
  return ip !== '0.0.0.0' && httpsPort !== 0 && omqPort !== 0;
}

function ipv4Bytes(text: string): number[] {
  const parts = text.split('.').map((part) => (/^(0|[1-9][0-9]{0,2})$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255))
    throw new WireError('node-records', 'not an IPv4 address');
  return parts;
}

function checkedPort(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) throw new WireError('node-records', 'not a port');
  return port;
}
