import { bytesToHex } from '@sotto/wire/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AdmittedNode } from './compose.ts';
import { agreedSuccession, type MergeInput, mergeVotes } from './merge-votes.ts';
import { networkId } from './network-file.ts';
import { encodeDirectory } from './signed-directory.ts';
import { encodeSuccession, firstDeciding, readSuccession, signSuccession } from './succession.ts';
import { CREATED, sampleDirectory, sampleKey, sampleNetwork, sampleNodes } from './testing/sample-network.ts';
import { sampleVote } from './testing/sample-vote.ts';
import type { Vote, VotedNode } from './vote.ts';

const network = sampleNetwork(3, 2);
const [a, b, c] = network.authorities as [
  (typeof network.authorities)[0],
  (typeof network.authorities)[0],
  (typeof network.authorities)[0],
];
const id = networkId(network.file);
const nine = sampleNodes(9);

const merge = (votes: readonly Vote[], changes: Partial<MergeInput> = {}) =>
  mergeVotes({ networkId: id, epoch: 1, threshold: 2, previous: null, votes, ...changes });
const keysOf = (nodes: readonly AdmittedNode[]) => nodes.map(({ ed25519Key }) => bytesToHex(ed25519Key)).sort();
const said = (node: AdmittedNode, changes: Partial<VotedNode> = {}) => ({ node, time: 5, reachable: true, ...changes });

