import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { encodeBt } from '@sotto/wire/bt';
import { hexToBytes } from '@sotto/wire/bytes';
import { x25519KeyPair } from '@sotto/wire/crypto';
import { deriveNodeKeys } from '@sotto/wire/nodes';
import { encodeRequest, newTag } from '@sotto/wire/oxenmq';
import { buildRetrieve, buildStore, METHODS } from '@sotto/wire/rpc';
import { EVERYTHING, encodeRanges } from '@sotto/wire/sync';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { LabNode } from '../lab-node.ts';
import { type LabNetwork, startNetwork } from '../start-network.ts';
import { CurveClient } from '../testing/curve-client.ts';
import { Mailboxes } from '../testing/mailboxes.ts';
import { type Dice, diceOf, mutate, randomBytesOf } from '../testing/mutate.ts';
import { residentBytes, serves } from '../testing/node-under-attack.ts';

/** Frames of one run to each port; `SOTTO_FRAMES=1000000` for a long one. */
const FRAMES = Number(process.env.SOTTO_FRAMES ?? 20_000);
/** A run can be repeated with the seed that it printed. */
const SEED = Number(process.env.SOTTO_SEED ?? Math.floor(Math.random() * 2 ** 32));
const AT_A_TIME = 16;
const OF_CONNECTION = 200;
const MOST_GROWTH = 300 * 1024 * 1024;
const LIMIT = 120_000 + FRAMES * 4;
/** Everything that storage-rpc and onion-requests let a node answer. */
const STATUSES = [200, 400, 401, 403, 404, 406, 410, 413, 421, 429, 431, 500, 502, 503, 504];

let folder: string;
let network: LabNetwork;
let node: LabNode;
let mailboxes: Mailboxes;
let before: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-frames-'));
  const parameters = { swarmMin: 2, swarmIdeal: 2 };
  network = await startNetwork({ folder, nodes: 2, parameters, nodeOptions: { rateLimit: false }, logLevel: 'debug' });
  node = network.nodes[0]!;
  mailboxes = new Mailboxes(network);
  // It is the test that speaks for it from now on.
  await network.nodes[1]!.kill();
  before = residentBytes(node);
  console.log(`seed ${SEED}`);
});

afterEach(async () => {
  await vi.waitFor(async () => expect(await serves(mailboxes, node)).toBe(true), { timeout: 60_000, interval: 500 });
  expect(node.pid).not.toBeNull();
  expect(residentBytes(node)).toBeLessThan(before + MOST_GROWTH);
  expect(readFileSync(join(node.folder, 'node.log'), 'utf8')).not.toMatch(/unexpectedly/);
});

