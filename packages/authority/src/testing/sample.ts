import type { AdmittedNode, NetworkFile, VoteContent } from '@sotto/directory';
import { bytesToHex, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519KeyPair, type KeyPair } from '@sotto/wire/crypto';

/** When the sample network was made, ms. */
export const CREATED = 1_790_000_000_000;

/** The same key for the same text. */
export function sampleKey(text: string): KeyPair {
  return ed25519KeyPair(blake2b(32, utf8ToBytes(text)));
}

export function sampleKeys(count: number): KeyPair[] {
  return Array.from({ length: count }, (_, index) => sampleKey(`authority ${index}`));
}

export function sampleFile(
  authorities: readonly KeyPair[],
  threshold: number,
  changes: Partial<NetworkFile['parameters']> = {},
  urls: readonly (readonly string[])[] = [],
): NetworkFile {
  return {
    sotto: 1,
    name: 'Three offices',
    created: CREATED,
    authorities: authorities.map(({ publicKey }, index) => ({ key: bytesToHex(publicKey), urls: urls[index] ?? [] })),
    threshold,
    seeds: [],
    parameters: { swarmMin: 3, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'open', oneSite: true, ...changes },
    communities: [],
  };
}

/** A node at an address that nobody listens on. */
export function sampleNode(index: number): AdmittedNode {
  return {
    ed25519Key: sampleKey(`node ${index}`).publicKey,
    ip: '127.0.0.1',
    httpsPort: 20_000 + index,
    omqPort: 30_000 + index,
    version: [2, 11, 3],
  };
}

/** All these nodes, all reachable. */
export function sampleContent(file: NetworkFile, nodes: readonly AdmittedNode[]): VoteContent {
  return {
    nodes: nodes.map((node) => ({ node, time: CREATED, reachable: true })),
    claims: [],
    parameters: file.parameters,
    proposal: null,
  };
}
