import { WireError } from '@sotto/wire';
import { deriveAccount } from '@sotto/wire/account';
import { accountSigner, batchOf, buildRetrieve } from '@sotto/wire/rpc';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { storeCall } from '../conversation/mailbox-calls.ts';
import { silentLogger } from '../surroundings.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { SimulatedNetwork, type SimulationOptions } from '../testing/simulated-network.ts';
import type { NetworkMemory } from './memory.ts';
import { resolveName } from './name-lookup.ts';
import { Network } from './network.ts';
import type { SwarmCall, SwarmFailure } from './swarm-access.ts';
import { DEFAULT_TIMINGS } from './timings.ts';

const START = 1_790_000_000_000;
const account = deriveAccount(new Uint8Array(16).fill(9));

const retrieve: SwarmCall<unknown> = {
  build: (timestamp) => buildRetrieve(accountSigner(account.accountId, account.ed25519), { timestamp }),
  read: (body) => body,
};

function memory(): NetworkMemory & { readonly values: Map<string, Uint8Array> } {
  const values = new Map<string, Uint8Array>();
  return { values, read: (name) => values.get(name) ?? null, write: (name, value) => void values.set(name, value) };
}

let clock: ManualClock;
let stop: AbortController;
let running: Promise<void>[];

beforeEach(() => {
  clock = new ManualClock(START);
  stop = new AbortController();
  running = [];
});

afterEach(async () => {
  stop.abort();
  await Promise.all(running);
});

async function connect(simulation: SimulatedNetwork, kept = memory(), name = 'client') {
  const network = await Network.open({
    network: simulation.file,
    memory: kept,
    transport: simulation.transport(),
    timings: DEFAULT_TIMINGS,
    clock,
    random: seededRandom(name),
    log: silentLogger,
  });
  running.push(network.run(stop.signal));
  return { network, kept };
}

function simulate(options: Partial<SimulationOptions> = {}) {
  return new SimulatedNetwork({ clock, ...options });
}

async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  let result: PromiseSettledResult<T> | null = null;
  const watched = Promise.allSettled([promise]).then(([only]) => {
    result = only;
  });
  await clock.until(() => result !== null);
  await watched;
  return result!;
}

/** Asks every member of a swarm once, one after the other. */
async function askAll(network: Network, accountId = account.accountId) {
  const results: Record<string, string> = {};
  for (const node of network.members(accountId)) {
    const result = await settled(network.ask(accountId, node, retrieve, stop.signal));
    results[node.key] = result.status === 'fulfilled' ? 'done' : (result.reason as SwarmFailure).reason;
  }
  return results;
}

function guardsOf(kept: NetworkMemory): (string | null)[] {
  return JSON.parse(Buffer.from(kept.read('guards')!).toString()) as (string | null)[];
}

/** Waits until both paths stand. */
async function ready(network: Network, kept: NetworkMemory) {
  await clock.until(() => network.isConnected() && !guardsOf(kept).includes(null));
  await clock.advance(1000);
}

describe('names', () => {
  test('three different nodes are asked over paths; that there are no names is found out', async () => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const before = simulation.reached.length;
    const found = await settled(resolveName('alice', network, stop.signal));
    expect(found).toMatchObject({ status: 'rejected', reason: { reason: 'no-names' } });
    const asked = simulation.reached.slice(before).filter(({ method }) => method === 'oxend_request');
    expect(new Set(asked.map(({ node }) => node.key)).size).toBe(3);
  });

  test('without a network nobody can be asked', async () => {
    const simulation = simulate();
    simulation.isOffline = true;
    const { network } = await connect(simulation);
    const found = await settled(resolveName('alice', network, stop.signal));
    expect(found).toMatchObject({ status: 'rejected', reason: { reason: 'unreachable' } });
  });
});

function contacts(simulation: SimulatedNetwork): Set<string> {
  return new Set(simulation.posts.map(({ node }) => node.key));
}

/** The keys of those who were asked for the directory over paths. */
function mirrorsAsked(simulation: SimulatedNetwork): string[] {
  return simulation.reached.filter(({ method }) => method === 'directory').map(({ node }) => node.key);
}

/** Three in a row within the same /24, all public. */
const closeTogether = (index: number) => `203.${Math.floor(index / 3)}.7.${index + 1}`;

