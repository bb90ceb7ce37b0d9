import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directoryDigest } from '@sotto/directory';
import { type Account, deriveAccount } from '@sotto/wire/account';
import { bytesToHex } from '@sotto/wire/bytes';
import { buildOnion, type OnionNode } from '@sotto/wire/onion';
import {
  accountSigner,
  batchOf,
  buildDelete,
  buildDirectory,
  buildInfo,
  buildOxendRequest,
  buildRetrieve,
  buildStore,
  type JsonRequest,
  messageHash,
} from '@sotto/wire/rpc';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { RunningNode } from './node-options.ts';
import { type TestAnswer, TestNetwork } from './testing/test-network.ts';

let network: TestNetwork;

afterEach(() => network.close());

const DAY = 86_400_000;

interface Person {
  readonly account: Account;
  readonly id: string;
  store(text: string): JsonRequest;
  retrieve(): JsonRequest;
  hash(text: string): string;
}

function person(): Person {
  const account = deriveAccount(randomBytes(16));
  const signer = accountSigner(account.accountId, account.ed25519);
  return {
    account,
    id: account.accountId,
    store: (text) =>
      buildStore({ accountId: account.accountId, data: Buffer.from(text), timestamp: Date.now(), ttl: DAY }),
    retrieve: () => buildRetrieve(signer, { timestamp: Date.now() }),
    hash: (text) => messageHash(Buffer.from(account.accountId, 'hex'), 0, Buffer.from(text)),
  };
}

function textsOf(answer: TestAnswer): string[] {
  const { messages } = answer.json() as { messages: { data: string }[] };
  return messages.map(({ data }) => Buffer.from(data, 'base64').toString());
}

function onionNode({ keys }: RunningNode): OnionNode {
  return { ed25519Key: keys.ed25519, x25519Key: keys.x25519 };
}

test('a message stored on one member of a swarm is read on another', async () => {
  network = await TestNetwork.start(3);
  await network.publish();
  const anna = person();
  const stored = await network.rpc(0, anna.store('hello'));
  expect(stored.status).toBe(200);
  const { hash, swarm } = stored.json() as { hash: string; swarm: Record<string, { failed?: boolean }> };
  expect(hash).toBe(anna.hash('hello'));
  expect(Object.keys(swarm).sort()).toEqual(network.nodes.map(({ keys }) => bytesToHex(keys.ed25519)).sort());
  expect(Object.values(swarm).filter(({ failed }) => failed)).toEqual([]);
  for (const index of [0, 1, 2]) expect(textsOf(await network.rpc(index, anna.retrieve()))).toEqual(['hello']);

  const signer = accountSigner(anna.id, anna.account.ed25519);
  const deleted = await network.rpc(1, buildDelete(signer, { messages: [hash] }));
  expect(deleted.status).toBe(200);
  for (const index of [0, 1, 2]) expect(textsOf(await network.rpc(index, anna.retrieve()))).toEqual([]);
});