afterAll(async () => {
  mailboxes?.close();
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `work` so often, some at a time. */
async function many(times: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

const pick = <T>(list: readonly T[], dice: Dice): T => list[dice(list.length)]!;

/** Parameters of requests that would be taken as they are, or nearly. */
function sampleRequests(): object[] {
  const owner = mailboxes.owner();
  const store = buildStore({ accountId: owner.id, data: randomBytes(60), timestamp: Date.now(), ttl: 86_400_000 });
  const retrieve = buildRetrieve(owner.signer, { timestamp: Date.now(), maxSize: -1 });
  const plain = { pubkey: owner.id, timestamp: Date.now(), signature: 'A'.repeat(88), messages: ['A'.repeat(43)] };
  const requests: object[] = [store, retrieve];
  for (const method of METHODS)
    requests.push({ method, params: { ...plain, namespace: 'all', before: 5, expiry: 9e12 } });
  for (const method of ['batch', 'sequence'])
    requests.push({ method, params: { requests: [store, retrieve, { method: 'info' }] } });
  const branches = Object.fromEntries([
    ['then', store],
    ['else', retrieve],
  ]);
  requests.push({ method: 'ifelse', params: { if: { hf_at_least: [19, 1] }, ...branches } });
  requests.push({ method: 'oxend_request', params: { endpoint: 'get_service_nodes', params: { limit: 1 } } });
  requests.push({ ...retrieve, params: { ...retrieve.params, wait: 50 } });
  return requests;
}

function onionSample(dice: Dice): Buffer {
  const ciphertext = randomBytesOf(dice, 50 + dice(200));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(ciphertext.length);
  const json = JSON.stringify({
    ephemeral_key: randomBytesOf(dice, 32).toString('hex'),
    enc_type: pick(['aes-gcm', 'xchacha20', 'x'], dice),
  });
  return Buffer.concat([length, ciphertext, Buffer.from(json)]);
}

test(
  'requests that are wrong in every way get answers that the chapters name',
  async () => {
    const dice = diceOf(SEED);
    const agent = new Agent({ rejectUnauthorized: false, keepAlive: true, maxSockets: AT_A_TIME });
    const samples = sampleRequests().map((sample) => Buffer.from(JSON.stringify(sample)));
    const seen = new Set<number>();
    await many(FRAMES, async () => {
      const [path, body] = pick(
        [
          ['/storage_rpc/v1', mutate(pick(samples, dice), dice)],
          ['/storage_rpc/v1', pick(samples, dice)],
          ['/onion_req/v2', mutate(onionSample(dice), dice)],
          [
            '/json_rpc',
            mutate(Buffer.from('{"jsonrpc":"2.0","method":"get_n_service_nodes","params":{"fields":{}}}'), dice),
          ],
          ['/ping_test/v1', randomBytesOf(dice, dice(20))],
        ] as const,
        dice,
      );
      seen.add(await statusOf(agent, path, body));
    });
    agent.destroy();
    expect([...seen].filter((status) => !STATUSES.includes(status))).toEqual([]);
    expect(seen).toContain(200);
    expect(seen).toContain(400);
  },
  LIMIT,
);

function statusOf(agent: Agent, path: string, body: Buffer): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const options = { host: '127.0.0.1', port: node.httpsPort, path, method: 'POST', agent };
  const sent = request(options, (response) => {
    response.resume().once('close', () => resolve(response.statusCode!));
  });
  // The node closes connections when it refuses what it has not read.
  sent.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(400) : reject(error)));
  sent.end(body);
  return promise;
}

test(
  'bytes that are no HTTP do no harm',
  async () => {
    const dice = diceOf(SEED + 1);
    const whole = Buffer.from(
      'POST /storage_rpc/v1 HTTP/1.1\r\nHost: node\r\nContent-Length: 34\r\n\r\n{"method":"info","params":{"a":1}}',
    );
    await many(FRAMES / 100, async () => {
      const isTls = dice(4) > 0;
      const socket = isTls
        ? connectTls({ host: '127.0.0.1', port: node.httpsPort, rejectUnauthorized: false })
        : connect({ host: '127.0.0.1', port: node.httpsPort });
      const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.on('error', () => {}).resume();
      for (let sent = 0; sent < 10; sent++)
        socket.write(dice(2) ? mutate(whole, dice) : randomBytesOf(dice, 1 + dice(300)));
      socket.end();
      const patience = setTimeout(() => socket.destroy(), 500);
      await over;
      clearTimeout(patience);
    });
  },
  LIMIT,
);

const OTHER_COMMANDS = [
  'monitor.messages',
  'service.get_stats',
  'sn.ping',
  'no.such',
  'HI',
  'BYE',
  'REPLY',
  'FORBIDDEN',
  '',
];
const NODE_COMMANDS = [
  'data',
  'data_ready',
  'onion_request',
  'storage_cc',
  'sync_ranges',
  'sync_states',
  'sync_contents',
  'sync_now',
];

/** Messages as strangers, or nodes, send them to the OxenMQ port, changed a little. */
function message(dice: Dice, samples: readonly Uint8Array[], commands: readonly string[]): Uint8Array[] {
  const parts = encodeRequest(pick(commands, dice), newTag(randomBytes), [mutate(pick(samples, dice), dice)]).map(
    (part) => Buffer.from(part),
  );
  switch (dice(6)) {
    case 0:
      return parts.map((part) => mutate(part, dice));
    case 1:
      return [...parts, ...Array.from({ length: dice(5) }, () => pick(samples, dice))];
    case 2:
      return parts.slice(dice(parts.length));
    default:
      return parts;
  }
}

