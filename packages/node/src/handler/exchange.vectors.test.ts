import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { deriveNodeKeys, type NodeRecord } from '@sotto/wire/nodes';
import { messageHash, RpcFailure, readOmqParams } from '@sotto/wire/rpc';
import { loadVectors } from '@sotto/wire/vectors-loader';
import { describe, expect, test } from 'vitest';
import type { PeerLink } from '../peers.ts';
import type { MessageStore } from '../store/message-store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { SwarmView } from '../swarm/swarm-view.ts';
import { TestCaller } from '../testing/caller.ts';
import { FixedNodeSource } from '../testing/fixed-node-source.ts';
import { WaitingRoom } from '../waiting/waiting-room.ts';
import { answerEnvelope, replyParts } from './envelope.ts';
import { StorageHandler } from './handler.ts';
import { retrieveLimits } from './retrieve-limits.ts';
import { jsonText } from './rpc-reply.ts';

const CALLER = new TestCaller();

interface VectorNode {
  readonly seed: string;
  readonly ip: string;
  readonly https: number;
  readonly omq: number;
}

interface Step {
  readonly label: string;
  readonly clock_ms?: number;
  readonly node?: number;
  readonly transport?: 'http' | 'omq' | 'omq sn.storage_cc';
  readonly request_body?: string;
  readonly status?: number;
  readonly body_text?: string;
  readonly body_json?: unknown;
  readonly endpoint?: string;
  readonly request_hex?: string;
  readonly reply_parts_hex?: readonly string[];
  readonly event?: { readonly op: string; readonly node?: number; readonly v?: boolean | string };
}

interface Exchange {
  readonly kind: 'exchange';
  readonly name: string;
  readonly nodes: readonly VectorNode[];
  readonly swarm_id: string;
  readonly other_swarms: readonly { readonly id: string; readonly nodes: readonly VectorNode[] }[];
  readonly hf: readonly [number, number];
  readonly height: number;
  readonly version: readonly [number, number, number];
  readonly steps: readonly Step[];
}

interface Paging {
  readonly kind: 'retrieve_paging';
  readonly name: string;
  readonly message_sizes: readonly { readonly count: number; readonly bytes: number }[];
  readonly rows: readonly {
    readonly max_count?: number;
    readonly max_size?: number;
    readonly after?: number | null;
    readonly first_index: number | null;
    readonly count: number;
    readonly more: boolean;
  }[];
}

/** The kinds of this file that `@sotto/wire` tests. */
const OF_WIRE = new Set([
  'message_hash',
  'namespace_rules',
  'swarm_space',
  'request_signature',
  'request_signature_only',
  'subaccount_token',
  'subaccount_access_matrix',
  'rejected_request',
  'monitor',
  'node_signature',
]);

const { cases } = loadVectors<{ cases: readonly (Exchange | Paging | { kind: string; name: string })[] }>(
  'storage-signatures',
);
const exchanges = cases.filter((each): each is Exchange => each.kind === 'exchange');
const pagings = cases.filter((each): each is Paging => each.kind === 'retrieve_paging');

test('every kind has a test', () => {
  const known = new Set([...OF_WIRE, 'exchange', 'retrieve_paging']);
  expect(cases.map((each) => each.kind).filter((kind) => !known.has(kind))).toEqual([]);
});

describe.each(exchanges.map((each) => [each.name, each] as const))('exchange: %s', (_name, exchange) => {
  test('answers as recorded', async () => {
    const network = new Scenario(exchange);
    try {
      for (const step of exchange.steps) await network.run(step);
    } finally {
      await network.close();
    }
  });
});

