import { randomFillSync } from 'node:crypto';

const SUPPLY_BYTES = 4096;
/** Larger ones are rare, and worth a call of their own. */
const LARGEST_SUPPLIED = 64;

const supply = Buffer.alloc(SUPPLY_BYTES);
let used = SUPPLY_BYTES;

/**
 * Unpredictable bytes of the system's generator. Small amounts, of which every message needs some, are drawn together and
 * forgotten as they are given out.
 */
export function randomBytes(size: number): Uint8Array {
  if (size > LARGEST_SUPPLIED) return randomFillSync(new Uint8Array(size));
  if (used + size > SUPPLY_BYTES) {
    randomFillSync(supply);
    used = 0;
  }
  const drawn = Uint8Array.prototype.slice.call(supply, used, used + size);
  supply.fill(0, used, used + size);
  used += size;
  return drawn;
}
