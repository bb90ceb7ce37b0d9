import { randomBytes } from 'node:crypto';
import { bytesToHex } from '@sotto/wire/bytes';
import { x25519KeyPair } from '@sotto/wire/crypto';
import { buildOxendRequest, buildStore } from '@sotto/wire/rpc';
import { afterEach, expect, test } from 'vitest';
import { RawDealer } from '../testing/foreign-peer.ts';
import { TestNetwork } from '../testing/test-network.ts';
import { RequestCounts } from './request-counts.ts';

let network: TestNetwork;

afterEach(() => network?.close());

test('counts are kept in all and over about the last hour', () => {
  const counts = new RequestCounts(0);
  let now = 0;
  for (let minute = 0; minute < 120; minute++) {
    counts.add('store');
    if (minute >= 115) counts.add('onion');
    now += 60_000;
    counts.turn(now);
  }
  expect(counts.report(now)).toEqual({
    uptime: 7200,
    total_store_requests: 120,
    total_retrieve_requests: 0,
    total_onion_requests: 5,
    total_proxy_requests: 0,
    recent_timespan: 3600,
    recent_store_requests: 60,
    recent_retrieve_requests: 0,
    recent_onion_requests: 5,
    recent_proxy_requests: 0,
  });
});

test('operators with an allowed key get the statistics, nobody else does', async () => {
  const operator = x25519KeyPair(randomBytes(32));
  network = await TestNetwork.start(1, { statsKeys: [bytesToHex(operator.publicKey).toUpperCase()] });
  await network.publish();
  const timestamp = Date.now();
  for (let account = 0; account < 6; account++) {
    const accountId = `03${bytesToHex(randomBytes(32))}`;
    for (let message = 0; message <= account; message++) {
      const data = randomBytes(10);
      const answer = await network.rpc(0, buildStore({ accountId, data, timestamp, ttl: 86_400_000 }));
      expect(answer.status).toBe(200);
    }
  }
  expect((await network.rpc(0, buildOxendRequest('get_service_nodes'))).status).toBe(200);
  const { omqPort, keys } = network.nodes[0]!;
  const stranger = await RawDealer.connect(omqPort, keys.x25519);
  stranger.send('service.get_stats', 'tag');
  expect((await stranger.receive())!.map((part) => Buffer.from(part).toString())).toEqual([
    'FORBIDDEN',
    'REPLY',
    'tag',
  ]);
  stranger.close();

  const dealer = await RawDealer.connect(omqPort, keys.x25519, operator);
  dealer.send('service.get_stats', 'tag');
  const [, , json] = (await dealer.receive())!;
  dealer.close();
  const stats = JSON.parse(Buffer.from(json!).toString());
  expect(stats).toMatchObject({
    version: '2.11.3',
    height: 1,
    target_height: 1,
    total_store_requests: 21,
    recent_store_requests: 21,
    total_retrieve_requests: 0,
    peers: {},
    total_stored: 21,
    accounts: 5,
    account_msg_mean: 4,
    account_msg_count_min: 2,
    account_msg_count_median: 4,
    account_msg_count_max: 6,
    namespace_messages: { 0: 21 },
    db_max: 10 * 1024 ** 3,
  });
  expect(stats.db_used).toBeGreaterThan(0);
  expect(stats.db_total).toBeGreaterThanOrEqual(stats.db_used);
});

test('what other nodes do not answer is counted by node', async () => {
  network = await TestNetwork.start(2);
  await network.publish();
  await network.stopNode(1);
  const accountId = `03${bytesToHex(randomBytes(32))}`;
  const request = buildStore({ accountId, data: randomBytes(8), timestamp: Date.now(), ttl: 86_400_000 });
  await network.rpc(0, request);
  const failed = (await network.nodes[0]!.stats()).peers[bytesToHex(network.nodes[1]!.keys.ed25519)];
  expect(failed!.requests_failed).toBeGreaterThan(0);
  expect(failed!.storage_tests).toEqual([]);
});
