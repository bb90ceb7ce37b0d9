import { utf8ToBytes } from '../bytes/index.ts';
import { MersenneTwister } from './mersenne-twister.ts';

/**
 * Which members of a swarm, as indices in the order of their legacy keys, would test each other at a block
 * (node-network §5.6). `blockHash` is the block's hash as hex text. Null for fewer than two members.
 */
export function drawTesterAndTestee(blockHash: string, members: number): { tester: number; testee: number } | null {
  if (members < 2) return null;
  // The seed is made of the text's characters, not of the bytes that the hex stands for.
  const characters = new Uint8Array(8);
  characters.set(utf8ToBytes(blockHash).subarray(0, 8));
  const twister = new MersenneTwister(new DataView(characters.buffer).getBigUint64(0, true));
  const tester = twister.draw(members);
  let testee = tester;
  while (testee === tester) testee = twister.draw(members);
  return { tester, testee };
}
