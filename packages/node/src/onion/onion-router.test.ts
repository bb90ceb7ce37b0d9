import { randomBytes } from 'node:crypto';
import { bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys, type NodeKeys, type NodeRecord } from '@sotto/wire/nodes';
import { buildOnion, encodeHopMessage, encodePayload, type NodeAnswer, type OnionNode } from '@sotto/wire/onion';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestCaller } from '../testing/caller.ts';
import { type OnionReply, OnionRouter } from './onion-router.ts';
import type { ServerAnswer } from './server-exit.ts';

const CALLER = new TestCaller();

/** Four nodes joined by function calls: guard, middle, exit and destination. */
class Network {
  readonly keys = Array.from({ length: 4 }, (_, index) => deriveNodeKeys(new Uint8Array(32).fill(index + 1)));
  readonly records: NodeRecord[] = this.keys.map((keys) => recordOf(keys));
  readonly messages: Uint8Array[] = [];
  readonly posted: unknown[] = [];
  readonly routers: OnionRouter[];
  ready = true;
  /** What a hop's reply parts are replaced by. */
  replacement: readonly Uint8Array[] | null | undefined;
  serverAnswer: ServerAnswer | null = { status: 200, body: 'server says hello' };

  constructor() {
    this.routers = this.keys.map(
      (keys) =>
        new OnionRouter({
          ed25519Key: keys.ed25519.publicKey,
          x25519: keys.x25519,
          isReady: () => this.ready,
          node: (key) => this.records.find((record) => bytesToHex(record.ed25519Key) === bytesToHex(key)),
          peers: { request: (node, command, parts, timeout) => this.#request(node, command, parts, timeout) },
          exit: {
            post: async (relay) => {
              this.posted.push(relay);
              return this.serverAnswer;
            },
          },
          answer: async (body): Promise<NodeAnswer> => ({
            status: 200,
            body: { kind: 'json', text: JSON.stringify({ echo: Buffer.from(body).toString() }) },
          }),
          random: randomBytes,
          onOnion: () => {},
          onExit: () => {},
        }),
    );
  }

  path(): OnionNode[] {
    return this.keys.slice(0, 3).map(onionNode);
  }

  async #request(node: NodeRecord, command: string, parts: readonly Uint8Array[], timeout: number) {
    expect([command, timeout]).toEqual(['sn.onion_request', 30_000]);
    this.messages.push(...parts);
    if (this.replacement !== undefined) return this.replacement;
    const reply = await this.routers[this.records.indexOf(node)]!.hop(parts, CALLER);
    return [Buffer.from(String(reply.status)), Buffer.from(reply.body)];
  }
}

function recordOf(keys: NodeKeys): NodeRecord {
  return {
    ed25519Key: keys.ed25519.publicKey,
    swarmId: 0n,
    ip: '127.0.0.1',
    httpsPort: 1,
    omqPort: 2,
    version: [2, 11, 3],
  };
}

function onionNode(keys: NodeKeys): OnionNode {
  return { ed25519Key: keys.ed25519.publicKey, x25519Key: keys.x25519.publicKey };
}

const bytesOf = (reply: OnionReply): Uint8Array => Buffer.from(reply.body as string);

function toNode(network: Network, hopNumber?: number) {
  return buildOnion({
    path: network.path(),
    destination: { kind: 'node', ...onionNode(network.keys[3]!), body: Buffer.from('ping') },
    random: randomBytes,
    ...(hopNumber !== undefined && { hopNumber }),
  });
}

test('a request passes three relays and its answer comes back sealed', async () => {
  const network = new Network();
  const onion = toNode(network);
  const reply = await network.routers[0]!.edge(onion.body, CALLER);
  expect(reply.status).toBe(200);
  expect(onion.openReply(bytesOf(reply))).toEqual({ status: 200, body: '{"echo":"ping"}' });
  expect(network.messages).toHaveLength(3);
});

test('a relay to a server passes the whole layer and the answer as it is', async () => {
  const network = new Network();
  const server = deriveNodeKeys(new Uint8Array(32).fill(9)).x25519.publicKey;
  const onion = buildOnion({
    path: network.path(),
    destination: {
      kind: 'server',
      x25519Key: server,
      protocol: 'https',
      host: 'community.example',
      port: 443,
      request: { method: 'GET', endpoint: '/', headers: {}, body: null },
    },
    random: randomBytes,
  });
  expect(await network.routers[0]!.edge(onion.body, CALLER)).toEqual({
    status: 200,
    body: Buffer.from('server says hello'),
  });
  expect(network.posted).toMatchObject([{ host: 'community.example', port: 443, target: '/oxen/v4/lsrpc' }]);
  network.serverAnswer = null;
  const refused = await network.routers[0]!.edge(onion.body, CALLER);
  expect(refused.status).toBe(200);
  expect(() => onion.openReply(bytesOf(refused))).toThrow();
});

