import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyPair } from '@sotto/wire/crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AuthorityOptions, type RunningAuthority, startAuthority } from './authority.ts';
import { createAuthorityKey, loadAuthorityKey } from './authority-key.ts';
import { httpsFetcher, refreshDirectory } from './fetch.ts';
import { MAXIMUM_SEED_REQUEST_BYTES } from './seed-answer.ts';
import { DirectoryStore } from './store.ts';
import { CREATED, sampleFile, sampleKey, sampleNodes } from './testing/sample-network.ts';

const withCode = (code: string) => expect.objectContaining({ name: 'DirectoryError', code });
const never = new AbortController().signal;

let folder: string;
let key: KeyPair;
const running: RunningAuthority[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-authority-'));
  key = await createAuthorityKey(folder);
});

afterEach(async () => {
  for (const authority of running.splice(0)) await authority.close();
  await rm(folder, { recursive: true });
});

async function start(options: Partial<AuthorityOptions> = {}): Promise<RunningAuthority> {
  const authority = await startAuthority({
    folder,
    networkFile: sampleFile([key]),
    nodes: () => sampleNodes(9),
    now: () => CREATED,
    onRoundFailure: (error) => expect.unreachable(String(error)),
    ...options,
  });
  running.push(authority);
  return authority;
}

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

function send(port: number, method: string, path: string, body = ''): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({ host: '127.0.0.1', port, method, path, agent: false, rejectUnauthorized: false }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk) => chunks.push(chunk));
    answer.on('end', () =>
      resolve({
        status: answer.statusCode,
        type: answer.headers['content-type'],
        body: Buffer.concat(chunks).toString(),
      }),
    );
    answer.on('error', reject);
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