describe.each(pagings.map((each) => [each.name, each] as const))('paging: %s', (_name, paging) => {
  test('answers as recorded', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-paging-'));
    const store = openSqliteStore({ path: join(folder, 'messages.db'), durability: 'process-kill' });
    const account = new Uint8Array(33).fill(3);
    const sizes = paging.message_sizes.flatMap(({ count, bytes }) => Array<number>(count).fill(bytes));
    const messages = sizes.map((size, index) => {
      const data = new Uint8Array(size).fill(index + 1);
      const times = { timestamp: 1, expiry: 2 };
      // The same data would be the same message, so short ones get a hash of their own.
      return { hash: messageHash(account, index, data), account, namespace: 0, data, ...times };
    });
    await Promise.all(messages.map((message) => store.store(message, false)));
    for (const row of paging.rows) {
      const limits = retrieveLimits({ maxCount: row.max_count ?? null, maxSize: row.max_size ?? null });
      const after =
        row.after === null ? 'x'.repeat(43) : row.after === undefined ? undefined : messages[row.after]?.hash;
      const page = store.retrieve(account, 0, { ...limits, after });
      const first = page.messages[0] && messages.findIndex(({ hash }) => hash === page.messages[0]?.hash);
      const found = { first_index: first ?? null, count: page.messages.length, more: page.more };
      expect(found, JSON.stringify(row)).toEqual({ first_index: row.first_index, count: row.count, more: row.more });
    }
    await store.close();
    rmSync(folder, { recursive: true });
  });
});

/** The nodes of one exchange, joined by function calls in place of sockets. */
class Scenario {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sotto-exchange-'));
  readonly #records: NodeRecord[];
  readonly #stores: MessageStore[] = [];
  readonly #handlers: StorageHandler[] = [];
  readonly #down = new Set<number>();
  readonly #bad = new Map<number, string>();
  #now = 0;