test('an onion passes three relays to a fourth node', async () => {
  network = await TestNetwork.start(4);
  await network.publish([...[0, 1, 2].map((index) => network.record(index, 0n)), network.record(3, 1n << 63n)]);
  const [guard, middle, exit, destination] = network.nodes as [RunningNode, RunningNode, RunningNode, RunningNode];
  const ask = async (body: string | JsonRequest) => {
    const onion = buildOnion({
      path: [guard, middle, exit].map(onionNode),
      destination: {
        kind: 'node',
        ...onionNode(destination),
        body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      },
      random: randomBytes,
      hopNumber: 12,
      padTo: 'size-class',
    });
    const answer = await network.send(guard.httpsPort, 'POST', '/onion_req/v2', onion.body);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/plain']);
    return onion.openReply(answer.body);
  };
  const info = await ask(buildInfo());
  expect(info.status).toBe(200);
  expect(JSON.parse(info.body)).toMatchObject({ version: [2, 11, 3], hf: [19, 6] });
  expect(await ask('rubbish')).toEqual({ status: 400, body: 'invalid json' });
  const active = await ask({ method: 'active_nodes_bin', params: {} });
  expect(Buffer.from(active.body, 'base64')).toHaveLength(4 * 51);
  const directory = (await network.send(destination.httpsPort, 'GET', '/directory/v1')).body;
  const signed = await ask(buildDirectory(null));
  expect([signed.status, Buffer.from(signed.body, 'base64')]).toEqual([200, directory]);
  expect(await ask(buildDirectory(directoryDigest(directory)))).toEqual({ status: 200, body: '' });
  const bare = await network.rpc(3, buildDirectory('00'.repeat(32)));
  expect([bare.headers['content-type'], bare.body]).toEqual(['application/octet-stream', directory]);
  const batched = JSON.parse((await ask(batchOf('batch', [buildDirectory(null)]))).body).results;
  expect(batched).toEqual([{ code: 200, body: directory.toString('base64') }]);
  const results = JSON.parse((await ask(batchOf('batch', [person().store('x'), buildInfo()]))).body).results;
  expect(results.map(({ code }: { code: number }) => code)).toEqual([expect.any(Number), 200]);
});

test('a member that was down gets what it missed when it comes back', async () => {
  network = await TestNetwork.start(3);
  await network.publish();
  const anna = person();
  for (const text of ['deleted', 'before']) await network.rpc(0, anna.store(text));
  await network.stopNode(2);
  const signer = accountSigner(anna.id, anna.account.ed25519);
  await network.rpc(1, buildDelete(signer, { messages: [anna.hash('deleted')] }));
  const stored = await network.rpc(0, anna.store('while away'));
  const gone = bytesToHex(network.nodes[2]!.keys.ed25519);
  expect(stored.status).toBe(200);
  expect(stored.json()).toMatchObject({ swarm: { [gone]: { failed: true, timeout: true } } });
  await network.startNode(2);
  const expected = ['before', 'while away'];
  await network.until(async () => textsOf(await network.rpc(2, anna.retrieve())).join() === expected.join());
});

test('a member that joins is given what its swarm keeps, and no other accounts', async () => {
  network = await TestNetwork.start(3);
  const far = 1n << 63n;
  await network.publish([network.record(0, 0n), network.record(1, far), network.record(2, far)]);
  const people = Array.from({ length: 6 }, person);
  const keeps = async (index: number, each: Person) => (await network.rpc(index, each.retrieve())).status === 200;
  for (const each of people) await network.rpc((await keeps(0, each)) ? 0 : 1, each.store(each.id));
  await network.publish([network.record(0, 0n), network.record(1, far), network.record(2, 0n)]);
  const held: Person[] = [];
  for (const each of people) if (await keeps(0, each)) held.push(each);
  await network.until(async () => {
    const answers = await Promise.all(held.map((each) => network.rpc(2, each.retrieve())));
    return answers.every((answer) => textsOf(answer).length === 1);
  });
  for (const each of people) {
    if (!held.includes(each)) expect((await network.rpc(2, each.retrieve())).status).toBe(421);
  }
});

test('a foreign account is 421 with the swarm that keeps it', async () => {
  network = await TestNetwork.start(2);
  await network.publish([network.record(0, 0n), network.record(1, 1n << 63n)]);
  const anna = person();
  const answers = [await network.rpc(0, anna.store('x')), await network.rpc(1, anna.store('x'))];
  const refused = answers.find(({ status }) => status === 421)!;
  const accepted = answers.findIndex(({ status }) => status === 200);
  expect(refused.json()).toMatchObject({
    pubkey: anna.id,
    snodes: [{ ip: '127.0.0.1', port: String(network.nodes[accepted]!.httpsPort) }],
  });
});

