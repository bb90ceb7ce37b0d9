import { randomBytes } from 'node:crypto';
import { directoryDigest } from '@sotto/directory';
import { accountIdToBytes, deriveAccount } from '@sotto/wire/account';
import { decodeBt, encodeBt, encodePushBatches } from '@sotto/wire/bt';
import { deriveNodeKeys, type NodeRecord } from '@sotto/wire/nodes';
import { buildStore, messageHash } from '@sotto/wire/rpc';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Dealer } from 'zeromq';
import { RawDealer, z85 } from '../testing/foreign-peer.ts';
import { TestNetwork } from '../testing/test-network.ts';

/** A node that is listed but speaks only as the tests tell it to. */
const ghost = deriveNodeKeys(new Uint8Array(32).fill(77));
let network: TestNetwork;
let stranger: RawDealer;
let peer: RawDealer;

beforeEach(async () => {
  network = await TestNetwork.start(1, { deliveryInterval: 100_000, syncInterval: 20 });
  await network.publish([network.record(0), ghostRecord(1n << 63n)]);
  const { omqPort, keys } = network.nodes[0]!;
  stranger = await RawDealer.connect(omqPort, keys.x25519);
  peer = await RawDealer.connect(omqPort, keys.x25519, ghost.x25519);
});

afterEach(async () => {
  stranger.close();
  peer.close();
  await network.close();
});

function ghostRecord(swarmId: bigint): NodeRecord {
  return { ...network.record(0, swarmId), ed25519Key: ghost.ed25519.publicKey, httpsPort: 1, omqPort: 1 };
}

/** An account that the node keeps. */
async function ownAccount(): Promise<string> {
  for (;;) {
    const { accountId } = deriveAccount(randomBytes(16));
    const [, body] = await ask(stranger, 'storage.get_swarm', JSON.stringify({ pubkey: accountId }));
    if (JSON.parse(body!).swarm === '0') return accountId;
  }
}

/** Sends a request; gives `REPLY` or the refusal, and the parts behind the tag as text. */
async function ask(from: RawDealer, command: string, ...data: (Uint8Array | string)[]): Promise<string[]> {
  from.send(command, 'tag', ...data);
  for (;;) {
    const [word, ...rest] = ((await from.receive()) ?? []).map((part) => Buffer.from(part).toString('latin1'));
    // The node may ask us something over the same connection.
    if (word !== 'storage.info' && !word?.startsWith('sn.')) return [word!, ...rest.filter((part) => part !== 'tag')];
  }
}

test('clients may use storage.*, in JSON and bencode, and nothing else', async () => {
  const [, json] = await ask(stranger, 'storage.info');
  expect(JSON.parse(json!)).toMatchObject({ version: [2, 11, 3], hf: [19, 6] });
  const [, bt] = await ask(stranger, 'storage.info', 'de');
  expect(decodeBt(Buffer.from(bt!, 'latin1'))).toBeInstanceOf(Map);
  expect(await ask(stranger, 'storage.info', 'le')).toEqual(['REPLY', '400', 'invalid body: expected json or bt_dict']);
  expect(await ask(stranger, 'storage.info', '', '')).toEqual([
    'REPLY',
    '400',
    'Invalid request: expected 1 message parts, received 2',
  ]);
  expect((await ask(stranger, 'storage.active_nodes_bin'))[1]).toHaveLength(2 * 51);
  for (const command of ['sn.ping', 'sn.data', 'sn.data_ready', 'sn.storage_cc', 'sn.onion_request']) {
    expect(await ask(stranger, command), command).toEqual(['FORBIDDEN_SN', 'REPLY']);
  }
  expect(await ask(stranger, 'monitor.nothing', 'de')).toEqual(['UNKNOWNCOMMAND', 'monitor.nothing']);
});

test('the signed directory is given to who does not have it, and honestly not before the first one', async () => {
  const { body } = await network.send(network.nodes[0]!.httpsPort, 'GET', '/directory/v1');
  expect(await ask(stranger, 'storage.directory')).toEqual(['REPLY', body.toString('latin1')]);
  const known = directoryDigest(body);
  expect(await ask(stranger, 'storage.directory', JSON.stringify({ known }))).toEqual(['REPLY', '']);
  expect(await ask(stranger, 'storage.directory', encodeBt({ known: '00'.repeat(32) }))).toHaveLength(2);
  const refused = "invalid request: Invalid value given for 'known': expected 64 hex digits";
  expect(await ask(stranger, 'storage.directory', '{"known":"?"}')).toEqual(['REPLY', '400', refused]);
  const young = await TestNetwork.start(1);
  const { omqPort, keys } = young.nodes[0]!;
  const visitor = await RawDealer.connect(omqPort, keys.x25519);
  expect(await ask(visitor, 'storage.directory')).toEqual(['REPLY', '503', 'No directory yet']);
  visitor.close();
  await young.close();
});

