import { bytesToHex } from '@sotto/wire/bytes';
import { ed25519PublicToX25519 } from '@sotto/wire/crypto';
import { NO_SWARM } from '@sotto/wire/swarm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptDirectory, initialState } from './acceptance.ts';
import { NodeList } from './node-source.ts';
import { answerSeedRequest, serviceNodes } from './seed-answer.ts';
import { signDirectory } from './signed-directory.ts';
import { CREATED, sampleDirectory, sampleNetwork, sampleNodes } from './testing/sample-network.ts';

const network = sampleNetwork();
const sample = sampleDirectory(network, sampleNodes(4), { epoch: 12 });
const swarmIds = [2n ** 63n + 1n, 5n, 5n, NO_SWARM];
const nodes = sample.nodes.map((node, index) => ({ ...node, swarmId: swarmIds[index]! }));
const signed = signDirectory({ ...sample, nodes }, network.authorities);
const list = new NodeList(acceptDirectory(initialState(network.file), signed, CREATED).accepted!);
const keys = nodes.map(({ ed25519Key }) => bytesToHex(ed25519Key));

/** Counts up, so that draws differ and tests repeat. */
function counting(): (size: number) => Uint8Array {
  let state = 0;
  return (size) => new Uint8Array(size).map(() => (state = (state * 5 + 3) % 256));
}

const ask = (request: unknown, from: NodeList | null = list) =>
  answerSeedRequest(Buffer.from(JSON.stringify(request)), from, counting());

const stockRequest = {
  jsonrpc: '2.0',
  method: 'get_n_service_nodes',
  params: {
    active_only: true,
    fields: {
      public_ip: true,
      storage_port: true,
      pubkey_x25519: true,
      pubkey_ed25519: true,
      requested_unlock_height: true,
      height: true,
    },
  },
};

test('a stock client gets exactly what it asks for', () => {
  const reply = ask(stockRequest);
  expect(reply.status).toBe(200);
  expect(JSON.parse(reply.body)).toEqual({
    jsonrpc: '2.0',
    id: null,
    result: {
      height: 12,
      status: 'OK',
      service_node_states: nodes.slice(0, 3).map((node) => ({
        public_ip: '127.0.0.1',
        storage_port: node.httpsPort,
        pubkey_ed25519: bytesToHex(node.ed25519Key),
        pubkey_x25519: bytesToHex(ed25519PublicToX25519(node.ed25519Key)!),
        requested_unlock_height: 0,
      })),
    },
  });
});

test('swarm ids are written digit by digit', () => {
  const { body } = ask({ id: 7, method: 'get_service_nodes' });
  expect(body).toContain('"id":7');
  expect(body).toContain('"swarm_id":9223372036854775809,"swarm":"8000000000000001"');
  expect(body).toContain(`"block_hash":"${bytesToHex(list.digest)}"`);
  expect(body).toContain('"hardfork":19,"snode_revision":6');
});

describe('parameters', () => {
  const keysOf = (params: unknown) =>
    serviceNodes(list, params, counting()).service_node_states.map((entry) => entry.service_node_pubkey);

  test('none, malformed ones and `all` give everything', () => {
    const everything = serviceNodes(list, undefined, counting());
    expect(everything.service_node_states[3]).toEqual({
      service_node_pubkey: keys[3],
      pubkey_ed25519: keys[3],
      pubkey_x25519: bytesToHex(list.x25519Key(nodes[3]!)!),
      public_ip: '127.0.0.1',
      storage_port: nodes[3]!.httpsPort,
      storage_lmq_port: nodes[3]!.omqPort,
      storage_server_version: [2, 11, 3],
      swarm_id: NO_SWARM,
      swarm: 'ffffffffffffffff',
      funded: true,
      active: false,
      requested_unlock_height: 0,
    });
    for (const params of [null, [], 'x', { fields: {} }, { fields: 7 }, { fields: ['all'] }, { limit: 'x' }]) {
      expect(serviceNodes(list, params, counting())).toEqual(everything);
    }
  });

  test('fields may be a list of names, and unknown ones are no harm', () => {
    const { service_node_states, ...rest } = serviceNodes(list, { fields: ['swarm_id', 'later'] }, counting());
    expect(service_node_states).toEqual(swarmIds.map((swarm_id) => ({ swarm_id })));
    expect(rest).toEqual({ status: 'OK' });
    expect(serviceNodes(list, { fields: { height: true, swarm_id: false } }, counting())).toEqual({
      height: 12,
      status: 'OK',
      service_node_states: [{}, {}, {}, {}],
    });
  });

  test('active_only leaves out nodes without a swarm', () => {
    expect(keysOf({ active_only: true })).toEqual(keys.slice(0, 3));
    expect(keysOf({ active_only: false })).toEqual(keys);
  });

  test('a limit gives that many different ones; a negative one shuffles all', () => {
    const two = keysOf({ limit: 2 });
    expect(new Set(two).size).toBe(2);
    expect(keys).toEqual(expect.arrayContaining(two));
    expect(keysOf({ limit: 0 })).toEqual(keys);
    expect(keysOf({ limit: 100 }).toSorted()).toEqual(keys);
    expect(keysOf({ limit: -1 }).toSorted()).toEqual(keys);
    expect(keysOf({ limit: -1 })).not.toEqual(keys);
  });

  test('nodes may be asked for by key', () => {
    expect(keysOf({ service_node_pubkeys: [keys[2]!.toUpperCase(), 'nobody'] })).toEqual([keys[2]]);
  });
});

describe('what is no seed request', () => {
  test.each([
    ['not JSON', '{', 400, -32_700],
    ['not UTF-8', '\xff', 400, -32_700],
    ['not an object', '[]', 400, -32_600],
    ['without a method', '{"id":1}', 400, -32_600],
    ['another method', '{"id":"a","method":"get_height"}', 200, -32_601],
  ])('%s', (_what, text, status, code) => {
    const reply = answerSeedRequest(Buffer.from(text, 'latin1'), list, counting());
    expect([reply.status, JSON.parse(reply.body).error.code]).toEqual([status, code]);
  });

  test('before there is a directory nobody gets an empty list', () => {
    expect(ask(stockRequest, null).status).toBe(503);
  });

  test('is always answered with JSON', () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc.jsonValue().map((params) => Buffer.from(JSON.stringify({ ...stockRequest, params }))),
    );
    fc.assert(
      fc.property(anything, (body) => {
        expect(JSON.parse(answerSeedRequest(body, list, counting()).body)).toHaveProperty('id');
      }),
    );
  });
});

test('the whole list is made once for whoever asks for the same of it, and a few forms of it are kept', () => {
  const result = (...fields: string[]) => serviceNodes(list, { fields }, counting());
  const first = result('public_ip', 'height');
  expect(result('height', 'public_ip', 'no such field')).toBe(first);
  expect(serviceNodes(list, { fields: ['public_ip', 'height'], active_only: true }, counting())).not.toBe(first);
  for (const field of ['swarm', 'swarm_id', 'active', 'funded']) result(field);
  expect(result('public_ip', 'height')).toEqual(first);
  expect(result('public_ip', 'height')).not.toBe(first);
});
