import {
  acceptDirectory,
  composeDirectory,
  directorySignature,
  initialState,
  networkId,
  type RoundMessage,
  rememberConflict,
  signDirectory,
  signRoundMessage,
  signVote,
  type Vote,
  verifyRoundMessage,
  verifyVote,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CREATED, sampleContent, sampleFile, sampleKeys, sampleNode } from '../testing/sample.ts';
import { Simulation } from '../testing/simulation.ts';

const ROUND = 1000;
const keys = sampleKeys(3);
const file = sampleFile(keys, 2);
const [A, B, C] = keys.map(({ publicKey }) => bytesToHex(publicKey)) as [string, string, string];
const liar = keys[2]!;
const nodes = Array.from({ length: 9 }, (_, index) => sampleNode(index));

/** Something that the liar says to A or B, so many ms after it heard what lets it. */
interface Said {
  readonly to: string;
  readonly delay: number;
}

/** What the liar says in every round. Honest authorities vote at 0 ms, take votes until 375 ms, and are done at 750 ms. */
interface Lies {
  /** Its votes: as many as it likes, those with another face say something else. */
  readonly votes: readonly (Said & { readonly face: number })[];
  /** It says that it holds just what somebody else has said. */
  readonly held: readonly Said[];
  /** It signs the directory that A or B has made, in the order of who signed first. */
  readonly results: readonly (Said & { readonly of: string })[];
  /** It votes for an epoch that is so much later than the one in which A or B votes, perhaps in a vote for another network. */
  readonly ahead: readonly (Said & { readonly of: string; readonly by: number; readonly isStrange: boolean })[];
}

/** A and B are honest and their clocks differ a little, their messages take `way` ms; C is no program of ours. */
function withLiar({ votes = [], held = [], results = [], ahead = [] }: Partial<Lies>, way = 10): Simulation {
  const network = new Simulation({
    file,
    authorities: keys,
    begin: CREATED,
    roundLength: ROUND,
    clockError: (index) => 50 * index,
    content: () => sampleContent(file, nodes),
  });
  network.authorities[2]!.isUp = false;
  const begun = new Set<number>();
  const say = (epoch: number, content: Partial<RoundMessage>, { to, delay }: Said) => {
    const nothing = { vote: null, held: null, result: null };
    const whole = { networkId: networkId(file), sender: liar.publicKey, epoch, ...nothing, ...content };
    network.inject(to, signRoundMessage(whole, liar), delay);
  };
  const hear = (from: string, { epoch, vote, held: name, result }: RoundMessage) => {
    const copied: Vote | null = vote && { ...verifyVote(vote), authority: liar.publicKey };
    if (copied && bytesToHex(verifyVote(vote!).authority) === from) {
      for (const { of, by, isStrange, ...said } of ahead) {
        const strange = isStrange ? { networkId: new Uint8Array(32) } : {};
        const later = { ...copied, ...strange, epoch: epoch + by };
        if (of === from) say(later.epoch, { vote: signVote(later, liar) }, said);
      }
    }
    if (copied && !begun.has(epoch)) {
      begun.add(epoch);
      for (const said of votes) {
        say(epoch, { vote: signVote({ ...copied, time: copied.time + 1000 + said.face }, liar) }, said);
      }
    }
    if (name) for (const said of held) say(epoch, { held: name }, said);
    if (!result) return;
    const { signature } = directorySignature(result.digest, liar);
    for (const { of, ...said } of results) if (of === from) say(epoch, { result: { ...result, signature } }, said);
  };
  network.link = (from, to, bytes) => {
    if (to === C && bytes.length > 0) hear(from, verifyRoundMessage(bytes));
    return to === C ? [] : [{ message: bytes, delay: way }];
  };
  return network;
}

const lists = ({ authorities }: Simulation) =>
  authorities.slice(0, 2).map(({ state }) => state.history.map(({ epoch, digest }) => `${epoch} ${digest}`));

/** A and B have the same list in every round that both know of. */
function expectOneHistory(network: Simulation): void {
  const [a, b] = lists(network) as [string[], string[]];
  const both = Math.min(a.length, b.length);
  expect(a.slice(0, both)).toEqual(b.slice(0, both));
}

const signsForEach = [
  { of: A, to: A, delay: 5 },
  { of: B, to: B, delay: 5 },
];

test.each([
  ['to one of them in the last moment', 368],
  ['too late', 380],
])('who votes in another way %s, and signs what each has made, cannot divide the honest', (_when, delay) => {
  const votes = [
    { to: A, face: 1, delay: 10 },
    { to: B, face: 1, delay: 10 },
    { to: A, face: 2, delay },
  ];
  const network = withLiar({ votes, held: [], results: signsForEach });
  network.run(5.5 * ROUND);
  expect(lists(network)[0]).toHaveLength(6);
  expectOneHistory(network);
  expect(network.authorities[0]!.evidence.length).toBeGreaterThan(0);
});

