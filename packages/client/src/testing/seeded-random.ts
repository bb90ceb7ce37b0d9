import { createHash } from 'node:crypto';
import type { Random } from '@sotto/wire/bytes';

/** The same bytes for the same name on every run; never outside tests. */
export function seededRandom(name: string): Random {
  let block = 0;
  let rest = new Uint8Array();
  return (size) => {
    const bytes = new Uint8Array(size);
    for (let filled = 0; filled < size; ) {
      if (rest.length === 0) rest = createHash('sha256').update(`${name} ${block++}`).digest();
      const taken = rest.subarray(0, size - filled);
      bytes.set(taken, filled);
      filled += taken.length;
      rest = rest.subarray(taken.length);
    }
    return bytes;
  };
}
