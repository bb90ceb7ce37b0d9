import {
  acceptDirectory,
  encodeSuccession,
  initialState,
  networkId,
  signRoundMessage,
  signSuccession,
  signVote,
  type VoteContent,
  verifyRoundMessage,
  verifyVote,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CREATED, sampleContent, sampleFile, sampleKey, sampleKeys, sampleNode } from '../testing/sample.ts';
import { Simulation, type SimulationOptions } from '../testing/simulation.ts';

const ROUND = 1000;
const nine = Array.from({ length: 9 }, (_, index) => sampleNode(index));
const keys = sampleKeys(3);
const file = sampleFile(keys, 2);
const names = keys.map(({ publicKey }) => bytesToHex(publicKey)) as [string, string, string];
const [A, , C] = names;

function simulate(changes: Partial<SimulationOptions> = {}): Simulation {
  return new Simulation({
    file,
    authorities: keys,
    begin: CREATED,
    roundLength: ROUND,
    content: () => sampleContent(file, nine),
    ...changes,
  });
}

const epochs = ({ authorities }: Simulation) => authorities.map(({ state }) => state.accepted?.epoch ?? 0);
const results = ({ authorities }: Simulation, index = 0) => authorities[index]!.outcomes.map(({ result }) => result);
const passing = (message: Uint8Array) => [{ message, delay: 10 }];

/** Each directory that anybody took, by epoch; two different ones of an epoch fail. */
function oneHistory({ authorities }: Simulation): void {
  const digests = new Map<number, string>();
  for (const { state } of authorities) {
    for (const { epoch, digest } of state.history) {
      expect(digests.get(epoch) ?? digest).toBe(digest);
      digests.set(epoch, digest);
    }
  }
}

test('three authorities publish the same directory every round, all three signed', () => {
  const network = simulate();
  network.run(4.5 * ROUND);
  expect(epochs(network)).toEqual([5, 5, 5]);
  expect(network.authorities.map(({ state }) => state.accepted?.signers.length)).toEqual([3, 3, 3]);
  expect(network.authorities[0]!.state.accepted?.nodes).toHaveLength(9);
  oneHistory(network);
  expect(results(network)).toEqual(Array(5).fill('published'));
});

test('one authority alone does it by itself', () => {
  const network = simulate({ authorities: keys.slice(0, 1), file: sampleFile(keys.slice(0, 1), 1) });
  network.run(2.5 * ROUND);
  expect(epochs(network)).toEqual([3]);
});

test('clocks five minutes apart, and starts at other times, do not matter', () => {
  const network = simulate({
    clockError: (index) => [0, 300_000, -300_000][index]!,
    startAt: (index) => [0, 600, 350][index]!,
  });
  network.run(6.5 * ROUND);
  expect(Math.min(...epochs(network))).toBeGreaterThanOrEqual(5);
  expect(new Set(epochs(network)).size).toBe(1);
  oneHistory(network);
});

test('an authority that is away is not missed, and comes back in step', () => {
  const network = simulate();
  network.run(1.5 * ROUND);
  const away = network.authorities[2]!;
  away.isUp = false;
  network.run(3 * ROUND);
  expect(epochs(network)).toEqual([5, 5, 2]);
  expect(network.authorities[0]!.state.accepted?.signers.length).toBe(2);
  away.restart(network.time);
  away.isUp = true;
  network.run(3 * ROUND);
  expect(new Set(epochs(network)).size).toBe(1);
  expect(network.authorities[0]!.state.accepted?.signers.length).toBe(3);
  oneHistory(network);
});

test('news that one authority has begins a round before it is due, but not at once', () => {
  let news = false;
  const network = simulate({ roundLength: 3_600_000, hasNews: (index) => news && index === 1 });
  network.run(30_000);
  expect(epochs(network)).toEqual([1, 1, 1]);
  news = true;
  network.run(25_000);
  expect(epochs(network)).toEqual([1, 1, 1]);
  network.run(10_000);
  expect(epochs(network)).toEqual([2, 2, 2]);
  news = false;
  network.run(3_500_000);
  expect(epochs(network)).toEqual([2, 2, 2]);
  network.run(200_000);
  expect(epochs(network)).toEqual([3, 3, 3]);
  oneHistory(network);
});

test('a crash in the middle of a round never makes it vote twice in one epoch', () => {
  const network = simulate();
  for (let crash = 0; crash < 20; crash++) {
    network.run(37 + 111 * (crash % 5));
    network.authorities[crash % 3]!.restart(network.time + 50);
  }
  network.run(3 * ROUND);
  expect(network.authorities.flatMap(({ evidence }) => evidence)).toEqual([]);
  expect(new Set(epochs(network)).size).toBe(1);
  oneHistory(network);
});