describe('the key', () => {
  test('is made once, for its owner alone, and read back', async () => {
    const path = join(folder, 'authority.key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await loadAuthorityKey(folder)).toEqual(key);
    await expect(createAuthorityKey(folder)).rejects.toThrow('exists already');
    expect(await loadAuthorityKey(folder)).toEqual(key);
  });

  test('is refused when missing, damaged or open to others', async () => {
    const path = join(folder, 'authority.key');
    await chmod(path, 0o644);
    await expect(loadAuthorityKey(folder)).rejects.toThrow('chmod 600');
    await chmod(path, 0o600);
    await writeFile(path, 'short');
    await expect(loadAuthorityKey(folder)).rejects.toThrow(withCode('authority-key'));
    await rm(path);
    await expect(start()).rejects.toThrow(withCode('authority-key'));
    await expect(createAuthorityKey(join(folder, 'missing'))).rejects.toThrow(withCode('authority-key'));
  });
});

test('a newcomer with the network file gets the nodes over HTTPS', async () => {
  const { port } = await start();
  const store = await DirectoryStore.open({ networkFile: sampleFile([key]), now: () => CREATED });
  const fetcher = httpsFetcher(`https://127.0.0.1:${port}`);
  expect(await refreshDirectory(store, [fetcher], never)).toBe(true);
  expect(store.current()).toMatchObject({ epoch: 1, validFrom: CREATED });
  expect(store.current()?.swarmIds).toHaveLength(3);
  expect(await refreshDirectory(store, [fetcher], never)).toBe(false);
});

test('a stock client gets the nodes from it as from a seed', async () => {
  const { port } = await start();
  const body = JSON.stringify({ jsonrpc: '2.0', method: 'get_n_service_nodes', params: { active_only: true } });
  const answer = await send(port, 'POST', '/json_rpc', body);
  expect([answer.status, answer.type]).toEqual([200, 'application/json']);
  expect(JSON.parse(answer.body).result.service_node_states).toHaveLength(9);
  expect(await send(port, 'POST', '/json_rpc', '{')).toMatchObject({ status: 400, type: 'application/json' });
});

test('everything else is refused', async () => {
  const { port } = await start();
  expect((await send(port, 'GET', '/json_rpc')).status).toBe(404);
  expect((await send(port, 'POST', '/directory/v1')).status).toBe(404);
  expect((await send(port, 'GET', '/directory.json')).status).toBe(404);
  expect((await send(port, 'GET', '/directory/v1?x')).status).toBe(200);
  // The server stops reading, so the client sees the answer or a broken connection.
  const tooMuch = await send(port, 'POST', '/json_rpc', ' '.repeat(MAXIMUM_SEED_REQUEST_BYTES + 1)).catch(() => null);
  expect(tooMuch?.status ?? 413).toBe(413);
});

describe('rounds', () => {
  test('every start and every round is a new epoch, and the swarms stay', async () => {
    const first = await start();
    const swarms = (authority: RunningAuthority) => authority.directory.current()!.nodes.map(({ swarmId }) => swarmId);
    const before = swarms(first);
    await first.publish();
    expect(first.directory.current()?.epoch).toBe(2);
    await running.pop()?.close();
    const second = await start({ roundLength: 5 });
    expect(second.directory.accepted()!.epoch).toBe(3);
    await vi.waitFor(() => expect(second.directory.accepted()!.epoch).toBeGreaterThan(4));
    expect(swarms(second)).toEqual(before);
  });

  test('an epoch is on disk before anybody sees it', async () => {
    const authority = await start();
    const saved: string[] = [];
    authority.directory.onChange(async () => saved.push(await readFile(join(folder, 'directory.json'), 'utf8')));
    await authority.publish();
    const bytes = Buffer.from(authority.directory.accepted()!.bytes).toString('base64');
    await vi.waitFor(() => expect(saved[0]).toContain(bytes));
  });

  test('nodes that come and go are in the next directory', async () => {
    let nodes = sampleNodes(9);
    const authority = await start({ nodes: () => nodes });
    nodes = sampleNodes(8, 3);
    await authority.publish();
    expect(authority.directory.current()?.nodes).toHaveLength(8);
    expect(authority.directory.current()?.node(sampleKey('node 10').publicKey)).toBeDefined();
  });

  test('a failed one is told, changes nothing, and is tried again', async () => {
    let broken = false;
    const failures: unknown[] = [];
    const authority = await start({
      roundLength: 5,
      nodes: () => (broken ? [{ ...sampleNodes(1)[0]!, ip: 'nowhere' }] : sampleNodes(9)),
      onRoundFailure: (error) => failures.push(error),
    });
    broken = true;
    await vi.waitFor(() => expect(failures.length).toBeGreaterThan(1));
    expect(failures[0]).toEqual(withCode('encoding'));
    const { epoch } = authority.directory.accepted()!;
    expect(authority.directory.accepted()!.nodes).toHaveLength(9);
    broken = false;
    await vi.waitFor(() => expect(authority.directory.accepted()!.epoch).toBeGreaterThan(epoch));
  });

  test('a directory that ended long ago is no obstacle', async () => {
    await start();
    await running.pop()?.close();
    const later = await start({ now: () => CREATED + 100 * 86_400_000 });
    expect(later.directory.current()?.epoch).toBe(2);
  });
});

describe('does not start', () => {
  test('for a network that does not know its key', async () => {
    await expect(start({ networkFile: sampleFile([sampleKey('other')]) })).rejects.toThrow(withCode('authority-key'));
  });

  test('alone where two must sign', async () => {
    const networkFile = sampleFile([key, sampleKey('other')], 2);
    await expect(start({ networkFile })).rejects.toThrow('signed by 1 of the 2');
    expect(await readdir(folder)).not.toContain('directory.json');
  });

  test('on a port that is taken, and says which', async () => {
    const { port } = await start();
    const attempt = start({ port });
    await expect(attempt).rejects.toThrow(withCode('address'));
    await expect(attempt).rejects.toThrow(`127.0.0.1:${port}`);
  });
});

test('closing ends open connections and refuses new ones', async () => {
  const authority = await start({ roundLength: 1 });
  const port = authority.port;
  expect((await send(port, 'GET', '/directory/v1')).status).toBe(200);
  await running.pop()?.close();
  await expect(send(port, 'GET', '/directory/v1')).rejects.toThrow();
});
