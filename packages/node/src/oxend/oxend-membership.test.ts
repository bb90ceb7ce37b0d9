import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys } from '@sotto/wire/nodes';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '../log.ts';
import { ForeignOxend } from '../testing/foreign-oxend.ts';
import { oxendMembership } from './oxend-membership.ts';

const keys = deriveNodeKeys(new Uint8Array(32).fill(4));
const PATIENCE = { timeout: 10_000, interval: 10 };
const PORTS = { httpsPort: 22021, omqPort: 22020 };

let folder: string;
let address: string;
let daemon: ForeignOxend | undefined;
let end: AbortController;
let running: Promise<void> | undefined;
const sent = new Map<string, unknown>();
const lines: string[] = [];
/** What the daemon answers, by command; JSON, or what stands for it. */
let answers: Record<string, object | string>;
let height: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-membership-'));
  address = `ipc://${folder}/oxend.sock`;
  end = new AbortController();
  answers = { 'admin.storage_server_ping': { status: 'OK' }, 'admin.report_peer_status': { status: 'OK' } };
  height = 5;
  sent.clear();
  lines.length = 0;
});

afterEach(async () => {
  end.abort();
  await running;
  await daemon?.close();
  daemon = undefined;
  rmSync(folder, { recursive: true });
});

function reply(command: string, params: string): (string | Uint8Array)[] | null {
  sent.set(command, params && JSON.parse(params));
  // As daemons that do not know the command yet: nothing comes back.
  if (command === 'sub.snode_addr') return null;
  if (command === 'sub.block') return ['OK'];
  const answer = command === 'rpc.get_service_nodes' ? (answers[command] ?? nodes()) : answers[command];
  if (typeof answer === 'string') return answer === '' ? null : answer.split('|');
  return ['200', JSON.stringify(answer ?? {})];
}

function nodes() {
  return {
    height,
    block_hash: height.toString(16).padStart(64, '0'),
    hardfork: 19,
    snode_revision: 6,
    service_node_states: [
      {
        service_node_pubkey: bytesToHex(keys.legacy.publicKey),
        pubkey_ed25519: bytesToHex(keys.ed25519.publicKey),
        pubkey_x25519: bytesToHex(keys.x25519.publicKey),
        swarm_id: 7,
        public_ip: '127.0.0.1',
        storage_port: PORTS.httpsPort,
        storage_lmq_port: PORTS.omqPort,
      },
    ],
  };
}

function start(chain: 'testnet' | 'private' = 'private', seeds: readonly string[] = []) {
  const membership = oxendMembership({
    oxend: { address, chain, seeds },
    keys,
    version: [2, 11, 3],
    random: randomBytes,
    monotonicNow: () => performance.now(),
    log: createLog('info', (line) => lines.push(JSON.parse(line).msg)),
  });
  running = membership.run(PORTS, end.signal);
  return membership;
}

test('oxend hears of us, is subscribed to, and tells the nodes at once and at every block', async () => {
  daemon = await ForeignOxend.listen(address, reply);
  const membership = start();
  expect(membership.notReady()).toEqual(['not yet on hardfork 19.3', 'not done syncing']);
  await vi.waitFor(() => expect(membership.height()).toBe(5), PATIENCE);
  expect(membership.notReady()).toEqual([]);
  expect(membership.hardFork()).toEqual([19, 6]);
  expect(sent.get('admin.storage_server_ping')).toEqual({
    version: [2, 11, 3],
    pubkey_ed25519: bytesToHex(keys.ed25519.publicKey),
    https_port: PORTS.httpsPort,
    omq_port: PORTS.omqPort,
  });
  expect([...sent.keys()]).toEqual(expect.arrayContaining(['sub.block', 'sub.snode_addr']));
  height = 6;
  await daemon.push('notify.block', '6', new Uint8Array(32));
  await vi.waitFor(() => expect(membership.height()).toBe(6), PATIENCE);
});