test('before the first directory a node is not ready, then it mirrors the directory and answers seeds', async () => {
  network = await TestNetwork.start(1);
  const [node] = network.nodes as [RunningNode];
  const get = (path: string) => network.send(node.httpsPort, 'GET', path);
  expect(await network.rpc(0, buildInfo())).toMatchObject({ status: 503 });
  expect((await network.rpc(0, buildInfo())).body.toString()).toBe('Service node is not ready: not done syncing\n');
  expect((await get('/directory/v1')).status).toBe(503);
  const ping = await network.send(node.httpsPort, 'POST', '/ping_test/v1');
  expect(ping.headers['x-oxen-snode-pubkey']).toBe(Buffer.from(node.keys.ed25519).toString('base64'));
  await network.publish();
  await node.ready;
  expect(node.swarm()).toBe('0');
  const mirrored = await get('/directory/v1');
  expect([mirrored.status, mirrored.headers['content-type']]).toEqual([200, 'application/octet-stream']);
  expect(mirrored.headers.etag).toMatch(/^"[0-9a-f]{64}"$/);
  const seed = await network.send(
    node.httpsPort,
    'POST',
    '/json_rpc',
    JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'get_n_service_nodes', params: { fields: { public_ip: true } } }),
  );
  expect(seed.json()).toMatchObject({ result: { service_node_states: [{ public_ip: '127.0.0.1' }] } });
  const nodes = await network.rpc(0, buildOxendRequest('get_service_nodes', { fields: { swarm_id: true } }));
  expect(nodes.json()).toMatchObject({ result: { service_node_states: [{ swarm_id: 0 }] } });
  const names = await network.rpc(0, buildOxendRequest('ons_resolve', { type: 0, name_hash: '' }));
  expect([names.status, names.body.toString()]).toEqual([400, 'Names (ONS) are not available on this network']);
  expect((await get('/get_stats/v1')).json()).toEqual({ version: '2.11.3' });
});

test('a node that starts again knows its directory, keys and messages without asking anybody', async () => {
  network = await TestNetwork.start(1);
  await network.publish();
  const anna = person();
  await network.rpc(0, anna.store('kept'));
  const { keys } = network.nodes[0]!;
  await network.stopNode(0);
  const again = await network.startNode(0, { networkFile: { ...network.file, seeds: [] } });
  expect(again.keys).toEqual(keys);
  expect(textsOf(await network.rpc(0, anna.retrieve()))).toEqual(['kept']);
});

test('while the authority is away the directory comes from other nodes', async () => {
  network = await TestNetwork.start(2);
  await network.publish();
  await network.stopNode(1);
  const [authority] = network.file.authorities;
  await network.startNode(1, { networkFile: { ...network.file, authorities: [{ key: authority!.key, urls: [] }] } });
  await network.publish();
  const mirrored = await Promise.all(
    network.nodes.map(({ httpsPort }) => network.send(httpsPort, 'GET', '/directory/v1')),
  );
  expect(mirrored[1]!.headers.etag).toBe(mirrored[0]!.headers.etag);
  const { etag } = mirrored[1]!.headers;
  const known = await network.send(network.nodes[1]!.httpsPort, 'GET', '/directory/v1', '', {
    'If-None-Match': String(etag),
  });
  expect([known.status, known.body.length]).toEqual([304, 0]);
});

test('a full store is told to the client and to the log, and the node goes on', async () => {
  network = await TestNetwork.start(1, { maxStoreBytes: 120_000 });
  await network.publish();
  const anna = person();
  const answers: TestAnswer[] = [];
  while (answers.at(-1)?.status !== 500) {
    answers.push(await network.rpc(0, anna.store(randomBytes(15_000).toString('hex'))));
  }
  const own = bytesToHex(network.nodes[0]!.keys.ed25519);
  expect(answers.at(-1)!.json()).toMatchObject({ swarm: { [own]: { failed: true, query_failure: true } } });
  expect(answers.at(-1)!.json().hash).toBeUndefined();
  expect(network.logLines.filter((line) => line.includes('"code":"full"'))).toHaveLength(1);
  expect(textsOf(await network.rpc(0, anna.retrieve()))).toHaveLength(answers.length - 1);
});

