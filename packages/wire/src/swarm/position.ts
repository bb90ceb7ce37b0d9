import { hexToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import type { SwarmId } from './swarm-id.ts';

const KEY_BYTES = 32;
const ACCOUNT_BYTES = 33;

/**
 * Where an account lies on the ring of swarms (node-network §6). Takes 33 bytes with any prefix, or the 32 bytes after
 * it. @throws WireError `key` for another length.
 */
export function accountPosition(account: Uint8Array): bigint {
  if (account.length !== KEY_BYTES && account.length !== ACCOUNT_BYTES) {
    throw new WireError('key', 'an account has 33 bytes');
  }
  const key = account.length === ACCOUNT_BYTES ? account.subarray(1) : account;
  const groups = new DataView(key.buffer, key.byteOffset, KEY_BYTES);
  return groups.getBigUint64(0) ^ groups.getBigUint64(8) ^ groups.getBigUint64(16) ^ groups.getBigUint64(24);
}

/** {@link accountPosition} of 66 hex digits. @throws WireError `key` for any other text. */
export function accountTextPosition(text: string): bigint {
  if (!/^[0-9a-fA-F]{66}$/.test(text)) throw new WireError('key', 'an account id has 66 hex digits');
  return accountPosition(hexToBytes(text));
}

/**
 * The swarm that a position belongs to (node-network §6): the nearest id on the ring modulo 2⁶⁴, the left one if two
 * are equally near; null if there is no swarm. `ids` must ascend and hold only swarms with active nodes.
 */
export function swarmOfPosition(position: bigint, ids: readonly SwarmId[]): SwarmId | null {
  if (ids.length === 0) return null;
  const firstNotBelow = lowerBound(ids, position);
  const right = ids[firstNotBelow % ids.length]!;
  const left = ids[(firstNotBelow + ids.length - 1) % ids.length]!;
  return distance(position, right) < distance(left, position) ? right : left;
}

function distance(from: bigint, to: bigint): bigint {
  return BigInt.asUintN(64, to - from);
}

/** The index of the first id that is not below the position; `ids.length` if there is none. */
function lowerBound(ids: readonly SwarmId[], position: bigint): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids[middle]! < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
