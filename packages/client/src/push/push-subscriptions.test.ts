import { deriveAccount } from '@sotto/wire/account';
import { bytesToHex, utf8ToBytes } from '@sotto/wire/bytes';
import { ed25519Verify, x25519KeyPair } from '@sotto/wire/crypto';
import { decodeV4Request, encodeV4Reply, openServerBody, sealServerReply } from '@sotto/wire/onion';
import { accountSigner } from '@sotto/wire/rpc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Network } from '../network/network.ts';
import type { ServerPlace } from '../network/server-access.ts';
import { DEFAULT_TIMINGS } from '../network/timings.ts';
import { silentLogger } from '../surroundings.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { SimulatedNetwork } from '../testing/simulated-network.ts';
import { PUBLIC_PUSH_SERVER, PushSubscriptions } from './push-subscriptions.ts';

const START = 1_790_000_000_000;
const account = deriveAccount(new Uint8Array(16).fill(4));
const keys = x25519KeyPair(new Uint8Array(32).fill(9));
const server: ServerPlace = { url: 'https://push.example', key: bytesToHex(keys.publicKey), keyKind: 'x25519' };
const service = { name: 'webhook', info: { token: 'https://bot.example/wake' } };
const registration = { namespaces: [0], withData: true, service, encryptionKey: new Uint8Array(32).fill(1) };

let clock: ManualClock;
let stop: AbortController;
let running: Promise<void>;
let network: Network;
let push: PushSubscriptions;
let asked: { endpoint: string; body: Record<string, unknown> }[];
/** What the server says. */
let answer: { readonly status: number; readonly body: unknown };

beforeEach(async () => {
  clock = new ManualClock(START);
  stop = new AbortController();
  asked = [];
  answer = { status: 200, body: { success: true, added: true } };
  const random = seededRandom('push');
  const simulation = new SimulatedNetwork({ clock });
  simulation.servers.set(`${server.url}/oxen/v4/lsrpc`, (layer) => {
    const { payload, replyKey } = openServerBody(keys, layer);
    const { endpoint, body } = decodeV4Request(payload);
    asked.push({ endpoint, body: JSON.parse(Buffer.from(body).toString()) });
    const reply = encodeV4Reply({ status: answer.status, headers: {}, body: utf8ToBytes(JSON.stringify(answer.body)) });
    return { status: 200, body: sealServerReply(replyKey, reply, 'raw', random) };
  });
  network = await Network.open({
    network: simulation.file,
    memory: { read: () => null, write: () => {} },
    transport: simulation.transport(),
    timings: DEFAULT_TIMINGS,
    clock,
    random,
    log: silentLogger,
  });
  running = network.run(stop.signal);
  const signer = accountSigner(account.accountId, account.ed25519);
  push = new PushSubscriptions({ access: network.servers, signer, now: () => network.now() });
  await clock.until(() => network.isConnected());
});

afterEach(async () => {
  stop.abort();
  await running;
});

async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  let result: PromiseSettledResult<T> | null = null;
  void Promise.allSettled([promise]).then(([only]) => {
    result = only;
  });
  await clock.until(() => result !== null);
  return result!;
}

test('a bot subscribes, renews and ends it, each request signed by its account', async () => {
  expect(await settled(push.subscribe(server, registration, stop.signal))).toMatchObject({ value: 'added' });
  answer = { status: 200, body: { success: true, updated: true } };
  expect(await settled(push.subscribe(server, registration, stop.signal))).toMatchObject({ value: 'renewed' });
  answer = { status: 200, body: { success: true, removed: true } };
  expect(await settled(push.unsubscribe(server, service, stop.signal))).toMatchObject({ value: 'removed' });
  expect(asked.map(({ endpoint }) => endpoint)).toEqual(['/subscribe', '/subscribe', '/unsubscribe']);
  const [{ body }, , { body: end }] = asked as [(typeof asked)[0], unknown, (typeof asked)[0]];
  expect(body).toMatchObject({ pubkey: account.accountId, namespaces: [0], data: true, service_info: service.info });
  const verified = (text: string, signature: unknown) =>
    ed25519Verify(utf8ToBytes(text), Buffer.from(String(signature), 'base64'), account.ed25519.publicKey);
  expect(verified(`MONITOR${account.accountId}${body.sig_ts}10`, body.signature)).toBe(true);
  expect(verified(`UNSUBSCRIBE${account.accountId}${end.sig_ts}`, end.signature)).toBe(true);
});

test('what the server refuses, and nonsense, are told', async () => {
  const subscribe = () => settled(push.subscribe(server, registration, stop.signal));
  answer = { status: 200, body: { error: 4, message: 'bad signature' } };
  expect(await subscribe()).toMatchObject({ reason: { reason: 'refused', code: 4 } });
  answer = { status: 403, body: {} };
  expect(await subscribe()).toMatchObject({ reason: { reason: 'refused', code: 403 } });
  answer = { status: 200, body: [] };
  expect(await subscribe()).toMatchObject({ reason: { reason: 'malformed' } });
  answer = { status: 200, body: { success: true, removed: true } };
  expect(await subscribe()).toMatchObject({ reason: { reason: 'malformed' } });
});

test('a server that nobody reaches is told as such', async () => {
  const result = await settled(push.subscribe(PUBLIC_PUSH_SERVER, registration, stop.signal));
  expect(result).toMatchObject({ reason: { reason: 'unreachable' } });
});
