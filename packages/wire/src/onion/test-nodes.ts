import { createHash } from 'node:crypto';
import type { Random } from '../bytes/index.ts';
import { type KeyPair, x25519KeyPair } from '../crypto/index.ts';
import type { OnionNode } from './build-onion.ts';

/** A node with its secrets, for tests. */
export interface TestNode extends OnionNode {
  readonly x25519: KeyPair;
}

/** A reproducible source of bytes, for tests only. */
export function seededRandom(seed: string): Random {
  let draw = 0;
  return (size) => {
    const bytes = createHash('shake256', { outputLength: size }).update(`${seed}/${draw++}`).digest();
    return Uint8Array.from(bytes);
  };
}

/** Nodes with keys of their own, for tests. */
export function testNodes(count: number, random: Random): TestNode[] {
  return Array.from({ length: count }, () => {
    const x25519 = x25519KeyPair(random(32));
    return { ed25519Key: random(32), x25519Key: x25519.publicKey, x25519 };
  });
}
