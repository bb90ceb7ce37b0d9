import { randomBytes } from 'node:crypto';
import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { ed25519KeyPair, ed25519PublicToX25519, type KeyPair } from '@sotto/wire/crypto';
import { accountPosition, swarmOfPosition } from '@sotto/wire/swarm';
import type { Target } from './plan.ts';

/** Somebody with a mailbox, and a node that keeps it. */
export interface Account {
  readonly id: string;
  readonly keys: KeyPair;
  readonly node: Target;
}

/** New accounts; each is with one of the nodes of its swarm, all nodes in turn. */
export function makeAccounts(count: number, targets: readonly Target[]): Account[] {
  const swarmIds = [...new Set(targets.map(({ swarmId }) => BigInt(swarmId)))].sort((a, b) => (a < b ? -1 : 1));
  return Array.from({ length: count }, (_, index) => {
    const keys = ed25519KeyPair(randomBytes(32));
    const id = `05${bytesToHex(ed25519PublicToX25519(keys.publicKey)!)}`;
    const swarm = String(swarmOfPosition(accountPosition(hexToBytes(id)), swarmIds));
    const members = targets.filter(({ swarmId }) => swarmId === swarm);
    return { id, keys, node: members[index % members.length]! };
  });
}