test('the hop counter stops at 15, and a false start within the limit passes', async () => {
  const network = new Network();
  expect((await network.routers[0]!.edge(toNode(network, 12).body, CALLER)).status).toBe(200);
  expect(await network.routers[0]!.edge(toNode(network, 13).body, CALLER)).toEqual({
    status: 400,
    body: Buffer.from('onion request max path length exceeded'),
  });
});

test('unknown, unreachable, silent and broken next nodes have their answers', async () => {
  const network = new Network();
  const edge = () => network.routers[0]!.edge(toNode(network).body, CALLER);
  const middle = bytesToHex(network.keys[1]!.ed25519.publicKey);
  network.replacement = null;
  expect(await edge()).toEqual({ status: 504, body: 'Request time out' });
  network.replacement = [Buffer.from('200')];
  expect(await edge()).toEqual({ status: 500, body: 'Invalid response from snode' });
  for (const [status, mapped] of [
    ['418', 500],
    ['x', 500],
    ['421', 421],
    ['502', 502],
  ] as const) {
    network.replacement = [Buffer.from(status), Buffer.from('text'), Buffer.from('extra')];
    expect(await edge()).toEqual({ status: mapped, body: Buffer.from('text') });
  }
  network.records[1] = { ...network.records[1]!, ip: '0.0.0.0' };
  expect(await edge()).toEqual({ status: 502, body: `Next node is currently unreachable: ${middle}` });
  network.records.splice(1, 1);
  expect(await edge()).toEqual({ status: 502, body: `Next node not found: ${middle}` });
});

test('a relay that stops waits a moment for replies from others, and no longer', async () => {
  const network = new Network();
  const late = Promise.withResolvers<readonly Uint8Array[] | null>();
  network.replacement = late.promise as never;
  const waiting = network.routers[0]!.edge(toNode(network).body, CALLER);
  const began = performance.now();
  await network.routers[0]!.close();
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(await waiting).toEqual({ status: 504, body: 'Request time out' });
  await network.routers[1]!.close();
});

test('a node that is not ready says so', async () => {
  const network = new Network();
  network.ready = false;
  const own = bytesToHex(network.keys[0]!.ed25519.publicKey);
  expect(await network.routers[0]!.edge(toNode(network).body, CALLER)).toEqual({
    status: 503,
    body: `Snode not ready: ${own}`,
  });
});

test('what does not parse or open is refused in words', async () => {
  const network = new Network();
  const [router] = network.routers;
  const onion = toNode(network);
  expect(await router!.edge(new Uint8Array(3), CALLER)).toMatchObject({
    status: 400,
    body: expect.stringMatching(/^Error parsing onion request: /),
  });
  expect(await router!.hop([], CALLER)).toMatchObject({
    body: 'Invalid internal onion request: expected 1 part, got 0',
  });
  for (const [message, reason] of [
    ['de', 'required data payload not found'],
    ['d4:data1:xe', 'ephemeral key not found'],
    ['x', ''],
  ] as const) {
    expect(await router!.hop([Buffer.from(message)], CALLER)).toMatchObject({
      status: 400,
      body: expect.stringContaining(`Invalid internal onion request: ${reason}`),
    });
  }
  expect(await network.routers[1]!.edge(onion.body, CALLER)).toEqual({ status: 400, body: 'Invalid ciphertext' });
  const ephemeralKey = network.keys[1]!.x25519.publicKey;
  const cbc = encodeHopMessage({ ciphertext: randomBytes(64), ephemeralKey, encryptionType: 'aes-cbc', hopNumber: 1 });
  expect(await router!.hop([cbc], CALLER)).toEqual({ status: 400, body: 'Invalid ciphertext' });
});

test('nothing that a stranger sends makes it throw', async () => {
  const network = new Network();
  const good = toNode(network).body;
  const key = bytesToHex(network.keys[2]!.x25519.publicKey);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, value]) => {
          const changed = new Uint8Array(good);
          changed[at] = value;
          return changed;
        }),
        fc.nat(good.length).map((length) => good.subarray(0, length)),
        fc.uint8Array({ maxLength: 100 }).map((bytes) => encodePayload(bytes, JSON.stringify({ ephemeral_key: key }))),
      ),
      async (bytes) => {
        for (const reply of [
          await network.routers[0]!.edge(bytes, CALLER),
          await network.routers[0]!.hop([bytes], CALLER),
        ]) {
          expect([200, 400, 502]).toContain(reply.status);
        }
      },
    ),
    { numRuns: 200 },
  );
});