test('a listed node is answered, until it is listed no more', async () => {
  expect(await ask(peer, 'sn.ping')).toEqual(['REPLY', 'pong']);
  await network.publish([network.record(0)]);
  expect(await ask(peer, 'sn.ping')).toEqual(['FORBIDDEN_SN', 'REPLY']);
});

test('pushed messages are stored and can be read', async () => {
  const accountId = await ownAccount();
  const account = accountIdToBytes(accountId);
  const data = Buffer.from('pushed');
  const message = { account, data, namespace: -10, timestamp: Date.now(), expiry: Date.now() + 60_000 };
  const [blob] = encodePushBatches([{ ...message, hash: messageHash(account, -10, data) }]);
  expect(await ask(peer, 'sn.data', blob!)).toEqual(['REPLY', 'OK']);
  expect(await ask(peer, 'sn.data')).toEqual(['REPLY', 'Empty data push']);
  const [, body] = await ask(stranger, 'storage.retrieve', JSON.stringify({ pubkey: accountId, namespace: -10 }));
  expect(JSON.parse(body!)).toMatchObject({ messages: [{ data: data.toString('base64') }], more: false });
});

test('requests of a swarm member are executed and not forwarded again', async () => {
  const account = accountIdToBytes(await ownAccount());
  const now = Date.now();
  const params = encodeBt({ data: 'x', expiry: now + 60_000, pubkey: account, timestamp: now });
  const [, result] = await ask(peer, 'sn.storage_cc', 'store', params);
  expect([...(decodeBt(Buffer.from(result!, 'latin1')) as Map<string, unknown>).keys()]).toEqual([
    'expiry',
    'hash',
    'signature',
  ]);
  for (const [method, text] of [
    ['info', 'invalid request: received invalid forwarded non-forwardable request'],
    ['nothing', 'invalid request: received invalid forwarded non-forwardable request'],
    ['store', "invalid request: Required field 'timestamp' missing"],
  ]) {
    expect(await ask(peer, 'sn.storage_cc', method!, 'de')).toEqual(['REPLY', '400', text]);
  }
  for (const parts of [[], ['store'], ['store', 'de', 'x']]) {
    const text = `Invalid request: expected 2 message parts, received ${parts.length}`;
    expect(await ask(peer, 'sn.storage_cc', ...parts)).toEqual(['REPLY', '400', text]);
  }
});

test('only members of the same swarm shake hands', async () => {
  expect(await ask(peer, 'sn.data_ready')).toEqual(['REPLY', 'Swarm mismatch']);
  await network.publish([network.record(0), ghostRecord(0n)]);
  expect(await ask(peer, 'sn.data_ready')).toEqual(['REPLY', 'OK', 'd1:#i21103ee']);
  expect(await ask(peer, 'sn.data_ready', encodeBt({ '#': 21_204, t: 1 }))).toMatchObject(['REPLY', 'OK', {}]);
  expect(await ask(peer, 'sn.data_ready', 'rubbish')).toEqual(['REPLY', 'Request payload malformed']);
});

test('only members of the same swarm compare messages', async () => {
  for (const command of ['sn.sync_ranges', 'sn.sync_states', 'sn.sync_contents', 'sn.sync_now']) {
    expect(await ask(stranger, command)).toEqual(['FORBIDDEN_SN', 'REPLY']);
    expect(await ask(peer, command)).toEqual(['REPLY', 'Swarm mismatch']);
  }
  await network.publish([network.record(0), ghostRecord(0n)]);
  expect(await ask(peer, 'sn.sync_now')).toEqual(['REPLY', 'OK']);
  const everything = Uint8Array.of(0, 0, 0);
  const empty = '\0'.repeat(20);
  await vi.waitFor(async () => expect(await ask(peer, 'sn.sync_ranges', everything)).toEqual(['REPLY', 'OK', empty]));
  expect(await ask(peer, 'sn.sync_states', everything)).toEqual(['REPLY', 'OK', '\0\0\0', '']);
  expect(await ask(peer, 'sn.sync_contents', 'x'.repeat(32))).toEqual(['REPLY', 'OK', 'd1:ole1:slee']);
  for (const command of ['sn.sync_ranges', 'sn.sync_states', 'sn.sync_contents']) {
    expect(await ask(peer, command, 'x')).toEqual(['REPLY', 'Request payload malformed']);
  }
});