test('while oxend is away the last list stays; back again it is pinged and asked at once', async () => {
  daemon = await ForeignOxend.listen(address, reply);
  const membership = start();
  await vi.waitFor(() => expect(membership.height()).toBe(5), PATIENCE);
  await daemon.close();
  daemon = undefined;
  await vi.waitFor(
    () => expect(lines.some((line) => line.includes('the last list of nodes stays'))).toBe(true),
    PATIENCE,
  );
  expect(membership.notReady()).toEqual([]);
  expect(membership.source.current()?.nodes).toHaveLength(1);
  expect(await membership.ask('ons_resolve', {})).toEqual({
    kind: 'refused',
    status: 400,
    text: 'Unknown oxend error',
  });
  height = 9;
  sent.clear();
  daemon = await ForeignOxend.listen(address, reply);
  await vi.waitFor(() => expect(membership.height()).toBe(9), PATIENCE);
  expect(sent.has('admin.storage_server_ping')).toBe(true);
});

test('what clients ask of the chain comes back as it is, refusals and rubbish with their own status', async () => {
  daemon = await ForeignOxend.listen(address, reply);
  const membership = start();
  await vi.waitFor(() => expect(membership.height()).toBe(5), PATIENCE);
  answers['rpc.ons_resolve'] = '200|{"swarm_id":18446744073709551615,"nonce":"aa"}';
  expect(await membership.ask('ons_resolve', { type: 0 })).toEqual({
    kind: 'done',
    result: { swarm_id: 18446744073709551615n, nonce: 'aa' },
  });
  expect(sent.get('rpc.ons_resolve')).toEqual({ type: 0 });
  answers['rpc.ons_resolve'] = '400|Unable to parse request: x';
  expect(await membership.ask('ons_resolve', null)).toMatchObject({ status: 400, text: 'Unable to parse request: x' });
  expect(sent.get('rpc.ons_resolve')).toBe('');
  answers['rpc.ons_resolve'] = '200|rubbish';
  expect(await membership.ask('ons_resolve', null)).toEqual({
    kind: 'refused',
    status: 502,
    text: 'oxend returned unparsable data',
  });
});

test('tests are reported by legacy key, and complaints of oxend are logged', async () => {
  answers['admin.storage_server_ping'] = { status: 'Outdated Storage Server. Current: 2.11.3 Required: 3.0.0' };
  daemon = await ForeignOxend.listen(address, reply);
  const membership = start();
  await vi.waitFor(() => expect(lines.join()).toContain('Required: 3.0.0'), PATIENCE);
  await vi.waitFor(() => expect(membership.height()).toBe(5), PATIENCE);
  const [node] = membership.source.current()!.nodes;
  await membership.report(node!, false);
  expect(sent.get('admin.report_peer_status')).toEqual({
    type: 'storage',
    pubkey: bytesToHex(keys.legacy.publicKey),
    passed: false,
  });
  answers['admin.report_peer_status'] = '500|RPC error -1: Pubkey not found';
  await membership.report(node!, true);
  expect(lines.at(-1)).toBe('oxend did not take the report on a node.');
});

test('on a chain with too short a list, seeds tell how far it is', async () => {
  const seed = await ForeignOxend.listen(`ipc://${folder}/seed.sock`, (command) =>
    command === 'rpc.get_service_nodes'
      ? ['200', JSON.stringify({ ...nodes(), height: 50, block_hash: 'ab'.repeat(32) })]
      : null,
  );
  daemon = await ForeignOxend.listen(address, reply);
  const membership = start('testnet', [seed.address]);
  await vi.waitFor(() => expect(membership.targetHeight()).toBe(50), PATIENCE);
  expect(membership.notReady()).toEqual(['not done syncing']);
  height = 50;
  await daemon.push('notify.block', '50', new Uint8Array(32));
  await vi.waitFor(() => expect(membership.notReady()).toEqual([]), PATIENCE);
  await seed.close();
});

test('an address that cannot be read is refused at once', () => {
  const wrong = { oxend: { address: 'oxend' }, keys, version: [2, 11, 3], random: randomBytes } as const;
  expect(() => oxendMembership({ ...wrong, monotonicNow: () => 0, log: createLog('silent') })).toThrowError(
    expect.objectContaining({ code: 'oxend-address' }),
  );
});
