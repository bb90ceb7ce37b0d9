import { bytesToHex, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519KeyPair, type KeyPair } from '@sotto/wire/crypto';
import type { AdmittedNode } from '../compose.ts';
import { type NetworkFile, networkId } from '../network-file.ts';
import { type Directory, signDirectory } from '../signed-directory.ts';

/** When the sample network was made, ms. */
export const CREATED = 1_790_000_000_000;

/** A network whose authorities' keys are at hand. */
export interface SampleNetwork {
  readonly file: NetworkFile;
  readonly authorities: readonly KeyPair[];
}

/** The same key for the same text. */
export function sampleKey(text: string): KeyPair {
  return ed25519KeyPair(blake2b(32, utf8ToBytes(text)));
}

export function sampleNetwork(authorityCount = 1, threshold = 1): SampleNetwork {
  const authorities = Array.from({ length: authorityCount }, (_, index) => sampleKey(`authority ${index}`));
  return { file: sampleFile(authorities, threshold), authorities };
}

export function sampleFile(authorities: readonly KeyPair[], threshold = 1, urls: readonly string[] = []): NetworkFile {
  return {
    sotto: 1,
    name: 'Field desk',
    created: CREATED,
    authorities: authorities.map(({ publicKey }) => ({ key: bytesToHex(publicKey), urls })),
    threshold,
    seeds: [],
    parameters: { swarmMin: 3, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'listed', oneSite: true },
    communities: [],
  };
}

/** Nodes numbered from `first`. */
export function sampleNodes(count: number, first = 0): AdmittedNode[] {
  return Array.from({ length: count }, (_, index) => ({
    ed25519Key: sampleKey(`node ${first + index}`).publicKey,
    ip: '127.0.0.1',
    httpsPort: 20_000 + first + index,
    omqPort: 30_000 + first + index,
    version: [2, 11, 3],
  }));
}

/** A directory of one swarm with these nodes, valid for a week from the network's making. */
export function sampleDirectory(
  network: SampleNetwork,
  nodes: readonly AdmittedNode[],
  changes: Partial<Directory> = {},
): Directory {
  const validFrom = changes.validFrom ?? CREATED;
  return {
    networkId: networkId(network.file),
    epoch: 1,
    validFrom,
    validUntil: validFrom + 7 * 24 * 3_600_000,
    nodes: nodes.map((node) => ({ ...node, swarmId: 0n })).sort((a, b) => Buffer.compare(a.ed25519Key, b.ed25519Key)),
    parameters: network.file.parameters,
    ...changes,
  };
}

/** The signed bytes of {@link sampleDirectory}, by the network's first authorities. */
export function signedSample(
  network: SampleNetwork,
  nodes: readonly AdmittedNode[],
  changes: Partial<Directory> = {},
  signatures = network.authorities.length,
): Uint8Array {
  return signDirectory(sampleDirectory(network, nodes, changes), network.authorities.slice(0, signatures));
}
