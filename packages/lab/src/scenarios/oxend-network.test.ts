import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, concatBytes } from '@sotto/wire/bytes';
import { ed25519KeyPair, type KeyPair } from '@sotto/wire/crypto';
import {
  accountSigner,
  buildGetSwarm,
  buildInfo,
  buildOxendRequest,
  buildRetrieve,
  buildStore,
  type JsonRequest,
} from '@sotto/wire/rpc';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type OxendNetwork, type OxendNode, startOxendNetwork } from '../oxend/oxend-network.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };
const NODES = 8;
const REGISTERED = 6;

let folder: string;
let network: OxendNetwork;
const agent = new Agent({ rejectUnauthorized: false, keepAlive: true });
const people = Array.from({ length: 12 }, () => {
  const keys = ed25519KeyPair(randomBytes(32));
  return { keys, id: `03${bytesToHex(keys.publicKey)}` };
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-oxend-'));
  network = await startOxendNetwork({
    folder,
    nodes: NODES,
    registered: REGISTERED,
    swarms: { minimum: 2, ideal: 3, margin: 0 },
    encrypted: [1],
    testInterval: 150,
  });
});

afterAll(async () => {
  await network?.close();
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly text: string;
  json<Body>(): Body;
}

function ask({ httpsPort }: OxendNode, rpc: JsonRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const options = { host: '127.0.0.1', port: httpsPort, path: '/storage_rpc/v1', method: 'POST', agent };
  const sent = request(options, async (response) => {
    const parts: Buffer[] = [];
    for await (const part of response as AsyncIterable<Buffer>) parts.push(part);
    const text = Buffer.concat(parts).toString();
    resolve({ status: response.statusCode!, text, json: () => JSON.parse(text) });
  });
  sent.on('error', reject);
  sent.end(JSON.stringify(rpc));
  return promise;
}

interface SwarmBody {
  readonly swarm: string;
  readonly snodes: readonly { readonly pubkey_ed25519: string; readonly ip: string; readonly port: string }[];
}

const running = () => network.nodes.filter(({ process }) => process.pid !== null);
const nodeOf = (key: string) => network.nodes.find((node) => node.key === key)!;

/** Members of an account's swarm, once all running nodes say the same. */
async function membersOf(account: string): Promise<readonly OxendNode[]> {
  const answers = await Promise.all(running().map((node) => ask(node, buildGetSwarm(account))));
  const swarms = answers.map((answer) =>
    answer
      .json<SwarmBody>()
      .snodes.map(({ pubkey_ed25519 }) => pubkey_ed25519)
      .sort(),
  );
  for (const swarm of swarms) expect(swarm).toEqual(swarms[0]);
  return swarms[0]!.map(nodeOf);
}

/** As `membersOf`, by the chain: nodes with one swarm id. */
const swarmSizes = () =>
  Object.values(Object.groupBy(network.oxend.chain.nodes, ({ swarmId }) => swarmId))
    .map((members) => members!.length)
    .sort();

async function hashesAt(node: OxendNode, { keys, id }: { keys: KeyPair; id: string }): Promise<string[] | number> {
  const answer = await ask(node, buildRetrieve(accountSigner(id, keys), { timestamp: Date.now() }));
  if (answer.status !== 200) return answer.status;
  return answer
    .json<{ messages: { hash: string }[] }>()
    .messages.map(({ hash }) => hash)
    .sort();
}

const stored = new Map<string, string[]>();

async function storeForAll(text: string): Promise<void> {
  for (const { id } of people) {
    const [member] = await vi.waitFor(() => membersOf(id), PATIENCE);
    const data = concatBytes(Buffer.from(text), randomBytes(8));
    const answer = await ask(member!, buildStore({ accountId: id, data, timestamp: Date.now(), ttl: 86_400_000 }));
    expect(answer.status, answer.text).toBe(200);
    stored.set(id, [...(stored.get(id) ?? []), answer.json<{ hash: string }>().hash].sort());
  }
}

/** Every member of every swarm has all that was ever stored for the accounts of its swarm. */
function everythingIsWhereItBelongs(): Promise<void> {
  return vi.waitFor(async () => {
    for (const person of people) {
      const members = await membersOf(person.id);
      expect(members.length).toBeGreaterThan(0);
      for (const member of members) expect(await hashesAt(member, person)).toEqual(stored.get(person.id));
    }
  }, PATIENCE);
}

const heightsAre = (height: number) =>
  vi.waitFor(async () => {
    const question = buildOxendRequest('get_service_nodes', { fields: ['height'], limit: 1 });
    for (const node of running()) {
      expect((await ask(node, question)).json<{ result: { height: number } }>().result.height).toBe(height);
    }
  }, PATIENCE);

const setStatus = (node: number, status: 'active' | 'decommissioned' | 'gone') =>
  network.oxend.tell({ do: 'status', node, status });

test('nodes get keys and swarms from oxend, by plain and by encrypted links', async () => {
  await vi.waitFor(async () => {
    expect(await membersOf(people[0]!.id)).not.toHaveLength(0);
  }, PATIENCE);
  expect(swarmSizes().slice(0, 2)).not.toContain(1);
  expect((await ask(network.nodes[1]!, buildInfo())).json()).toMatchObject({ hf: [19, 6] });
  await heightsAre(1);
  await storeForAll('first');
  await everythingIsWhereItBelongs();
});

test('messages follow when nodes join', async () => {
  for (const index of [6, 7]) {
    await setStatus(index, 'active');
    await network.nodes[index]!.process.start();
  }
  await network.oxend.mine();
  await network.oxend.mine();
  await everythingIsWhereItBelongs();
  await storeForAll('second');
  await everythingIsWhereItBelongs();
});

test('a decommissioned node stores nothing more and tells who does; it is taken back', async () => {
  await setStatus(0, 'decommissioned');
  await network.oxend.mine();
  const [person] = people;
  await vi.waitFor(async () => expect(await hashesAt(network.nodes[0]!, person!)).toBe(421), PATIENCE);
  await storeForAll('third');
  await everythingIsWhereItBelongs();
  await setStatus(0, 'active');
  await network.oxend.mine();
  await everythingIsWhereItBelongs();
});

test('a swarm that is dissolved leaves its messages to others', async () => {
  const before = new Set(network.oxend.chain.nodes.map(({ swarmId }) => swarmId)).size;
  for (const index of [5, 6, 7]) await setStatus(index, 'decommissioned');
  await network.oxend.mine();
  await setStatus(4, 'decommissioned');
  await network.oxend.mine();
  expect(new Set(network.oxend.chain.nodes.map(({ swarmId }) => swarmId)).size).toBeLessThanOrEqual(before);
  await everythingIsWhereItBelongs();
});

test('without oxend the nodes go on with what they know, and they find it again', async () => {
  const { oxend } = network;
  await oxend.kill();
  await storeForAll('without oxend');
  await everythingIsWhereItBelongs();
  expect((await ask(network.nodes[0]!, buildOxendRequest('get_service_nodes'))).status).toBe(400);
  await oxend.startAgain();
  for (const index of [4, 5, 6, 7]) await setStatus(index, 'active');
  await oxend.mine();
  await heightsAre(oxend.chain.height);
  await everythingIsWhereItBelongs();
});

test('a node that restarts while oxend is away waits for its keys and serves again', async () => {
  const { oxend, nodes } = network;
  await nodes[2]!.process.kill('SIGKILL');
  await oxend.kill();
  await Promise.all([nodes[2]!.process.start(), oxend.startAgain()]);
  await oxend.mine();
  await heightsAre(oxend.chain.height);
  await everythingIsWhereItBelongs();
});

test('a new address is known before the next block, a hard fork with it', async () => {
  const { oxend, nodes } = network;
  const [person] = people;
  const ipOf = async (key: string) => {
    const { snodes } = (await ask(nodes[1]!, buildGetSwarm(person!.id))).json<SwarmBody>();
    return snodes.find(({ pubkey_ed25519 }) => pubkey_ed25519 === key)?.ip;
  };
  const [member] = await vi.waitFor(() => membersOf(person!.id), PATIENCE);
  await oxend.tell({ do: 'move', node: nodes.indexOf(member!), ip: '127.0.0.9' });
  await vi.waitFor(async () => expect(await ipOf(member!.key)).toBe('127.0.0.9'), PATIENCE);
  await oxend.tell({ do: 'fork', hardFork: [20, 1] });
  await oxend.mine();
  await vi.waitFor(async () => expect(await ipOf(member!.key)).toBe('127.0.0.1'), PATIENCE);
  await vi.waitFor(
    async () => expect((await ask(nodes[1]!, buildInfo())).json()).toMatchObject({ hf: [20, 1] }),
    PATIENCE,
  );
});

test('oxend is told whom the nodes reach and whom not', async () => {
  const { oxend, nodes } = network;
  await nodes[3]!.process.kill('SIGKILL');
  const reports = (passed: boolean) =>
    oxend.events.filter((line) => line.event === 'report' && line.about === 3 && line.passed === passed).length;
  const before = reports(true);
  await vi.waitFor(() => expect(reports(false)).toBeGreaterThan(3), PATIENCE);
  await nodes[3]!.process.start();
  await oxend.mine();
  await vi.waitFor(() => expect(reports(true)).toBeGreaterThan(before + 2), PATIENCE);
  await heightsAre(oxend.chain.height);
});

test('what clients ask of the chain is passed on, with its refusals', async () => {
  const { oxend } = network;
  const hash = randomBytes(32).toString('base64');
  await oxend.tell({ do: 'name', hash, record: { encrypted_value: 'aa', nonce: 'bb' } });
  const question = buildOxendRequest('ons_resolve', { type: 0, name_hash: hash });
  expect((await ask(network.nodes[3]!, question)).json()).toMatchObject({
    result: { encrypted_value: 'aa', nonce: 'bb' },
  });
  const bad = await ask(network.nodes[3]!, buildOxendRequest('ons_resolve', { type: 1 }));
  expect(bad.status).toBe(400);
  expect(bad.text).toMatch(/^Unable to parse request/);
  await oxend.tell({ do: 'mood', mood: { kind: 'failing' } });
  expect(await ask(network.nodes[3]!, question)).toMatchObject({ status: 400, text: 'Daemon is busy' });
  await storeForAll('while oxend fails');
  await oxend.tell({ do: 'mood', mood: { kind: 'slow', milliseconds: 300 } });
  expect((await ask(network.nodes[3]!, question)).status).toBe(200);
  await oxend.tell({ do: 'mood', mood: { kind: 'well' } });
});
