import { randomBytes } from 'node:crypto';
import { type Account, accountIdToBytes, deriveAccount } from '@sotto/wire/account';
import { encodePushBatches } from '@sotto/wire/bt';
import { deriveNodeKeys } from '@sotto/wire/nodes';
import { buildOnion } from '@sotto/wire/onion';
import {
  accountSigner,
  batchOf,
  buildInfo,
  buildRetrieve,
  buildStore,
  type JsonRequest,
  messageHash,
} from '@sotto/wire/rpc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RawDealer } from '../testing/foreign-peer.ts';
import { TestNetwork } from '../testing/test-network.ts';

/** A listed member of the swarm that speaks only as the tests tell it to. */
const ghost = deriveNodeKeys(new Uint8Array(32).fill(78));
const LONG = 25_000;
let network: TestNetwork;
let account: Account;

beforeEach(async () => {
  network = await TestNetwork.start(4, { deliveryInterval: 100_000 });
  account = deriveAccount(randomBytes(16));
  await publish();
});

afterEach(() => network.close());

async function publish(): Promise<void> {
  const records = network.nodes.map((_, index) => network.record(index));
  await network.publish([
    ...records,
    { ...network.record(0), ed25519Key: ghost.ed25519.publicKey, httpsPort: 1, omqPort: 1 },
  ]);
}

const retrieve = (wait: number, namespace = 0) =>
  buildRetrieve(accountSigner(account.accountId, account.ed25519), { namespace, wait, timestamp: Date.now() });

function store(text: string, namespace = 0): JsonRequest {
  const data = Buffer.from(text);
  const signer = accountSigner(account.accountId, account.ed25519);
  return buildStore({ accountId: account.accountId, namespace, data, timestamp: Date.now(), ttl: 60_000, signer });
}

const dataOf = (messages: unknown) =>
  (messages as { data: string }[]).map(({ data }) => Buffer.from(data, 'base64').toString());

/** Sends a request that waits and resolves once it does: its answer is still to come. */
async function begin(index: number, request: JsonRequest) {
  const answer = network.rpc(index, request);
  let isAnswered = false;
  void answer.then(() => {
    isAnswered = true;
  });
  // A request after it over another connection is answered after it has been looked at.
  for (let round = 0; round < 3; round++) await network.rpc(index, buildInfo());
  expect(isAnswered).toBe(false);
  return { answer };
}

test('a node announces that requests may wait, unless its operator does not want it', async () => {
  expect((await network.rpc(0, buildInfo())).json().features).toContain('wait');
  await network.stopNode(1);
  await network.startNode(1, { maxWaiting: 0 });
  await publish();
  expect((await network.rpc(1, buildInfo())).json().features ?? []).not.toContain('wait');
  expect((await network.rpc(1, retrieve(LONG))).json()).toMatchObject({ messages: [] });
});

test('who waits hears of a message that the node itself stores, and of one that another member does', async () => {
  const [first, second] = [await begin(0, retrieve(LONG)), await begin(1, retrieve(LONG))];
  await network.rpc(0, store('hello'));
  for (const { answer } of [first, second]) expect(dataOf((await answer).json().messages)).toEqual(['hello']);
});

test('who waits hears of a message that another node delivers late', async () => {
  const { answer } = await begin(0, retrieve(LONG));
  const bytes = accountIdToBytes(account.accountId);
  const data = Buffer.from('late');
  const hash = messageHash(bytes, 0, data);
  const { omqPort, keys } = network.nodes[0]!;
  const peer = await RawDealer.connect(omqPort, keys.x25519, ghost.x25519);
  const message = { account: bytes, hash, timestamp: Date.now(), expiry: Date.now() + 60_000, data, namespace: 0 };
  peer.send('sn.data', 'tag', ...encodePushBatches([message]));
  expect(dataOf((await answer).json().messages)).toEqual(['late']);
  peer.close();
});

test('a batch waits for all its mailboxes together', async () => {
  const { answer } = await begin(0, batchOf('batch', [retrieve(LONG, 3), retrieve(LONG, 0), buildInfo()]));
  await network.rpc(1, store('config', 3));
  const results = (await answer).json().results as { code: number; body: Record<string, unknown> }[];
  expect(results.map(({ code }) => code)).toEqual([200, 200, 200]);
  expect([results[0], results[1]].map((result) => dataOf(result!.body.messages))).toEqual([['config'], []]);
});

test('with nothing new the answer comes when the time is up, and tells the time of then', async () => {
  const began = Date.now();
  const reply = (await network.rpc(0, retrieve(60))).json();
  expect(reply).toMatchObject({ messages: [], more: false });
  expect(Number(reply.t) - began).toBeGreaterThanOrEqual(55);
});

test('nothing waits that could do harm twice, is refused, or has something already', async () => {
  const answered = [
    batchOf('sequence', [retrieve(LONG)]),
    batchOf('batch', [retrieve(LONG), { method: 'get_swarm', params: { pubkey: account.accountId } }]),
    batchOf('batch', [retrieve(LONG), retrieve(0, 5)]),
    { ...retrieve(LONG), params: { ...retrieve(LONG).params, signature: Buffer.alloc(64).toString('base64') } },
  ];
  for (const request of answered) await network.rpc(0, request);
  await network.rpc(0, store('there'));
  expect(dataOf((await network.rpc(0, retrieve(LONG))).json().messages)).toEqual(['there']);
});

test('a node that stops answers those who wait', async () => {
  const { answer } = await begin(0, retrieve(LONG));
  await network.stopNode(0);
  expect((await answer).json()).toMatchObject({ messages: [] });
});

test('an onion waits at its destination, and other onions over the same relays do not wait for it', async () => {
  const path = [1, 2, 3].map((index) => ({
    ed25519Key: network.nodes[index]!.keys.ed25519,
    x25519Key: network.nodes[index]!.keys.x25519,
  }));
  const { keys } = network.nodes[0]!;
  const send = async (request: JsonRequest) => {
    const body = Buffer.from(JSON.stringify(request));
    const destination = { kind: 'node' as const, ed25519Key: keys.ed25519, x25519Key: keys.x25519, body };
    const onion = buildOnion({ path, destination, random: randomBytes });
    const answer = await network.send(network.nodes[1]!.httpsPort, 'POST', '/onion_req/v2', onion.body);
    return JSON.parse(onion.openReply(answer.body).body) as Record<string, unknown>;
  };
  const waiting = send(retrieve(LONG));
  for (let round = 0; round < 3; round++) expect(await send(buildInfo())).toHaveProperty('version');
  await send(store('through the onion'));
  expect(dataOf((await waiting).messages)).toEqual(['through the onion']);
});