describe('a healthy network', () => {
  test('a first start fetches the directory, chooses guards and carries a request', async () => {
    const simulation = simulate();
    const { network } = await connect(simulation);
    expect(network.isConnected()).toBe(false);
    expect(network.route(account.accountId)).toMatchObject({ state: 'connecting', relays: [], nodes: 0 });
    await clock.until(() => network.isConnected());
    const [node] = network.members(account.accountId);
    const answer = await settled(network.ask(account.accountId, node!, retrieve, stop.signal));
    expect(answer).toMatchObject({ status: 'fulfilled', value: { messages: [] } });
    expect(simulation.reached.at(-1)).toMatchObject({ method: 'retrieve', node: { key: node!.key } });
    const route = network.route(account.accountId);
    expect(route).toMatchObject({
      state: 'connected',
      nodes: 12,
      mailboxCopies: 3,
      networkName: 'Simulation',
      roundTripMs: 20,
      oneSite: true,
    });
    expect(route.relays.map(({ role }) => role)).toEqual(['guard', 'middle', 'exit']);
    expect(new Set(route.relays.map(({ key }) => key)).size).toBe(3);
  });

  test('only guards see our address, the account is never among what they are told, and sizes are classes', async () => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await clock.until(() => network.isConnected());
    await askAll(network);
    expect([...contacts(simulation)].sort()).toEqual([...guardsOf(kept)].sort());
    const onions = simulation.posts.filter(({ path }) => path === '/onion_req/v2');
    expect(onions.length).toBeGreaterThan(3);
    for (const { bytes } of onions) expect(Math.log2(bytes) % 1).toBe(0);
    const direct = simulation.posts.filter(({ path }) => path !== '/onion_req/v2');
    expect(direct.every(({ path, bytes }) => path === '/storage_rpc/v1' && bytes < 60)).toBe(true);
  });

  test('no two nodes on a path, nor the destination, share a subnet unless the network is one site', async () => {
    const simulation = simulate({ nodes: 27, oneSite: false, ip: closeTogether });
    const { network } = await connect(simulation);
    for (let round = 0; round < 10; round++) {
      await clock.until(() => network.isConnected());
      const subnets = network.route(account.accountId).relays.map(({ address }) => address.split('.')[1]);
      expect(new Set(subnets).size).toBe(3);
      expect(Object.values(await askAll(network))).toEqual(['done', 'done', 'done']);
      await clock.advance(DEFAULT_TIMINGS.rotation);
    }
  });

  test('private addresses are used in a one-site network only', async () => {
    const { network } = await connect(simulate({ oneSite: false }));
    await clock.advance(60_000);
    expect(network.isConnected()).toBe(false);
    expect(network.members(account.accountId)).toEqual([]);
  });

  test('middle and exit change every ten minutes, the guard stays', async () => {
    const simulation = simulate({ nodes: 30 });
    const { network, kept } = await connect(simulation);
    await clock.until(() => network.isConnected());
    const guards = guardsOf(kept);
    const before = network.route(account.accountId);
    await clock.advance(DEFAULT_TIMINGS.rotation * 1.3);
    const after = network.route(account.accountId);
    expect(after.state).toBe('connected');
    expect(after.relays[0]).toEqual(before.relays[0]);
    expect(after.relays.slice(1)).not.toEqual(before.relays.slice(1));
    expect(guardsOf(kept)).toEqual(guards);
  });

  test('also when the clock has been set back by a year', async () => {
    const simulation = simulate({ nodes: 30 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    await clock.advance(DEFAULT_TIMINGS.rotation / 2);
    const before = network.route(account.accountId).relays;
    clock.set(-365 * 86_400_000);
    await clock.advance(DEFAULT_TIMINGS.rotation);
    expect(network.route(account.accountId).relays.slice(1)).not.toEqual(before.slice(1));
    expect(network.route(account.accountId).relays[0]).toEqual(before[0]);
  });

  test('a network of the fewest nodes that can work works', async () => {
    const { network, kept } = await connect(simulate({ nodes: 5, nodesPerSwarm: 5 }));
    await ready(network, kept);
    const results = Object.values(await askAll(network));
    expect(results.filter((result) => result === 'done')).toHaveLength(5);
  });
});

describe('guards', () => {
  test('are kept over restarts', async () => {
    const simulation = simulate({ nodes: 60 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const guards = guardsOf(kept);
    const again = await connect(simulation, kept, 'another run');
    await clock.until(() => again.network.isConnected());
    expect(network.isConnected()).toBe(true);
    expect([...contacts(simulation)].sort()).toEqual([...guards].sort());
  });

  test.each(['dead', 'refusing'] as const)('one that is %s is replaced alone', async (behaviour) => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const [lost, survivor] = guardsOf(kept);
    simulation.node(lost!).behaviour = behaviour;
    for (let round = 0; round < 12; round++) {
      await askAll(network);
      await clock.advance(5000);
    }
    const [replacement, stayed] = guardsOf(kept);
    expect(stayed).toBe(survivor);
    expect(replacement).not.toBe(lost);
    expect(Object.values(await askAll(network)).filter((result) => result === 'done').length).toBeGreaterThan(1);
  });

  test('one is not given up because others do not get answers from it as a mailbox', async () => {
    const simulation = simulate({ nodes: 12, nodesPerSwarm: 12 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const guards = guardsOf(kept);
    const [framed] = guards as [string];
    // All others withhold what is meant for it as a mailbox.
    for (const node of simulation.nodes) node.blocked.add(framed);
    for (let round = 0; round < 4; round++) {
      await settled(network.ask(account.accountId, { key: framed }, retrieve, stop.signal));
      await clock.advance(10_000);
    }
    simulation.node(framed).behaviour = 'refusing';
    const other = simulation.nodes.find(({ key }) => !guards.includes(key))!;
    const testsOf = () =>
      simulation.posts.filter(({ node, path }) => node.key === framed && path === '/storage_rpc/v1');
    const before = testsOf().length;
    while (testsOf().length === before) await settled(network.ask(account.accountId, other, retrieve, stop.signal));
    simulation.node(framed).behaviour = 'honest';
    await clock.advance(30_000);
    expect(guardsOf(kept)).toEqual(guards);
  });

  test('one that is away for a moment is kept', async () => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const guards = guardsOf(kept);
    const node = simulation.node(guards[0]!);
    for (let round = 0; round < 4; round++) {
      node.behaviour = 'refusing';
      await askAll(network);
      await clock.advance(200);
      node.behaviour = 'honest';
      await clock.advance(10_000);
    }
    expect(guardsOf(kept)).toEqual(guards);
  });

  test('one that answers but passes nothing on is replaced alone', async () => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const [lost, survivor] = guardsOf(kept);
    simulation.node(lost!).behaviour = 'not-relaying';
    for (let round = 0; round < 20 && guardsOf(kept)[0] === lost; round++) {
      await askAll(network);
      await clock.advance(15_000);
    }
    expect(guardsOf(kept)[0]).not.toBe(lost);
    expect(guardsOf(kept)[1]).toBe(survivor);
  });

  test.each(['offline', 'silent'] as const)('are kept when the whole network is %s for an hour', async (kind) => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const guards = guardsOf(kept);
    const down = (isDown: boolean) => {
      simulation.isOffline = isDown && kind === 'offline';
      for (const node of simulation.nodes) node.behaviour = isDown && kind === 'silent' ? 'dead' : 'honest';
    };
    down(true);
    await askAll(network);
    await clock.advance(3_600_000);
    expect(network.route(account.accountId)).toMatchObject({ state: 'offline', relays: [] });
    expect(await askAll(network)).toMatchObject({});
    down(false);
    await clock.until(() => network.isConnected(), 60_000);
    expect(guardsOf(kept)).toEqual(guards);
  });
});

describe('who is to blame', () => {
  test.each(['dead', 'garbage', 'framing', 'answer-lost', 'refusing'] as const)(
    'a destination that is %s costs neither path nor guard',
    async (behaviour) => {
      const simulation = simulate({ nodes: 30 });
      const { network, kept } = await connect(simulation);
      await ready(network, kept);
      const before = network.route(account.accountId).relays;
      const onPath = new Set(before.map(({ key }) => key));
      const bad = simulation
        .swarm(account.accountId)
        .find(({ key }) => !onPath.has(key) && !guardsOf(kept).includes(key))!;
      bad.behaviour = behaviour;
      const guards = guardsOf(kept);
      for (let round = 0; round < 8; round++) {
        const results = await askAll(network);
        expect(results[bad.key]).toBe('unreachable');
        expect(Object.values(results).filter((result) => result === 'done').length).toBe(2);
        await clock.advance(1000);
        expect(network.members(account.accountId).at(-1)?.key).toBe(bad.key);
      }
      expect(network.route(account.accountId).relays).toEqual(before);
      expect(guardsOf(kept)).toEqual(guards);
    },
  );

  test('an exit that reports a dead destination at once is not blamed for it', async () => {
    const simulation = simulate({ nodes: 30 });
    simulation.reportsTimeouts = true;
    const { network } = await connect(simulation);
    await clock.until(() => network.isConnected());
    await clock.advance(1000);
    const before = network.route(account.accountId).relays;
    const bad = simulation.swarm(account.accountId).find(({ key }) => !before.some((relay) => relay.key === key))!;
    bad.behaviour = 'dead';
    for (let round = 0; round < 5; round++) expect((await askAll(network))[bad.key]).toBe('unreachable');
    expect(network.route(account.accountId).relays).toEqual(before);
  });

  test.each([false, true])(
    'a relay that dies is replaced and the guard kept (reported at once: %s)',
    async (reports) => {
      const simulation = simulate({ nodes: 30 });
      simulation.reportsTimeouts = reports;
      const { network, kept } = await connect(simulation);
      await ready(network, kept);
      const guards = guardsOf(kept);
      const [, middle] = network.route(account.accountId).relays;
      simulation.node(middle!.key).behaviour = 'dead';
      for (let round = 0; round < 4; round++) await askAll(network);
      await clock.advance(10_000);
      expect(network.route(account.accountId).relays.map(({ key }) => key)).not.toContain(middle!.key);
      expect(guardsOf(kept)).toEqual(guards);
      const others = Object.entries(await askAll(network)).filter(([key]) => key !== middle!.key);
      expect(others.every(([, result]) => result === 'done')).toBe(true);
    },
  );

  test('an exit that passes probes but not the requests that matter is found out and replaced', async () => {
    const simulation = simulate({ nodes: 30 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const guards = guardsOf(kept);
    const exit = network.route(account.accountId).relays[2]!;
    for (const { key } of simulation.swarm(account.accountId)) simulation.node(exit.key).blocked.add(key);
    const stands = () => network.route(account.accountId).relays.some(({ key }) => key === exit.key);
    const before = clock.now();
    while (stands()) await askAll(network);
    // Long before it would have been replaced anyway.
    expect(clock.now() - before).toBeLessThan(DEFAULT_TIMINGS.rotation / 2);
    expect(guardsOf(kept)).toEqual(guards);
    expect(Object.values(await askAll(network))).toEqual(['done', 'done', 'done']);
  });

  test('a destination that answers only the exits of its choice changes none of them', async () => {
    const simulation = simulate({ nodes: 60 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const before = network.route(account.accountId).relays;
    const onPath = new Set(before.map(({ key }) => key));
    const picky = simulation.swarm(account.accountId).find(({ key }) => !onPath.has(key))!;
    picky.ignored.add(before[2]!.key);
    const results: string[] = [];
    const started = clock.now();
    while (clock.now() - started < DEFAULT_TIMINGS.rotation / 2) {
      results.push((await askAll(network))[picky.key]!);
      await clock.advance(2000);
    }
    expect(results.filter((result) => result === 'unreachable').length).toBeGreaterThan(3);
    expect(results.filter((result) => result === 'done').length).toBeGreaterThan(3);
    expect(network.route(account.accountId).relays).toEqual(before);
  });

  test('a guard that ends paths until one suits it is found out and replaced alone', async () => {
    const simulation = simulate({ nodes: 60 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const [bad, survivor] = guardsOf(kept);
    const guard = simulation.node(bad!);
    const middles = new Set<string>();
    const started = clock.now();
    while (guardsOf(kept)[0] === bad && clock.now() - started < 3_000_000) {
      await clock.until(() => network.isConnected());
      // It lets every path come about, and ends each one soon after.
      const [, middle] = network.route(account.accountId).relays;
      if (network.route(account.accountId).relays[0]?.key === bad) {
        middles.add(middle!.key);
        guard.blocked.add(middle!.key);
      }
      await askAll(network);
      await clock.advance(5000);
    }
    expect(guardsOf(kept)[0]).not.toBe(bad);
    expect(guardsOf(kept)[1]).toBe(survivor);
    expect(middles.size).toBeLessThan(6);
  });

  test('sending goes on to another node of the swarm', async () => {
    const simulation = simulate();
    const { network } = await connect(simulation);
    await clock.until(() => network.isConnected());
    const [first, second] = simulation.swarm(account.accountId);
    first!.behaviour = 'dead';
    second!.behaviour = 'garbage';
    expect(await settled(network.send(account.accountId, retrieve, stop.signal))).toMatchObject({
      status: 'fulfilled',
    });
  });

  test.each(['swallowing', 'misdirecting'] as const)(
    'one member that is %s and says that all is well makes no message be lost',
    async (behaviour) => {
      const simulation = simulate();
      const [liar, accomplice] = [simulation.swarm(account.accountId)[0]!, simulation.nodes.at(-1)!];
      liar.behaviour = behaviour;
      accomplice.behaviour = 'swallowing';
      simulation.misdirection = [accomplice.key];
      for (let number = 0; number < 8; number++) {
        // A new client knows nothing against anybody.
        const { network, kept } = await connect(simulation, memory(), `client ${number}`);
        await ready(network, kept);
        const members = network.members(account.accountId);
        const seal = () => Uint8Array.of(number);
        const call = storeCall({ accountId: account.accountId, members, namespace: 0, ttl: 1_000_000, seal });
        expect(await settled(network.send(account.accountId, call, stop.signal))).toMatchObject({
          status: 'fulfilled',
        });
        expect(simulation.mailbox(account.accountId)).toHaveLength(number + 1);
      }
    },
  );

  test('a node that answers nonsense under its own key is struck', async () => {
    const simulation = simulate();
    const { network } = await connect(simulation);
    await clock.until(() => network.isConnected());
    const node = network.members(account.accountId)[0]!;
    const distrustful: SwarmCall<never> = {
      ...retrieve,
      read: () => {
        throw new WireError('rpc', 'nonsense');
      },
    };
    const answer = await settled(network.ask(account.accountId, node, distrustful, stop.signal));
    expect(answer).toMatchObject({ status: 'rejected', reason: { reason: 'unreachable' } });
    expect(network.members(account.accountId).at(-1)).toEqual(node);
  });
});

describe('requests apart', () => {
  const asApart = (network: Network, key: string, holdMs = 20_000) =>
    settled(network.askApart(account.accountId, { key }, retrieve, holdMs, stop.signal));
  const exits = (simulation: SimulatedNetwork, count: number) =>
    simulation.reached.slice(-count).map(({ exit }) => exit!);

  test('take one route, over a guard, that no other request takes, until it is renewed', async () => {
    const simulation = simulate({ nodes: 20, nodesPerSwarm: 5 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const [node] = network.members(account.accountId);
    for (let round = 0; round < 5; round++) await asApart(network, node!.key);
    const [apart, ...same] = new Set(exits(simulation, 5));
    expect(same).toEqual([]);
    await askAll(network);
    expect(exits(simulation, 5)).not.toContain(apart);
    expect([...contacts(simulation)].sort()).toEqual(guardsOf(kept).toSorted());
    await clock.advance(DEFAULT_TIMINGS.rotation * 1.3);
    await asApart(network, node!.key);
    expect(exits(simulation, 1)).not.toEqual([apart]);
  });

  test('that fail cost nobody a strike or a path, and the next one takes another route', async () => {
    const simulation = simulate({ nodes: 20, nodesPerSwarm: 5 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const [node] = network.members(account.accountId);
    await asApart(network, node!.key);
    const [exit] = exits(simulation, 1);
    const relays = network.route(account.accountId).relays;
    simulation.node(exit!).blocked.add(node!.key);
    expect(await asApart(network, node!.key)).toMatchObject({ reason: { reason: 'unreachable' } });
    expect(await asApart(network, node!.key)).toMatchObject({ status: 'fulfilled' });
    expect(exits(simulation, 1)).not.toEqual([exit]);
    expect(network.route(account.accountId).relays).toEqual(relays);
    expect([...contacts(simulation)].sort()).toEqual(guardsOf(kept).toSorted());
  });

  test('do not count as round trips, and bear that the answer is held', async () => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const [node] = network.members(account.accountId);
    const before = network.route(account.accountId).roundTripMs;
    simulation.node(node!.key).behaviour = 'answer-lost';
    const began = clock.now();
    await asApart(network, node!.key, 20_000);
    expect(clock.now() - began).toBeGreaterThanOrEqual(20_000 + DEFAULT_TIMINGS.request);
    expect(network.route(account.accountId).roundTripMs).toBe(before);
  });

  test('that another swarm should have got lead there', async () => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const stranger = simulation.nodes.find(({ key }) =>
      network.members(account.accountId).every((node) => node.key !== key),
    )!;
    const batch: SwarmCall<unknown> = {
      ...retrieve,
      build: (time) => batchOf('batch', [retrieve.build(time)] as never),
    };
    const answer = await settled(network.askApart(account.accountId, stranger, batch, 0, stop.signal));
    expect(answer).toMatchObject({ reason: { reason: 'unreachable' } });
    const [node] = network.members(account.accountId);
    expect(await settled(network.ask(account.accountId, node!, batch, stop.signal))).toMatchObject({
      value: { results: [{ code: 200 }] },
    });
  });
});

describe('the clock', () => {
  test.each([-300_000, 300_000])(
    'a local clock that is wrong by %i ms is corrected before the first request',
    async (wrong) => {
      const simulation = simulate();
      for (const node of simulation.nodes) node.clockAhead = wrong;
      const { network } = await connect(simulation);
      await clock.until(() => network.isConnected());
      expect(Math.abs(network.now() - clock.now() - wrong)).toBeLessThan(100);
      expect(Object.values(await askAll(network))).toEqual(['done', 'done', 'done']);
    },
  );

  test('is still right after a restart without a network, and learns anew from the first answer', async () => {
    const simulation = simulate();
    for (const node of simulation.nodes) node.clockAhead = 300_000;
    const { network, kept } = await connect(simulation);
    await clock.until(() => network.isConnected());
    simulation.isOffline = true;
    const again = await connect(simulation, kept, 'another run');
    expect(Math.abs(again.network.now() - clock.now() - 300_000)).toBeLessThan(600);
    for (const node of simulation.nodes) node.clockAhead = 0;
    simulation.isOffline = false;
    await clock.until(() => again.network.isConnected());
    expect(Math.abs(again.network.now() - clock.now())).toBeLessThan(100);
  });

  test('one node with a wrong clock refuses us and does not move ours', async () => {
    const simulation = simulate();
    const { network } = await connect(simulation);
    await clock.until(() => network.isConnected());
    const [wrong] = simulation.swarm(account.accountId);
    wrong!.clockAhead = 7_200_000;
    const results = await askAll(network);
    expect(results[wrong!.key]).toBe('clock-wrong');
    expect(Math.abs(network.now() - clock.now())).toBeLessThan(100);
    expect(await settled(network.send(account.accountId, retrieve, stop.signal))).toMatchObject({
      status: 'fulfilled',
    });
  });

  test('a time that no node can mean is not taken, whoever tells it', async () => {
    const simulation = simulate();
    const { network } = await connect(simulation);
    await clock.until(() => network.isConnected());
    for (const node of simulation.nodes) node.clockAhead = 10 ** 14;
    await settled(network.send(account.accountId, retrieve, stop.signal));
    expect(Math.abs(network.now() - clock.now())).toBeLessThan(100);
  });

  test('a clock that jumps while we run is noticed', async () => {
    const simulation = simulate();
    const { network } = await connect(simulation);
    await clock.until(() => network.isConnected());
    await askAll(network);
    for (const node of simulation.nodes) node.clockAhead = 600_000;
    expect(await settled(network.send(account.accountId, retrieve, stop.signal))).toMatchObject({
      status: 'fulfilled',
    });
    expect(Math.abs(network.now() - clock.now() - 600_000)).toBeLessThan(100);
  });
});

describe('swarms', () => {
  test('when the swarm has moved since our directory, the 421 leads to it and a new directory is fetched', async () => {
    const simulation = simulate();
    const { network } = await connect(simulation);
    await clock.until(() => network.isConnected());
    const old = simulation.swarm(account.accountId);
    const elsewhere = simulation.nodes.filter((node) => !old.includes(node)).slice(0, 3);
    const [oldId, newId] = [old[0]!.swarmId, elsewhere[0]!.swarmId];
    for (const node of old) node.swarmId = newId;
    for (const node of elsewhere) node.swarmId = oldId;
    expect(await settled(network.send(account.accountId, retrieve, stop.signal))).toMatchObject({
      status: 'fulfilled',
    });
    simulation.publish();
    expect(await settled(network.send(account.accountId, retrieve, stop.signal))).toMatchObject({
      status: 'fulfilled',
    });
    await clock.advance(60_000);
    const members = network.members(account.accountId).map(({ key }) => key);
    expect(members.sort()).toEqual(elsewhere.map(({ key }) => key).sort());
  });

  test('a node that sends us to strangers, or to nodes of its choice, is not followed for long', async () => {
    const simulation = simulate();
    const { network } = await connect(simulation);
    await clock.until(() => network.isConnected());
    const members = simulation.swarm(account.accountId);
    const elsewhere = simulation.nodes.find((node) => !members.includes(node))!;
    members[0]!.behaviour = 'misdirecting';
    simulation.misdirection = ['ff'.repeat(32), elsewhere.key];
    for (let round = 0; round < 4; round++) {
      expect(await settled(network.send(account.accountId, retrieve, stop.signal))).toMatchObject({
        status: 'fulfilled',
      });
    }
    expect(
      network
        .members(account.accountId)
        .map(({ key }) => key)
        .sort(),
    ).toEqual(members.map(({ key }) => key).sort());
  });
});

describe('the directory', () => {
  test('survives a restart without seeds, and an older one is refused', async () => {
    const simulation = simulate();
    const first = simulation.directory();
    simulation.publish();
    const { network, kept } = await connect(simulation);
    await clock.until(() => network.isConnected());
    simulation.serve(first);
    const again = await connect(simulation, kept, 'another run');
    await clock.advance(DEFAULT_TIMINGS.refresh * 2);
    expect(again.network.isConnected()).toBe(true);
    expect(again.network.route(account.accountId).directoryExpired).toBe(false);
    const saved = Buffer.from(kept.read('directory')!).toString();
    expect(saved).not.toContain(Buffer.from(first).toString('base64'));
  });

  test('is refreshed over paths by nodes at random, and a node that is gone is not used any more', async () => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await clock.until(() => network.isConnected());
    const gone = simulation.nodes.at(-1)!;
    const nodes = simulation.nodes.filter((node) => node !== gone);
    Object.assign(simulation, { nodes });
    simulation.publish();
    await clock.advance(DEFAULT_TIMINGS.refresh * 8);
    expect(network.route(account.accountId).nodes).toBe(11);
    expect(network.isConnected()).toBe(true);
    expect(simulation.fetched).toHaveLength(1);
    expect(['seed:1', 'authority:1']).toContain(simulation.fetched[0]);
    const asked = mirrorsAsked(simulation);
    expect(asked.length).toBeGreaterThan(5);
    expect(new Set(asked).size).toBeGreaterThan(2);
    for (const guard of guardsOf(kept)) expect(asked).not.toContain(guard);
  });

  test('a mirror with an old one or with garbage leads to the next', async () => {
    const simulation = simulate({ nodes: 5, nodesPerSwarm: 5 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const guards = guardsOf(kept);
    const [late, liar] = simulation.nodes.filter(({ key }) => !guards.includes(key));
    late!.directory = simulation.directory();
    liar!.directory = Buffer.from('garbage');
    for (let round = 0; round < 6; round++) {
      simulation.publish({ validUntil: clock.now() + DEFAULT_TIMINGS.refresh * 1.5 });
      await clock.advance(DEFAULT_TIMINGS.refresh * 1.3);
      expect(network.route(account.accountId).directoryExpired).toBe(false);
    }
    expect(mirrorsAsked(simulation)).toEqual(expect.arrayContaining([late!.key, liar!.key]));
    expect(simulation.fetched).toHaveLength(1);
    expect(guardsOf(kept)).toEqual(guards);
  });

  test('guards are asked without a path if no mirror knows the method, and none of those is struck', async () => {
    const simulation = simulate({ nodes: 5, nodesPerSwarm: 5 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const guards = guardsOf(kept);
    const mirrors = simulation.nodes.filter(({ key }) => !guards.includes(key));
    for (const mirror of mirrors) mirror.directory = null;
    const rounds = 6;
    for (let round = 1; round <= rounds; round++) {
      await clock.until(() => simulation.fetched.length > round, DEFAULT_TIMINGS.refresh * 1.3);
    }
    // Members come in random order, those with strikes last.
    const first = new Set(Array.from({ length: 200 }, () => network.members(account.accountId)[0]!.key));
    expect(first.size).toBe(5);
    const asked = mirrorsAsked(simulation);
    for (const { key } of mirrors) expect(asked.filter((other) => other === key)).toHaveLength(rounds);
    const addresses = guards.map((key) => simulation.node(key!).address);
    for (const host of simulation.fetched.slice(1)) expect(addresses).toContain(host);
    expect(network.isConnected()).toBe(true);
    expect(guardsOf(kept)).toEqual(guards);
  });

  test('mirrors that say nothing cost no guard, and others are asked', async () => {
    const simulation = simulate({ nodes: 30 });
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const guards = guardsOf(kept);
    const others = simulation.nodes.filter(({ key }) => !guards.includes(key));
    for (const mirror of others.slice(0, 14)) mirror.behaviour = 'answer-lost';
    for (let round = 0; round < 4; round++) {
      simulation.publish({ validUntil: clock.now() + DEFAULT_TIMINGS.refresh * 1.5 });
      await clock.advance(DEFAULT_TIMINGS.refresh * 1.3);
      expect(network.route(account.accountId).directoryExpired).toBe(false);
    }
    const silent = new Set(others.slice(0, 14).map(({ key }) => key));
    expect(mirrorsAsked(simulation).some((key) => silent.has(key))).toBe(true);
    expect(network.isConnected()).toBe(true);
    expect(guardsOf(kept)).toEqual(guards);
  });

  test('authorities and seeds are left alone while a path stands, though nobody else has a good one', async () => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    simulation.serve(Buffer.from('garbage'));
    await clock.advance(DEFAULT_TIMINGS.refresh * 3);
    expect(network.isConnected()).toBe(true);
    const [, ...later] = simulation.fetched;
    const guards = guardsOf(kept).map((key) => simulation.node(key!).address);
    expect([...new Set(later)].sort()).toEqual(guards.sort());
  });

  test('is refreshed over a path also by a run that has one already', async () => {
    const simulation = simulate();
    const first = await connect(simulation);
    await ready(first.network, first.kept);
    await connect(simulation, first.kept, 'another run');
    await clock.until(() => mirrorsAsked(simulation).length > 0, 10_000);
    await clock.advance(60_000);
    expect(new Set(mirrorsAsked(simulation)).size).toBe(3);
    expect(simulation.fetched).toHaveLength(1);
  });

  test('comes from the guards soon if no path comes about', async () => {
    const simulation = simulate();
    const first = await connect(simulation);
    await ready(first.network, first.kept);
    const guards = guardsOf(first.kept).map((key) => simulation.node(key!).address);
    stop.abort();
    await Promise.all(running);
    stop = new AbortController();
    for (const node of simulation.nodes) node.behaviour = 'not-relaying';
    await connect(simulation, first.kept, 'another run');
    await clock.until(() => simulation.fetched.length > 1, 30_000);
    expect(guards).toContain(simulation.fetched[1]);
  });

  test('is fetched from the seeds again when all nodes have moved', async () => {
    const simulation = simulate();
    const { network, kept } = await connect(simulation);
    await ready(network, kept);
    const guards = guardsOf(kept);
    for (const [index, node] of simulation.nodes.entries()) node.address = `127.0.0.1:${30_000 + index}`;
    simulation.publish();
    await askAll(network);
    await clock.until(() => network.route(account.accountId).relays.length === 0);
    await clock.until(() => network.isConnected(), 300_000);
    expect(network.route(account.accountId).relays[0]?.address).toMatch(/:30/);
    expect(guardsOf(kept)).toEqual(guards);
  });

  test('of one kind does not belong to a network of the other', async () => {
    const { kept, network } = await connect(simulate());
    await clock.until(() => network.isConnected());
    const seeds = [{ url: 'https://seed.test', unverified: true }] as const;
    const file = { sotto: 1, name: 'Chain', chain: { id: 'c', seeds, oneSite: true }, communities: [] } as const;
    const parts = { transport: simulate().transport(), timings: DEFAULT_TIMINGS, clock, log: silentLogger };
    const open = Network.open({ ...parts, network: file, memory: kept, random: seededRandom('other') });
    await expect(open).rejects.toMatchObject({ code: 'bad-network' });
  });

  test('shows a warning once it has ended', async () => {
    const simulation = simulate();
    const { network } = await connect(simulation);
    await clock.until(() => network.isConnected());
    await clock.advance(8 * 86_400_000);
    expect(network.route(account.accountId).directoryExpired).toBe(true);
    expect(network.isConnected()).toBe(true);
  }, 60_000);

  test('of another network is refused with the profile that holds it', async () => {
    const kept = memory();
    const { network } = await connect(simulate(), kept);
    await clock.until(() => network.isConnected());
    const other = simulate();
    Object.assign(other, { file: { ...other.file, created: 2 } });
    await expect(connect(other, kept)).rejects.toMatchObject({ code: 'bad-network' });
  });

  test('that cannot be fetched is asked for again until it can', async () => {
    const simulation = simulate();
    simulation.isOffline = true;
    const { network } = await connect(simulation);
    await clock.advance(120_000);
    expect(network.route(account.accountId).state).toBe('offline');
    simulation.isOffline = false;
    await clock.until(() => network.isConnected(), 60_000);
  });
});