/** Sends so many messages over connections that are replaced now and then, or when the node ends them. */
async function flood(
  dice: Dice,
  keys: () => ReturnType<typeof x25519KeyPair>,
  frame: () => Uint8Array[],
  times: number,
): Promise<number> {
  const listenerKey = hexToBytes(node.keys.x25519);
  let answers = 0;
  await many(Math.ceil(times / OF_CONNECTION), async () => {
    const client = new CurveClient(node.omqPort, listenerKey, keys());
    await client.ready;
    for (let sent = 0; sent < OF_CONNECTION && client.isOpen; sent++) await client.send(frame());
    // A last request that is answered says that all before it were read.
    const settled = client.received;
    if (client.isOpen) {
      await client.send(encodeRequest('storage.info', newTag(randomBytes), []));
      await Promise.race([
        vi.waitFor(() => expect(client.received).toBeGreaterThan(settled), { timeout: 10_000, interval: 10 }),
        client.closed,
      ]);
    }
    answers += client.received;
    if (dice(2)) client.sendRaw(randomBytesOf(dice, 1 + dice(100)));
    client.close();
  });
  return answers;
}

test(
  'what strangers say over OxenMQ is answered or dropped',
  async () => {
    const dice = diceOf(SEED + 2);
    const requests = sampleRequests() as { params?: object }[];
    const json = requests.map(({ params }) => Buffer.from(JSON.stringify(params ?? {})));
    const plain = {
      pubkey: mailboxes.owner().id,
      timestamp: Date.now(),
      messages: ['a'],
      ttl: 86_400_000,
      data: 'x',
      namespace: 0,
      n: [0, -10],
      t: 5,
      s: 'x',
    };
    const samples = [...json, Buffer.from(encodeBt(plain)), randomBytesOf(dice, 80)];
    const commands = [
      ...METHODS.map((method) => `storage.${method}`),
      ...OTHER_COMMANDS,
      ...NODE_COMMANDS.map((name) => `sn.${name}`),
    ];
    const answers = await flood(
      dice,
      () => x25519KeyPair(randomBytes(32)),
      () => message(dice, samples, commands),
      FRAMES / 2,
    );
    expect(answers).toBeGreaterThan(FRAMES / 20);
  },
  LIMIT,
);

test(
  'nor can another node do harm',
  async () => {
    const dice = diceOf(SEED + 3);
    const { x25519 } = deriveNodeKeys(readFileSync(join(network.nodes[1]!.folder, 'node.seed')));
    const data = { h: 'A'.repeat(43), d: 'x', p: randomBytes(33), n: 0, t: Date.now(), e: Date.now() + 1e6 };
    const samples = [
      Buffer.from(encodeBt([data, data])),
      Buffer.from(encodeBt(data)),
      Buffer.from(encodeBt({ t: 1, '#': 20_800 })),
      Buffer.from('store'),
      Buffer.from(encodeRanges([EVERYTHING])),
      onionSample(dice),
      randomBytesOf(dice, 80),
    ];
    const commands = NODE_COMMANDS.map((name) => `sn.${name}`);
    const answers = await flood(
      dice,
      () => x25519,
      () => message(dice, samples, commands),
      FRAMES / 2,
    );
    expect(answers).toBeGreaterThan(FRAMES / 20);
  },
  LIMIT,
);

test(
  'handshakes that go wrong end',
  async () => {
    const dice = diceOf(SEED + 4);
    const greeting = Buffer.concat([
      Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]),
      Buffer.from('CURVE'),
      Buffer.alloc(47),
    ]);
    const hello = Buffer.concat([
      Buffer.from([4, 200, 5]),
      Buffer.from('HELLO'),
      Buffer.from([1, 0]),
      Buffer.alloc(72),
      randomBytesOf(dice, 32),
      Buffer.alloc(8),
      randomBytesOf(dice, 80),
    ]);
    await many(FRAMES / 50, async () => {
      const socket = connect({ host: '127.0.0.1', port: node.omqPort });
      const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.on('error', () => {}).resume();
      const whole = Buffer.concat([greeting, hello]);
      socket.end(dice(3) ? mutate(whole, dice) : randomBytesOf(dice, 1 + dice(500)));
      const patience = setTimeout(() => socket.destroy(), 1000);
      await over;
      clearTimeout(patience);
    });
  },
  LIMIT,
);
