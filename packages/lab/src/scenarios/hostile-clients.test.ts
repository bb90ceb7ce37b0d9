import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { LabNode } from '../lab-node.ts';
import { type LabNetwork, startNetwork } from '../start-network.ts';
import { Mailboxes } from '../testing/mailboxes.ts';
import { loopbackAddress, residentBytes, serves } from '../testing/node-under-attack.ts';

/** Connections of one run to each port; `SOTTO_CONNECTIONS=10000` for a long one. */
const CONNECTIONS = Number(process.env.SOTTO_CONNECTIONS ?? 2000);
const OF_ADDRESS = 400;
const AT_A_TIME = 200;
const BODY_LIMIT = 10_485_760;
/** What a connection may cost the node, bytes, over what it takes anyway. */
const MOST_OF_CONNECTION = 120_000;
const MOST_ANYWAY = 150 * 1024 * 1024;
const PATIENCE = { timeout: 60_000, interval: 200 };

let folder: string;
let network: LabNetwork;
let node: LabNode;
let mailboxes: Mailboxes;
let pid: number;
const sockets: Socket[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-hostile-'));
  const parameters = { swarmMin: 1, swarmIdeal: 1 };
  network = await startNetwork({ folder, nodes: 1, parameters, nodeOptions: { rateLimit: false } });
  node = network.nodes[0]!;
  pid = node.pid!;
  mailboxes = new Mailboxes(network);
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await vi.waitFor(async () => expect(await serves(mailboxes, node)).toBe(true), PATIENCE);
  expect(node.pid).toBe(pid);
  expect(readFileSync(join(node.folder, 'node.log'), 'utf8')).not.toMatch(/unexpectedly/);
});

afterAll(async () => {
  mailboxes?.close();
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

const addressOf = (index: number) =>
  process.platform === 'linux' ? loopbackAddress(Math.floor(index / OF_ADDRESS)) : '127.0.0.1';

/** Opens connections, some at a time; resolves when all are open or refused. */
async function openMany(open: (localAddress: string) => Socket, ready: string): Promise<void> {
  for (let from = 0; from < CONNECTIONS; from += AT_A_TIME) {
    const some = Array.from({ length: AT_A_TIME }, (_, index) => open(addressOf(from + index)));
    for (const socket of some) socket.on('error', () => {}).resume();
    sockets.push(...some);
    await Promise.all(some.map((socket) => Promise.race([once(socket, ready), once(socket, 'close')])));
  }
}

const tls = (localAddress = '127.0.0.1') =>
  connectTls({
    socket: connect({ host: '127.0.0.1', port: node.httpsPort, localAddress }).on('error', () => {}),
    rejectUnauthorized: false,
  });

async function openTls(localAddress?: string): Promise<Socket> {
  const socket = tls(localAddress);
  sockets.push(socket.on('error', () => {}));
  await once(socket, 'secureConnect');
  return socket;
}

/** Everything that comes until the far side closes. */
async function restOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (part) => {
    text += part;
  });
  if (!socket.closed) await once(socket, 'close');
  return text;
}

const SLOW = 120_000 + CONNECTIONS * 10;

test(
  'thousands of connections that say nothing keep nobody out',
  async () => {
    const before = residentBytes(node);
    await openMany(tls, 'secureConnect');
    await openMany((localAddress) => connect({ host: '127.0.0.1', port: node.omqPort, localAddress }), 'connect');
    const open = sockets.filter(({ closed }) => !closed).length;
    expect(open).toBeGreaterThan(CONNECTIONS);
    expect(residentBytes(node)).toBeLessThan(before + MOST_ANYWAY + 2 * CONNECTIONS * MOST_OF_CONNECTION);
    expect(await serves(mailboxes, node)).toBe(true);
    // They are not kept for ever.
    await vi.waitFor(() => expect(sockets.filter(({ closed }) => !closed).length).toBe(0), PATIENCE);
  },
  SLOW,
);

test('who sends a request a byte at a time is cut off', async () => {
  const slow = await openTls();
  const over = once(slow, 'close');
  slow.resume();
  const sending = setInterval(() => slow.write('x'), 200);
  slow.write('POST /storage_rpc/v1 HTTP/1.1\r\nHost: node\r\nX-Long: ');
  await over;
  clearInterval(sending);
  const endless = await openTls();
  const rest = restOf(endless);
  endless.write(`GET /get_stats/v1 HTTP/1.1\r\nHost: node\r\nX-Long: ${'x'.repeat(20_000)}`);
  expect(await rest).toMatch(/^HTTP\/1\.1 4\d\d /);
});

test.each([
  ['a stated length beyond the limit', `Content-Length: ${BODY_LIMIT + 1}\r\n\r\n`, 413],
  ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
  ['a length that is no number', 'Content-Length: many\r\n\r\n', 400],
  ['a broken chunk', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
])('%s is refused at once', async (_what, rest, status) => {
  const socket = await openTls();
  const answer = restOf(socket);
  socket.write(`POST /storage_rpc/v1 HTTP/1.1\r\nHost: node\r\n${rest}`);
  expect(Number((await answer).split(' ')[1])).toBe(status);
});

test('a body in chunks beyond the limit is refused, and one that breaks off is forgotten', async () => {
  const socket = await openTls();
  const answer = restOf(socket);
  socket.write('POST /storage_rpc/v1 HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  for (let sent = 0; sent <= BODY_LIMIT && socket.writable; sent += chunk.length) {
    socket.write(`${chunk.length.toString(16)}\r\n`);
    socket.write(chunk);
    socket.write('\r\n');
  }
  expect(await answer).toContain('413');
  const before = residentBytes(node);
  for (let count = 0; count < 40; count++) {
    const cut = await openTls();
    cut.write(`POST /storage_rpc/v1 HTTP/1.1\r\nHost: node\r\nContent-Length: ${BODY_LIMIT}\r\n\r\n`);
    cut.write(chunk);
    cut.end();
    cut.destroy();
  }
  await vi.waitFor(() => expect(residentBytes(node)).toBeLessThan(before + MOST_ANYWAY), PATIENCE);
});

test.each([
  ['lists', `{"method":"batch","params":${'['.repeat(1_000_000)}`],
  ['closed lists', `{"method":"batch","params":${'['.repeat(500_000)}${']'.repeat(500_000)}}`],
  ['objects', `{"method":"info","params":${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}}`],
  ['batches', `${'{"method":"batch","params":{"requests":['.repeat(1000)}${']}}'.repeat(1000)}`],
])('deeply nested %s are an error of the client', async (_what, body) => {
  const socket = await openTls();
  const answer = restOf(socket);
  socket.write(
    `POST /storage_rpc/v1 HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  socket.write(body);
  expect(Number((await answer).split(' ')[1])).toBe(400);
});
