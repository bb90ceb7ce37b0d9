import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DirectoryStore,
  loadOrCreateCertificate,
  type NetworkFile,
  type NodeDescriptor,
  networkId,
  verifyDescriptor,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { ed25519KeyPair } from '@sotto/wire/crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DescriptorSender } from './descriptor-sender.ts';
import { findOwnAddress } from './own-address.ts';

const keys = ed25519KeyPair(new Uint8Array(32).fill(7));
const authorities = [1, 2].map((number) => ed25519KeyPair(new Uint8Array(32).fill(number)));
const ports = { httpsPort: 22_021, omqPort: 22_020 };

let folder: string;
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-sender-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true });
});

async function serve(answer: (body: Buffer, request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(await loadOrCreateCertificate(folder), (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => answer(Buffer.concat(parts), request, response));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const fileWith = (urls: readonly (readonly string[])[]): NetworkFile => ({
  sotto: 1,
  name: 'Test',
  created: 1,
  authorities: authorities.map(({ publicKey }, index) => ({ key: bytesToHex(publicKey), urls: urls[index]! })),
  threshold: 1,
  seeds: [],
  parameters: { swarmMin: 1, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'open', oneSite: true },
  communities: [],
});

test('every authority is told again and again; what changes in their answers is passed on once', async () => {
  const heard: NodeDescriptor[] = [];
  let refusal: string | null = 'no \u001b[31madmission';
  const strict = await serve((body, _request, response) => {
    heard.push(verifyDescriptor(new Uint8Array(body)));
    response.writeHead(refusal === null ? 200 : 403).end(refusal ?? 'OK');
  });
  const networkFile = fileWith([['https://127.0.0.1:1', strict], ['https://127.0.0.1:1']]);
  const answers: [string, string | null][] = [];
  let time = 5;
  const sender = new DescriptorSender({
    store: await DirectoryStore.open({ networkFile }),
    keys,
    version: [2, 11, 3],
    now: () => time++,
    address: '203.0.113.7',
    invite: new Uint8Array(91),
    interval: 5,
    onAnswer: (authority, why) => answers.push([authority, why]),
  });
  const stopping = new AbortController();
  const running = sender.run(ports, stopping.signal);
  await vi.waitFor(() => expect(heard.length).toBeGreaterThan(2));
  refusal = null;
  await vi.waitFor(() => expect(answers.length).toBe(3));
  stopping.abort();
  await running;
  const [first, second] = authorities.map(({ publicKey }) => bytesToHex(publicKey));
  expect(answers.toSorted(([, a], [, b]) => String(a).localeCompare(String(b)))).toEqual(
    [
      [second, 'it does not answer'],
      [first, 'no  [31madmission'],
      [first, null],
    ].toSorted(([, a], [, b]) => String(a).localeCompare(String(b))),
  );
  expect(heard[0]).toEqual({
    networkId: networkId(networkFile),
    node: { ed25519Key: keys.publicKey, ip: '203.0.113.7', ...ports, version: [2, 11, 3] },
    time: 5,
    invite: new Uint8Array(91),
  });
  const times = heard.map(({ time }) => time);
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
});

test('the own address is what most authorities see', async () => {
  const answering = (text: string) => serve((_body, _request, response) => void response.end(text));
  const urls: string[] = [];
  for (const text of ['203.0.113.7\n', '198.51.100.1', '203.0.113.7', 'here', 'x'.repeat(500)]) {
    urls.push(await answering(text));
  }
  expect(await findOwnAddress(fileWith([urls, ['https://127.0.0.1:1']]), 5000)).toBe('203.0.113.7');
  expect(await findOwnAddress(fileWith([[], ['https://127.0.0.1:1']]), 5000)).toBeNull();
});
