import { randomBytes } from 'node:crypto';
import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { type KeyPair, x25519KeyPair } from '@sotto/wire/crypto';
import { nodeRoutingId } from '@sotto/wire/oxenmq';
import { loadVectors } from '@sotto/wire/vectors-loader';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Router } from 'zeromq';
import { createLog } from '../log.ts';
import { RawDealer, z85 } from '../testing/foreign-peer.ts';
import { OmqEndpoint, type OmqHandler } from './omq-endpoint.ts';

interface Part {
  readonly hex: string;
  readonly text?: string;
}

interface Listener {
  readonly kind: 'listener';
  readonly name: string;
  readonly client_key?: string;
  readonly client_routing_id?: string;
  readonly sent: readonly Part[];
  readonly received: readonly (readonly Part[])[];
  readonly then_sent?: readonly Part[];
  readonly note?: string;
}

interface Dialler {
  readonly kind: 'dialler';
  readonly name: string;
  readonly listener_receives?: readonly Part[];
  readonly listener_sends?: readonly Part[];
  readonly callback_success?: boolean;
  readonly callback_data?: readonly Part[];
}

const { cases } = loadVectors<{ cases: readonly (Listener | Dialler | { kind: string; name: string })[] }>(
  'oxenmq-frames',
);
/** Tested by `@sotto/wire`; routes of replies between two OxenMQ processes too. */
const ELSEWHERE = new Set([
  'routing',
  'zmtp-curve',
  'zmtp-null',
  'monitor-request',
  'monitor-matching',
  'snode-keys',
  'parse-pubkey',
]);

/** Our sockets speak CURVE only and admit everybody. */
const NOT_APPLICABLE = new Set(['none (NULL mechanism)', 'denied by ZAP']);

const listeners = cases.filter(
  (each): each is Listener => each.kind === 'listener' && !NOT_APPLICABLE.has((each as Listener).client_key ?? ''),
);
const diallers = cases.filter(
  (each): each is Dialler => each.kind === 'dialler' && (each as Dialler).callback_data !== undefined,
);

test('every kind has a test', () => {
  const known = new Set([...ELSEWHERE, 'listener', 'dialler']);
  expect(cases.map(({ kind }) => kind).filter((kind) => !known.has(kind))).toEqual([]);
});

const bytes = (part: Part): Uint8Array => hexToBytes(part.hex);
const keys = { server: newKeys(), ordinary: newKeys(), admin: newKeys(), node: newKeys() };

function newKeys(): KeyPair {
  return x25519KeyPair(randomBytes(32));
}

function endpoint(own: KeyPair, localServiceNode: boolean, timeScale = 1): OmqEndpoint {
  const echo: Record<string, OmqHandler> = {
    echo: (data) => data,
    empty: () => [],
    code: () => [Buffer.from('400'), Buffer.from('bad thing')],
    push: (_data, { returnPath }) => {
      // After the reply, as recorded.
      setImmediate(() => returnPath.push('notify.message', [Buffer.from('payload')]));
      return [Buffer.from('ok')];
    },
    ask: (_data, { key }) => {
      void made.request({ key, host: '', port: 0 }, 'client.question', [Buffer.from('what?')], 5_000);
      return [Buffer.from('asked')];
    },
    fire: (data, { returnPath }) => {
      returnPath.push('echo.fired', data);
      return null;
    },
  };
  const made = new OmqEndpoint({
    keys: own,
    categories: {
      echo: { access: 'none', queue: 10, handlers: echo, plain: ['fire'] },
      adm: {
        access: 'admin',
        queue: 10,
        handlers: { secret: () => [Buffer.from('42')], cmd: () => null },
        plain: ['cmd'],
      },
      rpc: { access: 'basic', queue: 10, handlers: { get: () => [Buffer.from('200'), Buffer.from('{}')] } },
      sn: { access: 'none', remoteServiceNode: true, queue: 10, handlers: { ping: () => [Buffer.from('pong')] } },
      local: { access: 'none', localServiceNode: true, queue: 10, handlers: { x: () => [Buffer.from('y')] } },
    },
    isServiceNode: (key) => bytesToHex(key) === bytesToHex(keys.node.publicKey),
    level: (key) => (bytesToHex(key) === bytesToHex(keys.admin.publicKey) ? 'admin' : 'none'),
    localServiceNode: () => localServiceNode,
    addressOf: () => null,
    random: randomBytes,
    monotonicNow: () => performance.now() * timeScale,
    log: createLog('silent'),
  });
  return made;
}

