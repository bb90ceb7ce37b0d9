import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProfile, type Engine } from '@sotto/client';
import { bytesToBase64, bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { x25519KeyPair } from '@sotto/wire/crypto';
import { encodeRequest, newTag } from '@sotto/wire/oxenmq';
import { buildRetrieve, buildStore } from '@sotto/wire/rpc';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { LabNode } from '../lab-node.ts';
import { type LabNetwork, startNetwork } from '../start-network.ts';
import { CurveClient } from '../testing/curve-client.ts';
import { Mailboxes, type Owner } from '../testing/mailboxes.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };
/** An address that nobody else uses. */
const CLIENT_ADDRESS = process.platform === 'linux' ? '127.77.78.79' : '127.0.0.1';

let folder: string;
let network: LabNetwork;
let mailboxes: Mailboxes;
const engines: Engine[] = [];
const agent = new Agent({ rejectUnauthorized: false, localAddress: CLIENT_ADDRESS });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-logs-'));
  const nodeOptions = { deliveryInterval: 300, syncInterval: 500, maxStoreBytes: 2 * 1024 * 1024 };
  network = await startNetwork({
    folder,
    nodes: 4,
    parameters: { swarmMin: 2, swarmIdeal: 2 },
    nodeOptions,
    logLevel: 'debug',
  });
  mailboxes = new Mailboxes(network);
});

afterAll(async () => {
  agent.destroy();
  mailboxes?.close();
  await Promise.all(engines.map((engine) => engine.close()));
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends a body from that address; gives the status, or 0 if the node closes first. */
function send(node: LabNode, path: string, body: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const sent = request({ host: '127.0.0.1', port: node.httpsPort, path, method: 'POST', agent }, (response) => {
    response.resume().once('close', () => resolve(response.statusCode ?? 0));
  });
  sent.once('error', () => resolve(0));
  sent.end(body);
  return promise;
}

/** An account as the nodes could name it. */
function namesOf(accountId: string): string[] {
  const key = hexToBytes(accountId.slice(2));
  return [accountId.slice(2), bytesToBase64(key), bytesToBase64(hexToBytes(accountId)), [...key].join(',')];
}

test('the most talkative log of a node names nobody and nothing that a client sent', async () => {
  const secrets = new Map<string, string>();
  const owner = mailboxes.owner();
  const text = `a text that nobody may read ${bytesToHex(randomBytes(8))}`;
  for (const name of namesOf(owner.id)) secrets.set(name, 'an account');
  secrets.set(text, 'a message').set(bytesToBase64(Buffer.from(text)), 'a message');
  secrets.set(mailboxes.hash(owner, text), 'a hash').set(CLIENT_ADDRESS, "a client's address");

  await everythingAClientCanSay(owner, text, secrets);
  await conversation(secrets);

  if (CLIENT_ADDRESS === '127.0.0.1') secrets.delete(CLIENT_ADDRESS);
  const found = (log: string) =>
    [...secrets].filter(([secret]) => log.toLowerCase().includes(secret.toLowerCase())).map(([, what]) => what);
  expect(logs()).toContain('Messages were brought up to date.');
  expect(found(logs())).toEqual([]);
  expect(found(`${logs()}${owner.id.toUpperCase()}`)).toEqual(['an account']);
});

const logs = () => network.nodes.map((node) => readFileSync(join(node.folder, 'node.log'), 'utf8')).join('\n');

async function everythingAClientCanSay(owner: Owner, text: string, secrets: Map<string, string>): Promise<void> {
  const [keeper, other] = mailboxes.keepers(owner);
  const data = Buffer.from(text);
  const store = (ttl = 86_400_000) => buildStore({ accountId: owner.id, data, timestamp: Date.now(), ttl });
  const retrieve = buildRetrieve(owner.signer, { timestamp: Date.now(), maxSize: -1 });
  const marker = `marker${bytesToHex(randomBytes(12))}`;
  secrets.set(marker, 'something of a request');
  secrets.set(String((retrieve.params as { signature: string }).signature), 'a signature');
  const wrong = { ...retrieve, params: { ...retrieve.params, signature: 'A'.repeat(88) } };
  for (const node of network.nodes) {
    await send(node, '/storage_rpc/v1', JSON.stringify(store()));
    for (const rpc of [retrieve, wrong, store(-1), { method: marker, params: { marker } }]) {
      await send(node, '/storage_rpc/v1', JSON.stringify(rpc));
    }
    for (const path of [`/${marker}?${owner.id}`, '/onion_req/v2', '/storage_rpc/v1', '/json_rpc']) {
      await send(node, path, `{"${marker}":"${owner.id} ${text}`);
    }
    const curve = new CurveClient(node.omqPort, hexToBytes(node.keys.x25519), x25519KeyPair(randomBytes(32)));
    await curve.ready;
    for (const command of ['storage.store', 'storage.retrieve', 'monitor.messages', 'sn.data', marker]) {
      await curve.send(encodeRequest(command, newTag(randomBytes), [Buffer.from(JSON.stringify(store().params))]));
    }
    await vi.waitFor(() => expect(curve.received).toBeGreaterThan(3), PATIENCE);
    curve.close();
  }
  // A member that is away, deliveries to it, and comparisons with it.
  await other!.kill();
  const away = `${text} and more`;
  secrets.set(bytesToBase64(Buffer.from(away)), 'a message');
  await mailboxes.store(keeper!, owner, away);
  await other!.restart();
  await vi.waitFor(async () => expect(await mailboxes.texts(other!, owner)).toContain(away), PATIENCE);
  // And a store that is full.
  for (let count = 0; count < 60; count++) {
    await send(
      keeper!,
      '/storage_rpc/v1',
      JSON.stringify(
        buildStore({ accountId: owner.id, data: randomBytes(60_000), timestamp: Date.now(), ttl: 86_400_000 }),
      ),
    );
  }
  expect(logs()).toContain('the message database is full');
}

/** Two people write to each other through private routes. */
async function conversation(secrets: Map<string, string>): Promise<void> {
  const profile = async (name: string): Promise<Engine> => {
    const engine = await createProfile({ folder: join(folder, name), network: network.networkFile, name });
    engines.push(engine);
    for (const each of namesOf(engine.account().accountId)) secrets.set(each, 'an account');
    return engine;
  };
  const ada = await profile('Ada');
  const ben = await profile('Ben');
  const { accountId } = ben.account();
  ada.openConversation(accountId);
  ada.send(accountId, 'Through three nodes');
  await vi.waitFor(() => {
    const texts = ben.messages(ada.account().accountId, { limit: 10 }).messages.map(({ body }) => body);
    expect(texts).toEqual(['Through three nodes']);
  }, PATIENCE);
  secrets.set('Through three nodes', 'a message');
}
