import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AdmittedNode,
  createAuthorityKey,
  createInvite,
  encodeSuccession,
  inviteText,
  type NetworkFile,
  networkId,
  signDescriptor,
  signSuccession,
} from '@sotto/directory';
import { createLog } from '@sotto/node';
import { bytesToHex } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AuthorityFolder } from './authority-folder.ts';
import type { RunningAuthority } from './authority-options.ts';
import { startVotingAuthority } from './start-authority.ts';
import { statusSchema } from './status.ts';
import { sampleFile, sampleKey, sampleNode } from './testing/sample.ts';

const ROUND = 800;
const PATIENCE = { timeout: 40_000, interval: 20 };
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let keys: KeyPair[];
let ports: number[];
let file: NetworkFile;
let up: Set<number>;
const running: RunningAuthority[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function prepare(count: number, threshold: number, join: 'open' | 'invite' = 'open'): Promise<void> {
  for (let index = 0; index < count; index++) {
    mkdirSync(folderOf(index), { mode: 0o700 });
    keys.push(await createAuthorityKey(folderOf(index)));
    ports.push(await freePort());
  }
  const urls = ports.map((port) => [`https://127.0.0.1:${port}`]);
  file = sampleFile(keys, threshold, { join }, urls);
}

const folderOf = (index: number) => join(folder, String(index));

async function start(index: number): Promise<RunningAuthority> {
  const authority = await startVotingAuthority({
    folder: folderOf(index),
    networkFile: file,
    port: ports[index]!,
    roundLength: ROUND,
    probe: { reach: async ({ httpsPort }) => up.has(httpsPort), close: async () => {} },
    log: createLog('silent'),
  });
  running.push(authority);
  return authority;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-voting-'));
  [keys, ports, up] = [[], [], new Set()];
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((authority) => authority.close()));
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

function send(port: number, method: string, path: string, body: Uint8Array = new Uint8Array()): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({ host: '127.0.0.1', port, method, path, agent: false, rejectUnauthorized: false }, (answer) => {
    const parts: Buffer[] = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => resolve({ status: answer.statusCode!, body: Buffer.concat(parts).toString() }));
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

function describeNode(node: AdmittedNode, index: number, invite: Uint8Array | null = null, time = Date.now()) {
  return signDescriptor({ networkId: networkId(file), node, time, invite }, sampleKey(`node ${index}`));
}

async function join_(index: number, invite: Uint8Array | null = null): Promise<Answer[]> {
  const node = sampleNode(index);
  up.add(node.httpsPort);
  const bytes = describeNode(node, index, invite);
  return await Promise.all(ports.map((port) => send(port, 'POST', '/descriptor/v1', bytes)));
}

const listed = (authority: RunningAuthority) => authority.directory.current()?.nodes.length;

test('three authorities agree over HTTPS, list who joins, and drop who is gone', async () => {
  await prepare(3, 2);
  const all = await Promise.all([0, 1, 2].map(start));
  expect((await join_(1)).map(({ status }) => status)).toEqual([200, 200, 200]);
  await join_(2);
  await vi.waitFor(() => {
    for (const authority of all) {
      expect(listed(authority)).toBe(2);
      expect(authority.directory.accepted()?.signers).toHaveLength(3);
    }
  }, PATIENCE);
  up.delete(sampleNode(2).httpsPort);
  await vi.waitFor(() => expect(all.map(listed)).toEqual([1, 1, 1]), PATIENCE);
});

test('a restart remembers everything, and no epoch is voted on twice', async () => {
  await prepare(1, 1, 'invite');
  const first = await start(0);
  const code = createInvite(networkId(file), keys[0]!, Date.now() + 60_000, (size) => new Uint8Array(size).fill(3));
  expect((await join_(1, code))[0]).toEqual({ status: 200, body: 'OK\n' });
  await vi.waitFor(() => expect(listed(first)).toBe(1), PATIENCE);
  await running.pop()!.close();
  const { epoch } = first.directory.accepted()!;
  const again = await start(0);
  expect(listed(again)).toBe(1);
  const [used] = await join_(2, code);
  expect(used).toEqual({ status: 403, body: 'another node has used this invite code\n' });
  await vi.waitFor(() => expect(again.directory.accepted()!.epoch).toBeGreaterThan(epoch), PATIENCE);
  expect(listed(again)).toBe(1);
  expect(inviteText(code)).toHaveLength(122);
});

test('a thousand forged descriptors do nothing', async () => {
  await prepare(1, 1);
  const authority = await start(0);
  await join_(1);
  await vi.waitFor(() => expect(listed(authority)).toBe(1), PATIENCE);
  const genuine = describeNode(sampleNode(1), 1);
  const forgeries = Array.from({ length: 1000 }, (_, index) => {
    if (index % 2 === 0) return genuine.with(40 + (index % 60), genuine[40 + (index % 60)]! ^ 1);
    // Well signed, but nobody is there.
    return describeNode(sampleNode(1000 + index), 1000 + index);
  });
  const statuses = new Set<number>();
  for (let sent = 0; sent < forgeries.length; sent += 50) {
    const batch = forgeries
      .slice(sent, sent + 50)
      .map((bytes) => send(authority.port, 'POST', '/descriptor/v1', bytes));
    for (const { status } of await Promise.all(batch)) statuses.add(status);
  }
  expect([...statuses].filter((status) => ![400, 403, 429, 503].includes(status))).toEqual([]);
  const { epoch } = authority.directory.accepted()!;
  await vi.waitFor(() => expect(authority.directory.accepted()!.epoch).toBeGreaterThan(epoch + 1), PATIENCE);
  expect(listed(authority)).toBe(1);
  const saved = JSON.parse(readFileSync(join(folderOf(0), 'members.json'), 'utf8'));
  expect(saved.descriptors).toHaveLength(1);
});

test('what it is told is bounded and explained', async () => {
  await prepare(1, 1);
  const { port } = await start(0);
  const post = (path: string, size: number) => send(port, 'POST', path, new Uint8Array(size));
  expect((await post('/descriptor/v1', 1025)).status).toBe(413);
  expect((await post('/descriptor/v1', 10)).status).toBe(400);
  expect((await post('/round/v1', 10)).status).toBe(400);
  expect((await send(port, 'GET', '/round/v1')).status).toBe(404);
  expect(await send(port, 'GET', '/address/v1')).toEqual({ status: 200, body: '127.0.0.1\n' });
  const unreachable = await send(port, 'POST', '/descriptor/v1', describeNode(sampleNode(5), 5));
  expect(unreachable).toMatchObject({ status: 403 });
  expect(unreachable.body).toContain('cannot reach the node at 127.0.0.1, HTTPS port 20005');
});

test('its status tells of rounds, nodes and proposals, and a proposal of a threshold takes effect', async () => {
  await prepare(2, 2);
  const [a] = await Promise.all([0, 1].map(start));
  await join_(1);
  const status = async () => statusSchema.parse(JSON.parse((await send(a!.port, 'GET', '/status/v1')).body));
  await vi.waitFor(
    async () => expect((await status()).nodes).toMatchObject([{ reachable: true, listed: true }]),
    PATIENCE,
  );
  expect(await status()).toMatchObject({ authority: a!.key, successions: 0, proposal: null, evidence: [] });
  const authorities = file.authorities.slice(0, 1);
  const dict = encodeSuccession({ networkId: networkId(file), number: 1, authorities, threshold: 1 });
  const agree = (index: number) =>
    new AuthorityFolder(folderOf(index)).saveProposal({
      dict,
      signature: signSuccession(dict, keys[index]!).signature,
    });
  await agree(0);
  await vi.waitFor(async () => expect((await status()).proposal).toMatchObject({ number: 1, threshold: 1 }), PATIENCE);
  await agree(1);
  await vi.waitFor(async () => {
    expect(a!.directory.accepted()?.signers.map(bytesToHex)).toEqual([a!.key]);
    expect(await status()).toMatchObject({ successions: 1, proposal: null, deciding: { threshold: 1 } });
  }, PATIENCE);
});

test('damaged files and a taken port are named', async () => {
  await prepare(1, 1);
  for (const name of ['round.json', 'members.json', 'successions.json']) {
    writeFileSync(join(folderOf(0), name), '{');
    await expect(start(0)).rejects.toThrow(`${name} is damaged`);
    rmSync(join(folderOf(0), name));
  }
  const taken = await start(0);
  await expect(start(0)).rejects.toThrow(String(taken.port));
});
