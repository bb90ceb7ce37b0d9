import { bytesToHex } from '@sotto/wire/bytes';
import { CHAIN_SWARM_PARAMETERS, NO_SWARM } from '@sotto/wire/swarm';
import { beforeEach, expect, test } from 'vitest';
import { Chain } from './chain.ts';
import { answerRpc, type RpcEvent } from './rpc.ts';

const seeds = Array.from({ length: 14 }, (_, index) => (index + 1).toString(16).padStart(64, '0'));
let chain: Chain;
let events: RpcEvent[];

beforeEach(() => {
  chain = new Chain(Chain.begin(seeds), CHAIN_SWARM_PARAMETERS);
  events = [];
});

function ask(own: number, name: string, params?: object) {
  const data = params ? [Buffer.from(JSON.stringify(params))] : [];
  const [code, body] = answerRpc(chain, own, name, data, '127.0.0.1', (event) => events.push(event));
  return { code, body: code === '200' ? JSON.parse(body) : body };
}

const sizes = () =>
  Object.values(Object.groupBy(chain.nodes, ({ swarmId }) => String(swarmId))).map((members) => members!.length);

test('fourteen nodes are two swarms of seven; who is decommissioned leaves, and comes back anew', () => {
  chain.mine();
  expect(sizes().sort()).toEqual([7, 7]);
  chain.nodes[3]!.status = 'decommissioned';
  chain.mine();
  expect(chain.nodes[3]!.swarmId).toBe(NO_SWARM);
  expect(ask(0, 'rpc.get_service_nodes').body.service_node_states).toHaveLength(14);
  expect(ask(0, 'rpc.get_service_nodes', { active_only: true }).body.service_node_states).toHaveLength(13);
  chain.nodes[3]!.status = 'active';
  chain.mine();
  expect(chain.nodes[3]!.swarmId).not.toBe(NO_SWARM);
  const again = new Chain(chain.save(), CHAIN_SWARM_PARAMETERS);
  expect(again.save()).toEqual(chain.save());
});

test('a daemon shows its own node at once, others once a block has passed', () => {
  const pubkey_ed25519 = bytesToHex(chain.nodes[0]!.keys.ed25519.publicKey);
  const ping = { version: [2, 11, 3], pubkey_ed25519, https_port: 1, omq_port: 2 };
  expect(ask(0, 'admin.storage_server_ping', ping).body).toEqual({ status: 'OK' });
  expect(events).toEqual([{ event: 'ping', node: 0, version: [2, 11, 3] }]);
  const shown = (own: number) => {
    const list = ask(own, 'rpc.get_service_nodes', { fields: { pubkey_ed25519: true, storage_port: true } });
    return list.body.service_node_states.filter((entry: object) => Object.keys(entry).length > 0);
  };
  expect(shown(0)).toEqual([{ pubkey_ed25519, storage_port: 1 }]);
  expect(shown(1)).toEqual([]);
  chain.mine();
  expect(shown(1)).toEqual([{ pubkey_ed25519, storage_port: 1 }]);
  const { block_hash } = ask(1, 'rpc.get_service_nodes').body;
  expect(ask(1, 'rpc.get_service_nodes', { poll_block_hash: block_hash }).body).toMatchObject({ unchanged: true });
});

test.each([
  [{ version: [2, 7, 9] }, 'Outdated Storage Server. Current: 2.7.9 Required: 2.8.0'],
  [{ pubkey_ed25519: 'aa' }, 'Invalid Storage Server pubkey: expected'],
  [{ error: 'broken' }, 'Error: broken'],
])('a ping with %j is told what is wrong', (changes, text) => {
  const pubkey_ed25519 = bytesToHex(chain.nodes[0]!.keys.ed25519.publicKey);
  const ping = { version: [2, 11, 3], pubkey_ed25519, https_port: 1, omq_port: 2, ...changes };
  expect(ask(0, 'admin.storage_server_ping', ping).body.status).toContain(text);
});

test('reports and refusals', () => {
  const pubkey = bytesToHex(chain.nodes[5]!.keys.legacy.publicKey);
  const report = { type: 'storage', pubkey, passed: false };
  expect(ask(0, 'admin.report_peer_status', report).body).toEqual({ status: 'OK' });
  expect(events).toEqual([{ event: 'report', node: 0, about: 5, passed: false }]);
  const refused = (changes: object) => ask(0, 'admin.report_peer_status', { ...report, ...changes });
  expect(refused({ pubkey: 'ab'.repeat(32) })).toEqual({ code: '500', body: 'RPC error -1: Pubkey not found' });
  expect(refused({ pubkey: 'x' })).toEqual({ code: '500', body: 'RPC error -1: Could not parse public key' });
  expect(refused({ type: 'other' })).toEqual({ code: '500', body: 'RPC error -1: Unknown status type' });
  expect(refused({ passed: 1 }).code).toBe('400');
  const two = answerRpc(chain, 0, 'rpc.ons_resolve', [Buffer.from('{}'), Buffer.from('{}')], '', () => {});
  expect(two).toEqual(['400', 'Bad request: RPC commands must have at most one data part (received 2)']);
});