test('a member of another version is only asked what every version knows', async () => {
  await network.publish([network.record(0), ghostRecord(0n)]);
  const commands: string[] = [];
  const serve = async () => {
    for (;;) {
      const parts = await peer.receive();
      if (!parts) return;
      const [command, tag] = parts as [Uint8Array, Uint8Array];
      commands.push(Buffer.from(command).toString());
      const info = '{"version":[2,11,3],"timestamp":1,"hf":[19,6],"t":1}';
      peer.send('REPLY', tag, commands.at(-1) === 'storage.info' ? info : 'OK');
    }
  };
  const serving = serve();
  // The node answers over the connection that it knows us by.
  peer.send('sn.ping', 'tag');
  await vi.waitFor(() => expect(commands).toContain('storage.info'));
  const accountId = await ownAccount();
  const { params } = buildStore({ accountId, data: randomBytes(5), timestamp: Date.now(), ttl: 86_400_000 });
  await ask(stranger, 'storage.store', JSON.stringify(params));
  await vi.waitFor(() => expect(commands).toContain('sn.storage_cc'));
  await new Promise((resolve) => setTimeout(resolve, 300));
  peer.close();
  await serving;
  const known = ['storage.info', 'sn.data_ready', 'sn.data', 'sn.storage_cc', 'REPLY'];
  expect(commands.filter((command) => !known.includes(command))).toEqual([]);
  expect(commands.filter((command) => command === 'storage.info')).toHaveLength(1);
});

test('onion layers of other nodes are checked', async () => {
  expect(await ask(peer, 'sn.onion_request')).toEqual([
    'REPLY',
    '400',
    'Invalid internal onion request: expected 1 part, got 0',
  ]);
  const layer = { data: 'x', enc_type: 'xchacha20', ephemeral_key: ghost.x25519.publicKey, hop_no: 16 };
  const tooFar = ['REPLY', '400', 'onion request max path length exceeded'];
  expect(await ask(peer, 'sn.onion_request', encodeBt(layer))).toEqual(tooFar);
  expect(await ask(peer, 'sn.onion_request', encodeBt({ ...layer, hop_no: 15 }))).toEqual([
    'REPLY',
    '400',
    'Invalid ciphertext',
  ]);
});

test('the ZeroMQ library is served as client and as node', async () => {
  const { omqPort, keys } = network.nodes[0]!;
  const dealer = new Dealer({
    curveServerKey: z85(keys.x25519),
    curvePublicKey: z85(ghost.x25519.publicKey),
    curveSecretKey: z85(ghost.x25519.secretKey),
    linger: 0,
  });
  dealer.connect(`tcp://127.0.0.1:${omqPort}`);
  const received = async () => (await dealer.receive()).map((part) => part.toString());
  await dealer.send(['sn.ping', 'tag 1']);
  expect(await received()).toEqual(['REPLY', 'tag 1', 'pong']);
  await dealer.send(['storage.info', 'tag 2', '{}']);
  expect(JSON.parse((await received())[2]!)).toMatchObject({ hf: [19, 6] });
  dealer.close();
});

test('any parts of any command are answered and never crash the node', async () => {
  const commands = [
    'sn.ping',
    'sn.data',
    'sn.data_ready',
    'sn.storage_cc',
    'sn.onion_request',
    'storage.store',
    'monitor.messages',
    'sn.x',
  ];
  const bt = fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => encodeBt({ data: bytes, pubkey: bytes, requests: [bytes] }));
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    bt,
    fc.constantFrom('store', 'batch').map((word) => Buffer.from(word)),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...commands), fc.array(part, { maxLength: 3 }), async (command, parts) => {
      const [word] = await ask(peer, command, ...parts);
      expect(['REPLY', 'UNKNOWNCOMMAND']).toContain(word);
    }),
    { numRuns: 200 },
  );
  expect(await ask(peer, 'sn.ping')).toEqual(['REPLY', 'pong']);
});