test('nor who lets one of them sign early and then lies to the other', () => {
  const votes = [
    { to: A, face: 1, delay: 10 },
    { to: B, face: 1, delay: 10 },
    { to: B, face: 2, delay: 60 },
  ];
  const network = withLiar({ votes, held: [{ to: A, delay: 0 }], results: signsForEach });
  network.run(5.5 * ROUND);
  expect(lists(network)[0]).toHaveLength(6);
  expectOneHistory(network);
});

test('nor, where messages take long, who lets one of them sign when the other cannot hear of it in time', () => {
  const votes = [
    { to: A, face: 1, delay: 10 },
    { to: B, face: 1, delay: 10 },
    { to: B, face: 2, delay: 240 },
  ];
  const network = withLiar({ votes, held: [{ to: A, delay: 225 }], results: signsForEach }, 100);
  network.run(5.5 * ROUND);
  expect(lists(network)[0]).toHaveLength(6);
  expectOneHistory(network);
});

test('nor who draws each of them into another round by votes that no round counts', () => {
  const ahead = [
    { of: A, to: A, by: 500, delay: 550, isStrange: true },
    { of: B, to: B, by: 300, delay: 550, isStrange: true },
  ];
  const network = withLiar({ ahead });
  network.run(5.5 * ROUND);
  for (const list of lists(network)) expect(list).toHaveLength(6);
  expectOneHistory(network);
});

test('who draws them into different rounds again and again does not keep them apart', () => {
  const receiver = fc.constantFrom(A, B);
  const draw = fc.record({
    of: receiver,
    to: receiver,
    by: fc.integer({ min: 1, max: 600 }),
    delay: fc.integer({ min: 0, max: 1000 }),
    isStrange: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(draw, { maxLength: 4 }), (ahead) => {
      const network = withLiar({ ahead });
      network.run(8 * ROUND);
      const taken = new Set(lists(network).flat());
      expect(new Set([...taken].map((line) => line.split(' ')[0])).size).toBe(taken.size);
      for (const list of lists(network)) expect(list.length).toBeGreaterThanOrEqual(4);
    }),
    { numRuns: 25 },
  );
});

test('nor who shows one of them a list that contradicts the one both have', () => {
  const common = { networkId: networkId(file), previous: null, parameters: file.parameters, now: CREATED };
  const [low, high] = [nodes, nodes.slice(1)]
    .map((each) => signDirectory(composeDirectory({ ...common, nodes: each }), keys))
    .map((bytes) => acceptDirectory(initialState(file), bytes, CREATED))
    .sort((a, b) => Buffer.compare(a.accepted!.digest, b.accepted!.digest));
  const network = withLiar({});
  network.authorities[0]!.state = high!;
  network.authorities[1]!.state = rememberConflict(high!, low!.accepted!.bytes);
  network.run(2.5 * ROUND);
  for (const { state } of network.authorities.slice(0, 2)) expect(state.accepted?.epoch).toBe(4);
});

test('whatever one of three says to whom and when, the two others have one history, and rounds go on', () => {
  const receiver = fc.constantFrom(A, B);
  const delay = fc.oneof(fc.integer({ min: 0, max: 800 }), fc.integer({ min: 340, max: 390 }));
  const lies = fc.record({
    votes: fc.array(fc.record({ to: receiver, delay, face: fc.integer({ min: 1, max: 3 }) }), { maxLength: 6 }),
    held: fc.array(fc.record({ to: receiver, delay }), { maxLength: 2 }),
    results: fc.array(fc.record({ of: receiver, to: receiver, delay }), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(lies, (each) => {
      const network = withLiar(each);
      network.run(3.5 * ROUND);
      expectOneHistory(network);
      for (const list of lists(network)) expect(list.length).toBeGreaterThanOrEqual(3);
    }),
    { numRuns: 25 },
  );
});

test('two that took different lists of one epoch, while they were cut off from each other, come together again', () => {
  const votes = [
    { to: A, face: 1, delay: 10 },
    { to: B, face: 2, delay: 10 },
  ];
  const network = withLiar({ votes, held: [], results: signsForEach });
  const { link } = network;
  network.link = (from, to, bytes) => (to === C ? link(from, to, bytes) : []);
  network.run(0.8 * ROUND);
  const [a, b] = lists(network) as [string[], string[]];
  expect([a.length, b.length]).toEqual([1, 1]);
  expect(a).not.toEqual(b);
  network.link = (_from, to, bytes) => (to === C ? [] : [{ message: bytes, delay: 10 }]);
  network.run(4 * ROUND);
  for (const { state } of network.authorities.slice(0, 2)) expect(state.accepted?.epoch).toBeGreaterThan(2);
  expect(network.authorities[0]!.state.accepted?.digest).toEqual(network.authorities[1]!.state.accepted?.digest);
});