describe('a listener answers a plain ZeroMQ dialler', () => {
  const servers = new Map<boolean, { endpoint: OmqEndpoint; port: number }>();

  beforeAll(async () => {
    for (const isNode of [true, false]) {
      const server = endpoint(keys.server, isNode);
      servers.set(isNode, { endpoint: server, port: await server.listen('127.0.0.1', 0) });
    }
  });

  afterAll(async () => {
    for (const { endpoint } of servers.values()) await endpoint.close();
  });

  test.each(listeners.map((each) => [each.name, each] as const))('%s', async (_name, vector) => {
    const isNode = !vector.note?.includes('not running as a service node');
    const { port } = servers.get(isNode)!;
    const own = keysOf(vector.client_key);
    const identity = vector.client_routing_id ? nodeRoutingId(own.publicKey) : undefined;
    const dealer = await RawDealer.connect(port, keys.server.publicKey, own, identity);
    dealer.send(...vector.sent.map(bytes));
    const received: Uint8Array[][] = [];
    for (const _ of vector.received) received.push((await dealer.receive()) ?? []);
    // A message that always has an answer shows that nothing else came before it.
    dealer.send('HI');
    received.push((await dealer.receive()) ?? []);
    dealer.close();
    const recordedTag = vector.then_sent?.[1]?.hex;
    const expected = [...vector.received, [{ hex: bytesToHex(Buffer.from('HELLO')) }]];
    const normal = (message: readonly string[]) => {
      const asked = message[0] === bytesToHex(Buffer.from('client.question'));
      return message.map((hex, index) => (asked && index === 1 ? (recordedTag ?? hex) : hex)).join(' ');
    };
    const found = received.map((message) => normal(message.map(bytesToHex)));
    const wanted = expected.map((message) => normal(message.map(({ hex }) => hex)));
    expect(found.toSorted()).toEqual(wanted.toSorted());
  });
});

function keysOf(name: string | undefined): KeyPair {
  if (name === 'admin') return keys.admin;
  return name === 'active service node' ? keys.node : keys.ordinary;
}

describe('a dialler asks a plain ZeroMQ listener', () => {
  test.each(diallers.map((each) => [each.name, each] as const))('%s', async (_name, vector) => {
    const router = new Router({ curveServer: true, curveSecretKey: z85(keys.node.secretKey), linger: 0 });
    await router.bind('tcp://127.0.0.1:*');
    const port = Number(router.lastEndpoint!.split(':').at(-1));
    // Its clock runs fast, so that waiting for a time-out takes no time.
    const dialler = endpoint(keys.server, true, 50);
    const [, name, , ...data] = vector.listener_receives!.map(bytes);
    const address = { key: keys.node.publicKey, host: '127.0.0.1', port };
    const answered = dialler.request(address, Buffer.from(name!).toString(), data, 60_000);
    const [routingId, receivedName, tag, ...receivedData] = (await router.receive()) as Buffer[];
    expect(bytesToHex(routingId!)).toBe(bytesToHex(nodeRoutingId(keys.server.publicKey)));
    expect([receivedName!, ...receivedData].map(bytesToHex)).toEqual([name!, ...data].map(bytesToHex));
    expect(tag).toHaveLength(15);
    const recordedTag = vector.listener_receives![2]!.hex;
    const replies = vector.listener_sends!.slice(1).map(({ hex }) => (hex === recordedTag ? tag! : hexToBytes(hex)));
    if (replies.length > 0) await router.send([routingId!, ...replies.map((part) => Buffer.from(part))]);
    const result = await answered;
    const callbackData = result.ok ? result.data : [Buffer.from(result.error)];
    expect([result.ok, ...callbackData.map(bytesToHex)]).toEqual([
      vector.callback_success,
      ...vector.callback_data!.map(({ hex }) => hex),
    ]);
    await dialler.close();
    router.close();
  });
});