describe('a partition', () => {
  test('with a threshold on one side goes on there, and heals', () => {
    const network = simulate();
    network.run(1.5 * ROUND);
    network.link = (from, to, message) => (from === C || to === C ? [] : passing(message));
    network.run(3 * ROUND);
    expect(epochs(network)).toEqual([5, 5, 2]);
    network.link = (_from, _to, message) => passing(message);
    network.run(4 * ROUND);
    expect(new Set(epochs(network)).size).toBe(1);
    expect(epochs(network)[0]).toBeGreaterThan(6);
    oneHistory(network);
  });

  test('of everybody from everybody leaves the last directory as it is, and heals', () => {
    const network = simulate();
    network.run(1.5 * ROUND);
    network.link = () => [];
    network.run(3 * ROUND);
    expect(epochs(network)).toEqual([2, 2, 2]);
    expect(results(network).slice(-2)).toEqual(['too-few-votes', 'too-few-votes']);
    network.link = (_from, _to, message) => passing(message);
    network.run(4 * ROUND);
    expect(new Set(epochs(network)).size).toBe(1);
    expect(epochs(network)[0]).toBeGreaterThan(4);
    oneHistory(network);
  });
});

test('whatever links lose, delay and repeat, there are never two directories of one epoch', () => {
  const fate = fc.array(fc.constantFrom(-1, 1, 20, 150, 400, 900), { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(fc.infiniteStream(fate), fc.array(fc.nat(400), { minLength: 3, maxLength: 3 }), (fates, starts) => {
      const network = simulate({ startAt: (index) => starts[index]! });
      network.link = (_from, _to, message) => {
        const delays: number[] = fates.next().value;
        return delays.filter((delay) => delay >= 0).map((delay) => ({ message, delay }));
      };
      network.run(5 * ROUND);
      oneHistory(network);
      expect(network.authorities.flatMap(({ evidence }) => evidence)).toEqual([]);
      network.link = (_from, _to, message) => passing(message);
      const before = Math.max(...epochs(network));
      network.run(5 * ROUND);
      expect(new Set(epochs(network)).size).toBe(1);
      expect(epochs(network)[0]).toBeGreaterThan(before);
    }),
    { numRuns: 12 },
  );
});

describe('an authority that lies', () => {
  const liar = keys[2]!;
  /** Signs its own messages anew with another vote. */
  const changeVote = (bytes: Uint8Array, change: (content: VoteContent) => VoteContent): Uint8Array => {
    const message = verifyRoundMessage(bytes);
    if (!message.vote) return bytes;
    const vote = verifyVote(message.vote);
    if (bytesToHex(vote.authority) !== C) return bytes;
    return signRoundMessage({ ...message, vote: signVote({ ...vote, ...change(vote) }, liar) }, liar);
  };

  test('cannot add a node, nor drop one', () => {
    const network = simulate({
      content: (index) => sampleContent(file, index === 2 ? [sampleNode(99)] : nine),
    });
    network.run(2.5 * ROUND);
    for (const { state } of network.authorities) {
      const listed = state.accepted?.nodes.map(({ httpsPort }) => httpsPort).sort();
      expect(listed).toEqual(nine.map(({ httpsPort }) => httpsPort).sort());
    }
  });

  test('that votes in two ways is found out, and its votes do not count', () => {
    const network = simulate();
    network.link = (from, to, bytes) => {
      if (from !== C || bytes.length === 0) return passing(bytes);
      return passing(to === A ? changeVote(bytes, (content) => ({ ...content, nodes: [] })) : bytes);
    };
    network.run(2.5 * ROUND);
    for (const honest of network.authorities.slice(0, 2)) {
      expect(honest.evidence.length).toBeGreaterThan(0);
      const [{ authority, what, first, second }] = honest.evidence as [(typeof honest.evidence)[0]];
      expect([authority, what]).toEqual([C, 'votes']);
      const votes = [first, second].map(verifyVote);
      expect(votes[0]!.epoch).toBe(votes[1]!.epoch);
      expect(first).not.toEqual(second);
      expect(honest.state.accepted?.nodes).toHaveLength(9);
      expect(honest.state.accepted?.signers.map(bytesToHex)).not.toContain(C);
    }
    expect(epochs(network).slice(0, 2)).toEqual([3, 3]);
    oneHistory(network);
  });

  test('that signs two lists for one epoch is found out', () => {
    const network = simulate();
    network.link = (from, _to, bytes) => {
      if (from !== C || bytes.length === 0) return passing(bytes);
      const message = verifyRoundMessage(bytes);
      if (!message.result) return passing(bytes);
      const others = [1, 2, 3].map((fill) => {
        const result = { digest: new Uint8Array(32).fill(fill), signature: new Uint8Array(64) };
        return signRoundMessage({ ...message, result }, liar);
      });
      return [bytes, ...others].map((each) => ({ message: each, delay: 5 }));
    };
    network.run(1.5 * ROUND);
    const found = network.authorities.slice(0, 2).flatMap(({ evidence }) => evidence);
    expect(new Set(found.map(({ authority, what }) => `${authority} ${what}`))).toEqual(new Set([`${C} results`]));
    // However many it signs, once is enough to know.
    for (const { evidence } of network.authorities) {
      expect(new Set(evidence.map(({ epoch }) => epoch)).size).toBe(evidence.length);
    }
    expect(epochs(network)).toEqual([2, 2, 2]);
  });

  test('that replays old messages, or floods with epochs to come, stops nobody', () => {
    const network = simulate();
    const old: Uint8Array[] = [];
    network.link = (from, to, bytes) => {
      if (from !== C || bytes.length === 0) return passing(bytes);
      old.push(bytes);
      const ahead = (by: number) => {
        const message = verifyRoundMessage(bytes);
        if (!message.vote || bytesToHex(verifyVote(message.vote).authority) !== C) return [];
        const vote = signVote({ ...verifyVote(message.vote), epoch: message.epoch + by }, liar);
        return [signRoundMessage({ ...message, epoch: message.epoch + by, vote }, liar)];
      };
      const more = to === A ? [...ahead(1), ...ahead(900), ...ahead(5000)] : ahead(7);
      return [bytes, ...more, ...old.slice(-5)].map((message) => ({ message, delay: 10 }));
    };
    network.run(12 * ROUND);
    const [a, b] = network.authorities as [Simulation['authorities'][0], Simulation['authorities'][0]];
    expect(a.state.accepted?.nodes).toHaveLength(9);
    expect(a.state.history.length).toBeGreaterThan(4);
    expect(b.state.history.length).toBeGreaterThan(4);
    oneHistory(network);
  });
});

describe('a succession', () => {
  const heir = sampleKey('heir');
  const everyone = [...keys, heir];
  const next = [keys[0]!, keys[1]!, heir].map(({ publicKey }) => ({ key: bytesToHex(publicKey), urls: [] }));
  const id = networkId(file);

  const withProposals = (proposers: readonly number[], threshold = 2) => {
    const dict = encodeSuccession({ networkId: id, number: 1, authorities: next, threshold });
    return simulate({
      authorities: everyone,
      content: (index, { successions }) => ({
        ...sampleContent(file, nine),
        proposal:
          proposers.includes(index) && successions.length === 0
            ? { dict, signature: signSuccession(dict, everyone[index]!).signature }
            : null,
      }),
    });
  };

  test.each([2, 3])('that a threshold proposes takes effect everywhere, also where %i must sign then', (threshold) => {
    const network = withProposals([0, 1], threshold);
    network.run(6.5 * ROUND);
    const [a, , c, d] = network.authorities;
    expect(network.authorities.map(({ successions }) => successions.length)).toEqual([1, 1, 1, 1]);
    expect(a!.state.accepted?.signers.map(bytesToHex).sort()).toEqual(next.map(({ key }) => key).sort());
    expect(d!.state.accepted?.epoch).toBe(a!.state.accepted?.epoch);
    // Whom it leaves out learns of it and falls silent.
    expect(c!.outcomes.at(-1)!.epoch).toBeLessThan(a!.state.accepted!.epoch);
    expect(acceptDirectory(initialState(file), a!.state.accepted!.bytes, CREATED).deciding.threshold).toBe(threshold);
    oneHistory(network);
  });

  test('that one alone proposes changes nothing', () => {
    const network = withProposals([2]);
    network.run(4.5 * ROUND);
    expect(network.authorities.map(({ successions }) => successions.length)).toEqual([0, 0, 0, 0]);
    expect(epochs(network).slice(0, 3)).toEqual([5, 5, 5]);
  });
});

test('a round whose epoch could not be remembered says nothing, whatever others send', () => {
  const network = simulate();
  const [{ machine }, other] = network.authorities as [Simulation['authorities'][0], Simulation['authorities'][0]];
  const moment = { steady: 0, wall: CREATED };
  machine.begin(moment);
  const vote = other.machine.begin(moment).find((effect) => effect.kind === 'send')!.message;
  machine.abandon();
  const later = { ...moment, steady: ROUND / 2 - 1 };
  expect([...machine.receive(vote, later), ...machine.advance(later)]).toEqual([]);
  const again = { ...moment, steady: ROUND };
  expect(machine.isDue(again)).toBe(true);
  expect(machine.begin(again)[0]).toEqual({ kind: 'remember', epoch: 2 });
});

test('messages of strangers are refused', () => {
  const network = simulate();
  network.run(0.1);
  const [{ machine }] = network.authorities as [Simulation['authorities'][0]];
  const moment = { steady: network.time, wall: CREATED };
  const stranger = sampleKey('stranger');
  const message = {
    networkId: networkId(file),
    sender: stranger.publicKey,
    epoch: 1,
    vote: null,
    held: null,
    result: null,
  };
  expect(() => machine.receive(signRoundMessage(message, stranger), moment)).toThrow('not from another authority');
  const foreign = { ...message, networkId: new Uint8Array(32), sender: keys[1]!.publicKey };
  expect(() => machine.receive(signRoundMessage(foreign, keys[1]!), moment)).toThrow('another network');
  expect(() => machine.receive(new Uint8Array(9), moment)).toThrow('malformed');
});