  constructor(exchange: Exchange) {
    this.#records = exchange.nodes.map((node) => recordOf(node, exchange.swarm_id));
    const foreign = exchange.other_swarms.flatMap(({ id, nodes }) => nodes.map((node) => recordOf(node, id)));
    const source = new FixedNodeSource([...this.#records, ...foreign]);
    const peers: PeerLink = { request: (node, command, parts) => this.#request(node, command, parts) };
    for (const [index, node] of exchange.nodes.entries()) {
      const { ed25519 } = deriveNodeKeys(hexToBytes(node.seed));
      const store = openSqliteStore({ path: join(this.#folder, `${index}.db`), durability: 'process-kill' });
      this.#stores.push(store);
      this.#handlers.push(
        new StorageHandler({
          store,
          swarms: new SwarmView(source, ed25519.publicKey),
          peers,
          waiting: new WaitingRoom(),
          ed25519Key: ed25519.publicKey,
          secretKey: ed25519.secretKey,
          identity: {
            version: exchange.version,
            hardFork: () => exchange.hf,
            features: [],
            height: () => exchange.height,
          },
          directory: () => null,
          askChain: () => Promise.reject(new Error('no exchange asks the chain')),
          now: () => this.#now,
          onStoreFailure: (failure) => {
            throw failure;
          },
          onStored: () => {},
          onRequest: () => {},
          onMissed: async () => {},
          onUnexpected: (error) => {
            throw error;
          },
        }),
      );
    }
  }

  async run(step: Step): Promise<void> {
    this.#now = step.clock_ms ?? this.#now;
    if (step.event) return this.#event(step.event);
    const handler = this.#handlers[step.node ?? 0]!;
    switch (step.transport) {
      case 'http':
        return this.#http(handler, step);
      case 'omq':
      case 'omq sn.storage_cc': {
        const parts = await answerOmq(handler, step);
        return this.#compareParts(parts, step);
      }
      default:
        throw new Error(`unknown transport in step ${step.label}`);
    }
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close();
    rmSync(this.#folder, { recursive: true });
  }

  async #http(handler: StorageHandler, step: Step): Promise<void> {
    const { status, body } = await answerEnvelope(handler, Buffer.from(step.request_body!), CALLER);
    if (isExecutedByNewNodes(step)) {
      expect(status).toBe(200);
    } else if (step.body_text !== undefined) {
      expect({ status, body }, step.label).toEqual({ status: step.status, body: step.body_text });
    } else {
      if (typeof body === 'string' || body instanceof Uint8Array) throw new Error(`${step.label}: not JSON: ${body}`);
      const expected = withoutDeviations(step.body_json);
      expect({ status, body: withoutDeviations(JSON.parse(jsonText(body))) }, step.label).toEqual({
        status: allFailed(expected) ? 500 : step.status,
        body: expected,
      });
    }
  }

  #compareParts(parts: readonly Uint8Array[], step: Step): void {
    const expected = step.reply_parts_hex!.map((part) => Buffer.from(hexToBytes(part)).toString('latin1'));
    const found = parts.map((part) => Buffer.from(part).toString('latin1'));
    // 2.8 fails where a new node says that it cannot read something, or does what it is asked for (storage-rpc §3.1, §16).
    if (expected.join('|') === '500|request failed') {
      expect(found.length === 1 || found[0] === '400', step.label).toBe(true);
      return;
    }
    // Member order of JSON is free; 421 has one member more than the reference's.
    const normal = (text: string) =>
      text.startsWith('{') ? withoutDeviations(JSON.parse(text)) : text.replace(/6:pubkey66:.{66}/, '');
    if (allFailed(normal(expected[0]!))) expected.unshift('500');
    expect(found.map(normal), step.label).toEqual(expected.map(normal));
  }

  async #event({ op, node = 0, v }: NonNullable<Step['event']>): Promise<void> {
    if (op === 'clean') await this.#stores[node]!.removeExpired(this.#now);
    else if (op === 'down' && v) this.#down.add(node);
    else if (op === 'down') this.#down.delete(node);
    else if (op === 'bad') this.#bad.set(node, String(v));
    else throw new Error(`unknown event ${op}`);
  }

  async #request(node: NodeRecord, command: string, parts: readonly Uint8Array[]): Promise<Uint8Array[] | null> {
    const index = this.#records.indexOf(node);
    if (this.#down.has(index)) return null;
    const rubbish = this.#bad.get(index);
    if (rubbish) return [Buffer.from(rubbish)];
    expect(command).toBe('sn.storage_cc');
    const [method, params] = parts;
    return replyParts(await this.#handlers[index]!.handleForwarded(Buffer.from(method!).toString(), params!), 'bt');
  }
}

async function answerOmq(handler: StorageHandler, step: Step): Promise<Uint8Array[]> {
  const part = hexToBytes(step.request_hex!);
  if (step.transport === 'omq sn.storage_cc') {
    return replyParts(await handler.handleForwarded(step.endpoint!, part), 'bt');
  }
  try {
    const params = readOmqParams(part);
    return replyParts(await handler.handle(step.endpoint!.replace(/^storage\./, ''), params, CALLER), params.format);
  } catch (error) {
    if (error instanceof RpcFailure) return replyParts({ status: error.status, body: error.text }, 'json');
    throw error;
  }
}

function recordOf({ seed, ip, https, omq }: VectorNode, swarm: string): NodeRecord {
  const ed25519Key = deriveNodeKeys(hexToBytes(seed)).ed25519.publicKey;
  return { ed25519Key, swarmId: BigInt(`0x${swarm}`), ip, httpsPort: https, omqPort: omq, version: [2, 8, 0] };
}

/**
 * What a new node does otherwise than 2.8 (storage-rpc §1, §16), taken out of both sides: 421 bodies also name the
 * account, empty data is an empty string, and a result inside a batch is 500 if every member failed.
 */
function withoutDeviations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDeviations);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if ('snodes' in value && key === 'pubkey') continue;
    copy[key] = key === 'data' && item === '=' ? '' : withoutDeviations(item);
  }
  return 'code' in copy && 'body' in copy && allFailed(copy.body) ? { ...copy, code: 500 } : copy;
}

/** 2.8 answers 200 although every member failed (storage-rpc §16). */
function allFailed(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('swarm' in body)) return false;
  const { swarm } = body;
  if (typeof swarm !== 'object' || swarm === null) return false;
  return Object.values(swarm).every((member) => (member as { failed?: boolean }).failed);
}

/**
 * Requests that 2.8 refuses and a new node executes: several expiries before hard fork 19.4 (storage-rpc §1), and
 * delete_before of all namespaces, where it fails after deleting (§16).
 */
function isExecutedByNewNodes(step: Step): boolean {
  if (step.body_text === 'expire: multi-expiry requests are not yet active on the network') return true;
  if (step.body_text !== 'request failed') return false;
  const { method, params } = JSON.parse(step.request_body!);
  return method === 'delete_before' && params.namespace === 'all';
}

test('seeds give the keys that the vectors name', () => {
  for (const { nodes } of exchanges) {
    for (const node of nodes as readonly (VectorNode & { pubkey_ed25519: string })[]) {
      expect(bytesToHex(deriveNodeKeys(hexToBytes(node.seed)).ed25519.publicKey)).toBe(node.pubkey_ed25519);
    }
  }
});
