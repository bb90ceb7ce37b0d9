import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, type ChainSeed, loadOrCreateCertificate } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys } from '@sotto/wire/nodes';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { httpsTransport } from '../https-transport.ts';
import { matchesPins } from '../pins.ts';
import { askSeeds } from './seed-servers.ts';

let folder: string;
let certificate: Certificate;
let x509: X509Certificate;
let pins: { spki: string; certificate: string };
const transport = httpsTransport();
const stopping: (() => void)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-seeds-'));
  certificate = await loadOrCreateCertificate(folder);
  x509 = new X509Certificate(certificate.cert);
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes);
  pins = {
    spki: sha256(x509.publicKey.export({ type: 'spki', format: 'der' })).digest('base64'),
    certificate: sha256(x509.raw).digest('hex'),
  };
});

beforeEach(({ onTestFinished }) =>
  onTestFinished(() => {
    for (const stop of stopping.splice(0)) stop();
  }),
);

afterAll(() => {
  transport.close();
  rmSync(folder, { recursive: true, force: true });
});

function answerOf(nodes: number): string {
  const states = Array.from({ length: nodes }, (_, index) => {
    const { ed25519, x25519, legacy } = deriveNodeKeys(new Uint8Array(32).fill(index + 1));
    return {
      service_node_pubkey: bytesToHex(legacy.publicKey),
      pubkey_ed25519: bytesToHex(ed25519.publicKey),
      pubkey_x25519: bytesToHex(x25519.publicKey),
      swarm_id: 5,
      public_ip: '203.0.113.7',
      storage_port: 1,
      storage_lmq_port: 2,
    };
  });
  const result = { height: 1, block_hash: '00'.repeat(32), hardfork: 19, service_node_states: states };
  return JSON.stringify({ jsonrpc: '2.0', result });
}

/** A seed that says this; with `null` it takes the question and never answers. */
async function seedServer(says: string | null, status = 200): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(certificate, async (question, answer) => {
    const parts: Buffer[] = [];
    for await (const part of question as AsyncIterable<Buffer>) parts.push(part);
    asked.push(`${question.url} ${question.headers['user-agent']} ${Buffer.concat(parts).toString()}`);
    if (says !== null) answer.writeHead(status, { 'Content-Type': 'application/json' }).end(says);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stopping.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

const seed = ({ port }: { port: number }, more: Partial<ChainSeed> = {}): ChainSeed => ({
  url: `https://127.0.0.1:${port}`,
  ...pins,
  ...more,
});
const ask = (seeds: readonly ChainSeed[], isPlausible: (nodes: number) => boolean = () => true) =>
  askSeeds(
    seeds,
    (list) => isPlausible(list.nodes.length),
    { transport, timings: { fetch: 5000 } },
    new AbortController().signal,
  );
const nobody = expect.objectContaining({ name: 'DirectoryError', code: 'fetch' });

describe('the certificate', () => {
  test('named in the file is believed, over connections kept open as well', async () => {
    const server = await seedServer(answerOf(3));
    for (let time = 0; time < 3; time++) expect((await ask([seed(server)])).nodes).toHaveLength(3);
    expect((await ask([seed(server, { url: `https://localhost:${server.port}` })])).nodes).toHaveLength(3);
    expect(server.asked[0]).toMatch(/^\/json_rpc WhatsApp {.*"get_n_service_nodes"/);
  });

  test.each(['spki', 'certificate'] as const)('with another %s is refused', async (pin) => {
    const server = await seedServer(answerOf(3));
    const other = pin === 'spki' ? `${'A'.repeat(43)}=` : '00'.repeat(32);
    await expect(ask([seed(server, { [pin]: other })])).rejects.toEqual(nobody);
    expect(server.asked).toHaveLength(1);
  });

  test('is looked at through a proxy as well', async () => {
    const server = await seedServer(answerOf(3));
    const tunnels: string[] = [];
    const proxy = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (head) => {
        tunnels.push(head.toString().split(' ')[1]!);
        const through = connect(server.port, '127.0.0.1');
        through.on('error', () => socket.destroy());
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(through).pipe(socket);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const own = httpsTransport({ kind: 'http', host: '127.0.0.1', port: (proxy.address() as AddressInfo).port });
    stopping.push(() => proxy.close());
    stopping.push(() => own.close());
    const url = 'https://localhost:4443';
    const ask = (more: Partial<ChainSeed> = {}) =>
      askSeeds(
        [seed(server, { url, ...more })],
        () => true,
        { transport: own, timings: { fetch: 5000 } },
        new AbortController().signal,
      );
    expect((await ask()).nodes).toHaveLength(3);
    await expect(ask({ certificate: '00'.repeat(32) })).rejects.toEqual(nobody);
    await expect(ask({ url: 'https://seed.test:4443' })).rejects.toEqual(nobody);
    expect(new Set(tunnels)).toEqual(new Set(['localhost:4443', 'seed.test:4443']));
  });

  test('of another host is refused, and so is none', () => {
    expect(matchesPins(x509, 'localhost', pins)).toBe(true);
    expect(matchesPins(x509, 'seed.test', pins)).toBe(false);
    expect(matchesPins(undefined, 'localhost', pins)).toBe(false);
  });

  test('is not asked for where the file says so, nor is TLS', async () => {
    const server = await seedServer(answerOf(2));
    const unverified = { url: `https://127.0.0.1:${server.port}`, unverified: true } as const;
    expect((await ask([unverified])).nodes).toHaveLength(2);
    const plain = createPlainServer((_, answer) => answer.end(answerOf(4)));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    stopping.push(() => plain.close());
    const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
    expect((await ask([{ url, unverified: true }])).nodes).toHaveLength(4);
  });
});

describe('of several seeds', () => {
  test('the first good answer counts, and nobody waits for the rest', async () => {
    const servers = await Promise.all([seedServer(null), seedServer('garbage'), seedServer(answerOf(3))]);
    expect((await ask(servers.map((server) => seed(server)))).nodes).toHaveLength(3);
  });

  test('one alone cannot say that most nodes are gone, two can', async () => {
    const [few, fewer, broken] = await Promise.all([
      seedServer(answerOf(2)),
      seedServer(answerOf(1)),
      seedServer(answerOf(9), 503),
    ]);
    await expect(ask([seed(few), seed(broken)], (nodes) => nodes > 5)).rejects.toEqual(nobody);
    const two = [seed(fewer), seed(few), seed(broken)];
    expect((await ask(two, (nodes) => nodes > 5)).nodes).toHaveLength(2);
  });

  test('none that answers is an error', async () => {
    await expect(ask([{ url: 'https://127.0.0.1:1', ...pins }])).rejects.toEqual(nobody);
  });
});
