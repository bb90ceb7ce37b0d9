import type { KeyPair } from '@sotto/wire/crypto';
import type { AdmittedNode } from '../compose.ts';
import { networkId } from '../network-file.ts';
import { signVote, type Vote, verifyVote } from '../vote.ts';
import { CREATED, type SampleNetwork } from './sample-network.ts';

/** A vote of one of the network's authorities for the first directory: all these nodes, all reachable. */
export function sampleVote(
  network: SampleNetwork,
  author: KeyPair,
  nodes: readonly AdmittedNode[],
  changes: Partial<Vote> = {},
): Vote {
  const vote: Vote = {
    networkId: networkId(network.file),
    authority: author.publicKey,
    epoch: 1,
    previous: new Uint8Array(32),
    time: CREATED,
    nodes: nodes.map((node) => ({ node, time: CREATED, reachable: true })),
    claims: [],
    parameters: network.file.parameters,
    proposal: null,
    successions: [],
    ...changes,
  };
  return verifyVote(signVote(vote, author));
}
