import { randomBytes } from 'node:crypto';
import { deriveAccount } from '@sotto/wire/account';
import { bytesToHex } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';
import { buildStore, parseRequest, type SwarmRequest } from '@sotto/wire/rpc';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PeerPace } from '../swarm/peer-pace.ts';
import type { ReplyObject } from './rpc-reply.ts';
import { runOnSwarm } from './swarm-request.ts';

const OWN = new Uint8Array(32);
const DONE = [Buffer.from('d9:signature1:xe')];
const { accountId } = deriveAccount(randomBytes(16));
const { params } = buildStore({ accountId, data: randomBytes(4), timestamp: Date.now(), ttl: 86_400_000 });
const request = parseRequest('store', { format: 'json', value: params }) as SwarmRequest;

type Reply = readonly Uint8Array[] | null;
const peers = [1, 2, 3, 4].map(
  (number): NodeRecord => ({
    ed25519Key: new Uint8Array(32).fill(number),
    swarmId: 0n,
    ip: '127.0.0.1',
    httpsPort: 1,
    omqPort: 1,
    version: [2, 11, 3],
  }),
);

let pace: PeerPace;
let replies: PromiseWithResolvers<Reply>[];
let missed: NodeRecord[];
let own: PromiseWithResolvers<ReplyObject>;

beforeEach(() => {
  pace = new PeerPace();
  missed = [];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => void vi.useRealTimers());

function run(count = 4) {
  const asked = peers.slice(0, count);
  replies = asked.map(() => Promise.withResolvers<Reply>());
  own = Promise.withResolvers<ReplyObject>();
  const link = { request: (peer: NodeRecord) => replies[peers.indexOf(peer)]!.promise };
  const answer = runOnSwarm(request, () => own.promise, {
    peers: asked,
    link,
    ownKey: OWN,
    pace,
    onMissed: async (peer) => void missed.push(peer),
  });
  let isOver = false;
  void answer.then(() => {
    isOver = true;
  });
  return { answer, isOver: () => isOver };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const turn = () => pass(5);
const resultsOf = ({ body }: { body: ReplyObject }) => {
  const swarm = body.swarm as Record<string, ReplyObject>;
  return [OWN, ...peers.map(({ ed25519Key }) => ed25519Key)].map((key) => swarm[bytesToHex(key)]);
};

test('all who answer in time are in the answer, and nobody is owed anything', async () => {
  const { answer } = run();
  own.resolve({ hash: 'h' });
  for (const { resolve } of replies) resolve(DONE);
  expect(resultsOf(await answer).every((result) => result && !result.failed)).toBe(true);
  expect(missed).toEqual([]);
});

test('a silent minority is waited for as long as is usual at most, and is owed the request', async () => {
  for (const peer of peers) pace.answered(peer, 2);
  const first = run();
  own.resolve({ hash: 'h' });
  for (const { resolve } of replies.slice(0, 2)) resolve(DONE);
  await pass(999);
  expect(first.isOver()).toBe(false);
  await pass(1);
  const results = resultsOf(await first.answer);
  expect(results.slice(3)).toEqual([
    { failed: true, timeout: true },
    { failed: true, timeout: true },
  ]);
  expect(missed).toEqual(peers.slice(2));
  // Now that they are known to be slow it is less.
  const second = run();
  own.resolve({ hash: 'h' });
  for (const { resolve } of replies.slice(0, 2)) resolve(DONE);
  await pass(100);
  await second.answer;
});

test('without own copy or a majority there is no answer', async () => {
  for (const peer of peers) pace.answered(peer, 0);
  const first = run();
  for (const { resolve } of replies) resolve(DONE);
  await turn();
  expect(first.isOver()).toBe(false);
  own.resolve({ hash: 'h' });
  await first.answer;
  const second = run();
  own.resolve({ hash: 'h' });
  replies[0]!.resolve(DONE);
  await turn();
  expect(second.isOver()).toBe(false);
  replies[1]!.resolve([Buffer.from('421'), Buffer.from('no')]);
  await turn();
  expect(second.isOver()).toBe(false);
  replies[2]!.resolve(DONE);
  await pass(1_000);
  await second.answer;
});

test('who did not answer last time is hardly waited for, until it answers again', async () => {
  const first = run(2);
  own.resolve({ hash: 'h' });
  for (const { resolve } of replies) resolve(null);
  await first.answer;
  const second = run(2);
  own.resolve({ hash: 'h' });
  await pass(100);
  await second.answer;
  expect(missed).toHaveLength(4);
  for (const { resolve } of replies) resolve(DONE);
  await turn();
  const third = run(2);
  own.resolve({ hash: 'h' });
  await turn();
  expect(third.isOver()).toBe(false);
  for (const { resolve } of replies) resolve(DONE);
  await third.answer;
  expect(missed).toHaveLength(4);
});

test('who is back is heard, also if all others answer sooner', async () => {
  const first = run(2);
  own.resolve({ hash: 'h' });
  replies[0]!.resolve(DONE);
  replies[1]!.resolve(null);
  await first.answer;
  const second = run(2);
  own.resolve({ hash: 'h' });
  replies[0]!.resolve(DONE);
  await turn();
  expect(second.isOver()).toBe(false);
  replies[1]!.resolve(DONE);
  await second.answer;
  expect(missed).toHaveLength(1);
});

test('a member of unknown address is not in the answer, and is owed the request', async () => {
  const unknown: NodeRecord = { ...peers[0]!, ed25519Key: new Uint8Array(32).fill(99), ip: '0.0.0.0' };
  const { status, body } = await runOnSwarm(request, async () => ({ hash: 'h' }), {
    peers: [unknown],
    link: { request: async () => null },
    ownKey: OWN,
    pace,
    onMissed: async (peer) => void missed.push(peer),
  });
  expect({ status, members: Object.keys(body.swarm as object) }).toEqual({ status: 200, members: [bytesToHex(OWN)] });
  expect(missed).toEqual([unknown]);
});