test('no log line names an account, a client, a hash or a content', async () => {
  network = await TestNetwork.start(2);
  await network.publish();
  const anna = person();
  const secret = 'a very private text';
  await network.rpc(0, anna.store(secret));
  await network.rpc(1, anna.retrieve());
  await network.rpc(0, { method: 'store', params: { pubkey: anna.id } });
  await network.send(network.nodes[0]!.httpsPort, 'POST', `/${anna.id}`);
  await network.stopNode(1);
  await network.rpc(0, anna.store(`${secret} again`));
  await network.stopNode(0);
  const log = network.logLines.join('\n');
  expect(log).toContain('The node has stopped.');
  const texts = [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')];
  for (const personal of [anna.id, anna.id.slice(2), anna.hash(secret), '127.0.0.1', ...texts]) {
    expect(log).not.toContain(personal);
  }
});

test('keys and messages lie in files that only the owner can read', async () => {
  network = await TestNetwork.start(1);
  const folder = join(network.folder, '0');
  expect(statSync(folder).mode & 0o077).toBe(0);
  expect(statSync(join(folder, 'node.seed')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(folder, 'messages.db'))).toBe(true);
  expect(readFileSync(join(folder, 'node.seed'))).toHaveLength(32);
});

test('taken ports and unusable folders are one clear sentence', async () => {
  network = await TestNetwork.start(1);
  const { httpsPort, omqPort } = network.nodes[0]!;
  await expect(network.startNode(1, { httpsPort, omqPort: 0 })).rejects.toThrowError(/another program uses it/);
  await expect(network.startNode(1, { httpsPort: 0, omqPort })).rejects.toThrowError(/another program uses it/);
  const file = join(network.folder, '0', 'node.seed');
  await expect(network.startNode(1, { folder: join(file, 'x') })).rejects.toThrowError(/cannot be made/);
  const sameFolder = network.startNode(1, { folder: join(network.folder, '0') });
  await expect(sameFolder).rejects.toThrowError(/another program holds the message database/);
});

test.each([
  ['messages.db', /The messages in .* cannot be opened: the message database file is not a database\./],
  ['directory.json', /The directory in .* cannot be used: the saved directory is damaged/],
  ['node.seed', /The node's keys in .* are damaged\./],
])('a damaged %s is one clear sentence', async (file, sentence) => {
  network = await TestNetwork.start(0);
  const folder = join(network.folder, 'damaged');
  mkdirSync(folder);
  writeFileSync(join(folder, file), randomBytes(5000), { mode: 0o600 });
  await expect(network.startNode(0, { folder })).rejects.toThrowError(sentence);
});

test('random and changed request bodies never crash a node', async () => {
  network = await TestNetwork.start(1);
  await network.publish();
  const { httpsPort } = network.nodes[0]!;
  const anna = person();
  const good = Buffer.from(JSON.stringify(batchOf('batch', [anna.store('x'), anna.retrieve()])));
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
    fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, value]) => {
      const changed = Buffer.from(good);
      changed[at] = value;
      return changed;
    }),
    fc
      .record({ method: fc.constantFrom('store', 'retrieve', 'expire', 'batch', 'ifelse'), params: fc.object() })
      .map((request) =>
        Buffer.from(JSON.stringify(request, (_key, value) => (typeof value === 'bigint' ? 1 : value)) ?? ''),
      ),
  );
  await fc.assert(
    fc.asyncProperty(bodies, fc.constantFrom('/storage_rpc/v1', '/onion_req/v2', '/json_rpc'), async (body, path) => {
      const { status } = await network.send(httpsPort, 'POST', path, body);
      expect([200, 400, 401, 403, 404, 406, 413, 421, 503]).toContain(status);
    }),
    { numRuns: 150 },
  );
  expect((await network.rpc(0, buildInfo())).status).toBe(200);
});
