import { base64ToBytes, hexToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { isMessageHash } from './message-hash.ts';

/*
 * Readers of the JSON answers of nodes. All throw WireError `rpc` that names the key, never its value.
 */

/** When a node answered, by its own clock, and the hard fork that it knows (storage-rpc §7). */
export interface Stamp {
  /** ms; clients set their clock by it. */
  readonly t: number;
  /** `null` if the node did not say. */
  readonly hf: readonly [number, number] | null;
}

export function readStamp(reply: JsonObject): Stamp {
  return { t: readInteger(reply, 't'), hf: reply.hf === undefined ? null : readHardFork(reply) };
}

export function readObject(value: unknown, what: string): JsonObject {
  return isJsonObject(value) ? value : malformed(what);
}

export function readList(reply: JsonObject, key: string): readonly unknown[] {
  const value = reply[key];
  return Array.isArray(value) ? value : malformed(key);
}

export function readString(reply: JsonObject, key: string): string {
  const value = reply[key];
  return typeof value === 'string' ? value : malformed(key);
}

/** A safe integer that is not negative. */
export function readInteger(reply: JsonObject, key: string): number {
  return asInteger(reply[key], key);
}

export function asInteger(value: unknown, key: string): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : malformed(key);
}

/** A boolean, also as 0 or 1 where a bencoded answer was turned to JSON. */
export function readFlag(reply: JsonObject, key: string): boolean {
  const value = reply[key];
  if (value === true || value === 1) return true;
  return value === false || value === 0 || value === undefined ? false : malformed(key);
}

/** Base64, of exactly `size` bytes if that is given. */
export function readBase64(reply: JsonObject, key: string, size?: number): Uint8Array {
  try {
    const bytes = base64ToBytes(readString(reply, key));
    if (size === undefined || bytes.length === size) return bytes;
  } catch {
    // Falls through: whatever is wrong, the key is malformed.
  }
  return malformed(key);
}

/** 32 bytes as 64 hex digits. */
export function readKey(reply: JsonObject, key: string): Uint8Array {
  const value = readString(reply, key);
  return KEY.test(value) ? hexToBytes(value) : malformed(key);
}

export function readHash(reply: JsonObject, key: string): string {
  return asHash(reply[key], key);
}

export function readHashes(value: unknown, key: string): string[] {
  return Array.isArray(value) ? value.map((hash) => asHash(hash, key)) : malformed(key);
}

/** Numbers by message hash. */
export function readExpiries(reply: JsonObject, key: string): Map<string, number> {
  const entries = Object.entries(readObject(reply[key], key));
  return new Map(entries.map(([hash, expiry]) => [asHash(hash, key), asInteger(expiry, key)]));
}

export function malformed(key: string): never {
  throw new WireError('rpc', `malformed answer: ${key}`);
}

const KEY = /^[0-9a-fA-F]{64}$/;

function asHash(value: unknown, key: string): string {
  return typeof value === 'string' && isMessageHash(value) ? value : malformed(key);
}

function readHardFork(reply: JsonObject): readonly [number, number] {
  const [hard, soft, ...rest] = readList(reply, 'hf');
  return rest.length === 0 ? [asInteger(hard, 'hf'), asInteger(soft, 'hf')] : malformed('hf');
}
