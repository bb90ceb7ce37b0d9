import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loadOrCreateCertificate } from '@sotto/directory';
import { bytesToBase64, bytesToHex } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';
import { afterEach, expect, test, vi } from 'vitest';
import type { QuicService, QuicTransport } from '../quic/quic-transport.ts';
import { TestNetwork } from '../testing/test-network.ts';
import { httpsPing } from './https-ping.ts';

let network: TestNetwork;
let server: Server | undefined;

afterEach(async () => {
  await network?.close();
  server?.close();
  server = undefined;
});

const keyOf = (index: number) => bytesToHex(network.nodes[index]!.keys.ed25519);
const testsOf = async (tester: number, tested: number) =>
  (await network.nodes[tester]!.stats()).peers[keyOf(tested)]?.reachability;
const PATIENCE = { timeout: 10_000, interval: 20 };

test('nodes test each other, remember what they found, and notice that they are tested', async () => {
  network = await TestNetwork.start(3, { testInterval: 40 });
  await network.publish();
  await vi.waitFor(async () => {
    for (const [tester, tested] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      const tests = await testsOf(tester, tested);
      expect(tests).toMatchObject({ failingSince: null });
      expect(tests!.passed).toBeGreaterThan(0);
    }
  }, PATIENCE);
  const { tested_by, peers } = await network.nodes[0]!.stats();
  expect(tested_by).toEqual({ https: expect.any(Number), omq: expect.any(Number) });
  expect(Object.keys(peers)).not.toContain(keyOf(0));

  await network.stopNode(2);
  await vi.waitFor(async () => expect((await testsOf(0, 2))?.failingSince).toEqual(expect.any(Number)), PATIENCE);
  await network.startNode(2);
  await vi.waitFor(async () => expect((await testsOf(0, 2))?.failingSince).toBeNull(), PATIENCE);
});

test('a node in no swarm tests nobody', async () => {
  network = await TestNetwork.start(2, { testInterval: 20 });
  await network.publish([network.record(0, 2n ** 64n - 1n), network.record(1)]);
  await vi.waitFor(async () => expect((await testsOf(1, 0))?.passed).toBeGreaterThan(2), PATIENCE);
  expect(await testsOf(0, 1)).toBeUndefined();
});

test('with QUIC, a node serves it, tests by it, and a failure of it fails the test', async () => {
  const services: QuicService[] = [];
  let answers = true;
  const quic: QuicTransport = {
    listen: async (service) => {
      services.push(service);
      return { close: async () => void services.splice(services.indexOf(service), 1) };
    },
    ping: async () => answers,
  };
  network = await TestNetwork.start(2, { testInterval: 20, quic });
  await network.publish();
  expect(services.map(({ port }) => port)).toEqual(network.nodes.map(({ omqPort }) => omqPort));
  expect(services[0]!.answer('other', new Uint8Array())).toBeNull();
  expect(Buffer.from(services[0]!.answer('snode_ping', new Uint8Array())!).toString()).toBe('pong');
  expect((await network.nodes[0]!.stats()).tested_by.quic).toBeLessThan(5000);
  await vi.waitFor(async () => expect((await testsOf(0, 1))?.passed).toBeGreaterThan(0), PATIENCE);
  answers = false;
  await vi.waitFor(async () => expect((await testsOf(0, 1))?.failingSince).not.toBeNull(), PATIENCE);
  await network.stopNode(0);
  expect(services).toHaveLength(1);
});

test('the test over HTTPS asks for the key of the node that was meant', async () => {
  network = await TestNetwork.start(1);
  const node = network.record(0);
  const limit = () => AbortSignal.timeout(5_000);
  expect(await httpsPing(node, '2.11.3', limit())).toBe(true);
  const other = { ...node, legacyKey: new Uint8Array(32).fill(1) };
  expect(await httpsPing(other, '2.11.3', limit())).toBe(false);
  expect(await httpsPing({ ...node, httpsPort: node.omqPort }, '2.11.3', AbortSignal.timeout(200))).toBe(false);
});

test.each([
  ['a redirect', 302, 'right'],
  ['no key', 200, ''],
  ['rubbish for a key', 200, '%%%'],
])('over HTTPS %s is a failure', async (_what, status, header) => {
  network = await TestNetwork.start(0);
  const key = new Uint8Array(32).fill(5);
  const shown = header === 'right' ? bytesToBase64(key) : header;
  server = createServer(await loadOrCreateCertificate(network.folder), (_request, response) => {
    response.writeHead(status, { 'X-Oxen-Snode-Pubkey': shown }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const node: NodeRecord = {
    ed25519Key: key,
    swarmId: 0n,
    ip: '127.0.0.1',
    httpsPort: port,
    omqPort: 1,
    version: [0, 0, 0],
  };
  expect(await httpsPing(node, '2.11.3', AbortSignal.timeout(5_000))).toBe(false);
});