test('the order in which votes came does not matter', () => {
  const node = fc.integer({ min: 0, max: 11 }).map((index) => sampleNodes(1, index)[0]!);
  const voted = fc.record({
    node: fc.tuple(node, fc.constantFrom(1, 2)).map(([each, port]) => ({ ...each, httpsPort: port })),
    time: fc.nat(3),
    reachable: fc.boolean(),
  });
  const nodes = fc.uniqueArray(voted, { maxLength: 12, selector: (each) => bytesToHex(each.node.ed25519Key) });
  const claims = fc.uniqueArray(fc.tuple(fc.nat(5), node), { maxLength: 4, selector: ([invite]) => invite });
  const vote = fc.record({ nodes, claims, time: fc.nat(10), join: fc.constantFrom('open', 'invite') });
  fc.assert(
    fc.property(
      fc.array(vote, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      fc.nat(5),
      (contents, hasPrevious, by) => {
        const votes = contents.map(({ nodes, claims, time, join }, index) =>
          sampleVote(network, network.authorities[index]!, [], {
            nodes,
            claims: claims.map(([invite, user]) => ({
              invite: new Uint8Array(16).fill(invite),
              node: user.ed25519Key,
            })),
            time: CREATED + time,
            parameters: { ...network.file.parameters, join: join as 'open' | 'invite' },
          }),
        );
        const previous = hasPrevious ? sampleDirectory(network, nine) : null;
        const turned = [...votes.slice(by % votes.length), ...votes.slice(0, by % votes.length)];
        const [one, other] = [votes, turned.toReversed()].map((order) => merge(order, { previous, epoch: 2 }));
        expect(encodeDirectory(one!.directory)).toEqual(encodeDirectory(other!.directory));
        const plain = (merged: typeof one) =>
          merged!.claims.map(({ invite, node }) => bytesToHex(invite) + bytesToHex(node)).sort();
        expect(plain(one)).toEqual(plain(other));
      },
    ),
    { numRuns: 60 },
  );
});

describe('a node is listed', () => {
  const [node] = nine as [AdmittedNode];

  test('if more than half of the votes say that it is reachable', () => {
    const yes = { nodes: [said(node)] };
    const no = { nodes: [said(node, { reachable: false })] };
    const outcome = (...votes: Partial<Vote>[]) =>
      merge(votes.map((vote, index) => sampleVote(network, network.authorities[index]!, [], vote))).directory.nodes
        .length;
    expect(outcome(yes, yes, no)).toBe(1);
    expect(outcome(yes, no, no)).toBe(0);
    expect(outcome(yes, yes)).toBe(1);
    expect(outcome(yes, no)).toBe(0);
    expect(outcome(yes, yes, { nodes: [] })).toBe(1);
    expect(outcome(yes, { nodes: [] }, { nodes: [] })).toBe(0);
  });

  test('where a threshold says that it is, by the newest descriptor', () => {
    const moved = { ...node, httpsPort: 9 };
    const votes = (x: VotedNode, y: VotedNode, z: VotedNode) => [
      sampleVote(network, a, [], { nodes: [x] }),
      sampleVote(network, b, [], { nodes: [y] }),
      sampleVote(network, c, [], { nodes: [z] }),
    ];
    const portOf = (...nodes: [VotedNode, VotedNode, VotedNode]) =>
      merge(votes(...nodes)).directory.nodes[0]?.httpsPort;
    expect(portOf(said(moved), said(moved), said(node, { time: 99 }))).toBe(9);
    // The time alone differs when a descriptor was on its way.
    expect(portOf(said(moved, { time: 1 }), said(moved, { time: 2 }), said(moved, { time: 3 }))).toBe(9);
  });

  test('where it was, if the authorities do not agree where it is now', () => {
    const votes = [
      sampleVote(network, a, [], { nodes: [said({ ...node, httpsPort: 8 })] }),
      sampleVote(network, b, [], { nodes: [said({ ...node, httpsPort: 9 })] }),
    ];
    expect(merge(votes).directory.nodes).toEqual([]);
    const previous = sampleDirectory(network, [node]);
    expect(merge(votes, { previous, epoch: 2 }).directory.nodes[0]).toMatchObject(node);
  });
});

describe('where invites are needed', () => {
  const parameters = { ...network.file.parameters, join: 'invite' as const };
  const [first, second] = nine as [AdmittedNode, AdmittedNode];
  const invite = new Uint8Array(16).fill(7);
  const vote = (author: (typeof network.authorities)[0], node: AdmittedNode, claimed = true) =>
    sampleVote(network, author, [], {
      parameters,
      nodes: [said(node)],
      claims: claimed ? [{ invite, node: node.ed25519Key }] : [],
    });

  test('a code lets one node in, the one that most authorities know', () => {
    const { directory, claims } = merge([vote(a, first), vote(b, first), vote(c, second)]);
    expect(keysOf(directory.nodes)).toEqual(keysOf([first]));
    expect(claims.map(({ node }) => bytesToHex(node))).toEqual(keysOf([first]));
  });

  test('used twice at once it lets exactly one of the two in, the same everywhere', () => {
    const winner = merge([vote(a, first), vote(b, second)]).claims;
    expect(winner).toHaveLength(1);
    expect(merge([vote(a, second), vote(b, first)]).claims).toEqual(winner);
  });

  test('nobody gets in without one, but who is listed stays', () => {
    const votes = [vote(a, first, false), vote(b, first, false)];
    expect(merge(votes).directory.nodes).toEqual([]);
    expect(merge(votes, { previous: sampleDirectory(network, [first]), epoch: 2 }).directory.nodes).toHaveLength(1);
  });

  test('what one authority alone says of a code is not believed', () => {
    expect(merge([vote(a, first), vote(b, second, false), vote(c, second, false)]).claims).toEqual([]);
  });
});

describe('time and parameters', () => {
  const at = (times: readonly number[]) =>
    merge(times.map((time, index) => sampleVote(network, network.authorities[index]!, nine, { time }))).directory
      .validFrom;

  test('one wrong clock moves nothing', () => {
    expect(at([CREATED, CREATED + 300_000, 9e15])).toBe(CREATED + 300_000);
    expect(at([CREATED, 0, CREATED + 1])).toBe(CREATED);
  });

  test('time never goes back', () => {
    const previous = sampleDirectory(network, nine, { validFrom: CREATED + 50 });
    const votes = [sampleVote(network, a, nine), sampleVote(network, b, nine)];
    expect(merge(votes, { previous, epoch: 2 }).directory.validFrom).toBe(CREATED + 51);
  });

  test('more than half change a parameter, one does not', () => {
    const parameters = { ...network.file.parameters, relays: 5 };
    const changed = (author: (typeof network.authorities)[0]) => sampleVote(network, author, nine, { parameters });
    const previous = sampleDirectory(network, nine);
    const relays = (votes: readonly Vote[]) => merge(votes, { previous, epoch: 2 }).directory.parameters.relays;
    expect(relays([changed(a), changed(b), sampleVote(network, c, nine)])).toBe(5);
    expect(relays([changed(a), sampleVote(network, b, nine), sampleVote(network, c, nine)])).toBe(3);
    expect(relays([changed(a), sampleVote(network, b, nine)])).toBe(3);
  });
});

describe('a succession', () => {
  const deciding = firstDeciding(network.file);
  const authorities = deciding.authorities.slice(0, 2);
  const dict = encodeSuccession({ networkId: id, number: 1, authorities, threshold: 2 });
  const vote = (author: (typeof network.authorities)[0], bytes = dict, signer = author) =>
    sampleVote(network, author, [], {
      proposal: { dict: bytes, signature: signSuccession(bytes, signer).signature },
    });

  test('is agreed to when a threshold proposes the same', () => {
    const signed = agreedSuccession(id, deciding, 0, [vote(a), vote(b), sampleVote(network, c, [])]);
    expect(readSuccession(signed!)).toMatchObject({ succession: { number: 1, threshold: 2 }, dict });
    expect(agreedSuccession(id, deciding, 0, [vote(a), sampleVote(network, b, [])])).toBeNull();
  });

  test('is not made of forged signatures, other proposals, or a number out of turn', () => {
    const other = encodeSuccession({ networkId: id, number: 1, authorities, threshold: 1 });
    expect(agreedSuccession(id, deciding, 0, [vote(a), vote(b, other)])).toBeNull();
    expect(agreedSuccession(id, deciding, 0, [vote(a), vote(b, dict, sampleKey('forger'))])).toBeNull();
    expect(agreedSuccession(id, deciding, 1, [vote(a), vote(b)])).toBeNull();
    expect(agreedSuccession(id, deciding, 0, [vote(a, Uint8Array.of(1)), vote(b, Uint8Array.of(1))])).toBeNull();
  });
});
