import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AdmittedNode, composeDirectory, type Directory, type NetworkParameters } from '@sotto/directory';
import { decodePushBatch } from '@sotto/wire/bt';
import { bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys, type NodeRecord } from '@sotto/wire/nodes';
import { accountPosition, type SwarmId, swarmOfPosition } from '@sotto/wire/swarm';
import { decodeContents } from '@sotto/wire/sync';
import { createLog } from '../log.ts';
import type { MessageStore, StoredMessage } from '../store/message-store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { Deliveries } from '../swarm/deliveries.ts';
import { PeerFeatures } from '../swarm/peer-features.ts';
import { receiveData } from '../swarm/received-data.ts';
import { SwarmView } from '../swarm/swarm-view.ts';
import { Synchroniser } from '../swarm/synchroniser.ts';
import { FixedNodeSource } from './fixed-node-source.ts';
import { SimulatedTime } from './simulated-time.ts';

const VERSION = [2, 11, 3] as const;
const INTERVAL = 200;
/** Whoever has not all by then never gets it, ms of the simulation. */
const PATIENCE_MS = 120_000;

/** A node without sockets: real store, real swarm code. */
class SimulatedNode {
  readonly admitted: AdmittedNode;
  readonly name: string;
  /** Hashes of the messages that it keeps, as far as anybody gave them to it. */
  readonly kept = new Set<string>();
  readonly source = new FixedNodeSource();
  readonly #store: MessageStore;
  readonly #synchroniser: Synchroniser;
  readonly #deliveries: Deliveries;
  readonly #owner = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #view: SwarmView;

  constructor(network: SimulatedNetwork, index: number) {
    const seed = new Uint8Array(32);
    new DataView(seed.buffer).setUint32(0, index + 1);
    const { publicKey } = deriveNodeKeys(seed).ed25519;
    this.admitted = { ed25519Key: publicKey, ip: '127.0.0.1', httpsPort: 1, omqPort: 1, version: [2, 11, 3] };
    this.name = bytesToHex(publicKey);
    this.#store = openSqliteStore({ path: join(network.folder, `${index}.db`), durability: 'process-kill' });
    this.#view = new SwarmView(this.source, publicKey);
    const peers = {
      request: (to: NodeRecord, command: string, parts: readonly Uint8Array[]) =>
        network.request(this, to, command, parts),
    };
    const { time } = network;
    const signal = this.#owner.signal;
    const common = { source: this.source, peers, log: createLog('silent'), signal, now: Date.now, time };
    this.#synchroniser = new Synchroniser({
      ...common,
      store: this.#store.sync,
      swarms: this.#view,
      features: new PeerFeatures(peers, () => time.now()),
      interval: INTERVAL,
      onReceived: ({ hash }) => this.kept.add(hash),
    });
    this.#deliveries = new Deliveries({
      ...common,
      store: this.#store,
      ownKey: publicKey,
      version: VERSION,
      interval: INTERVAL,
      synchroniser: this.#synchroniser,
    });
    this.#running = Promise.all([this.#synchroniser.run(), this.#deliveries.run()]);
  }

  get usage() {
    return this.#store.usage();
  }

  async put(messages: readonly StoredMessage[]): Promise<void> {
    await this.#store.storeAll(messages, () => false);
    for (const { hash } of messages) this.kept.add(hash);
  }

  /** Is nothing owed to anybody? */
  get hasNoDebts(): boolean {
    return this.#store.debts.deliveries().length === 0;
  }

  has({ account, hash }: StoredMessage): boolean {
    return this.#store.expiries(account, [hash]).size > 0;
  }

  async answer(from: NodeRecord | undefined, command: string, parts: readonly Uint8Array[]) {
    if (!from) return null;
    if (command === 'storage.info') return [Buffer.from('{"features":["sync"]}')];
    if (command === 'sn.data') {
      const onReceived = ({ hash }: StoredMessage) => this.kept.add(hash);
      return [Buffer.from(await receiveData(parts, this.#store, () => {}, onReceived))];
    }
    if (command === 'sn.data_ready') {
      if (from.swarmId !== this.#view.own()?.id) return [Buffer.from('Swarm mismatch')];
      if (parts.length > 0) void this.#deliveries.askedForEverything(from);
      return [Buffer.from('OK')];
    }
    const what = command.slice('sn.sync_'.length) as 'ranges' | 'states' | 'contents' | 'now';
    return await this.#synchroniser.answer(what, from, parts);
  }

  async close(): Promise<void> {
    this.#owner.abort();
    await this.#running;
    await this.#store.close();
  }
}

export type { SimulatedNode };

/** Nodes in one process that follow one list, which is made by the authorities' rules. Counts what they send each other. */
export class SimulatedNetwork {
  readonly folder = mkdtempSync(join(tmpdir(), 'sotto-growth-'));
  readonly nodes = new Map<string, SimulatedNode>();
  readonly messages: StoredMessage[] = [];
  readonly time = new SimulatedTime();
  /** Messages that nodes sent each other since the beginning, copies counted. */
  sent = 0;
  readonly #parameters: NetworkParameters;
  #directory: Directory | null = null;
  #made = 0;

  constructor(parameters: NetworkParameters) {
    this.#parameters = parameters;
  }

  get directory(): Directory {
    if (!this.#directory) throw new Error('there is no list yet');
    return this.#directory;
  }

  /** Starts nodes that no list has yet. */
  make(count: number): SimulatedNode[] {
    return Array.from({ length: count }, () => {
      const node = new SimulatedNode(this, this.#made++);
      this.nodes.set(node.name, node);
      return node;
    });
  }

  /** Publishes the next list, with all nodes there are. */
  publish(): void {
    this.#directory = composeDirectory({
      networkId: new Uint8Array(32),
      previous: this.#directory,
      nodes: [...this.nodes.values()].map(({ admitted }) => admitted),
      parameters: this.#parameters,
      now: (this.#directory?.validFrom ?? 0) + 3_600_000,
    });
    for (const node of this.nodes.values()) node.source.set(this.#directory.nodes);
  }

  /** The members of each swarm, by its id. */
  swarms(): Map<SwarmId, SimulatedNode[]> {
    const records = Map.groupBy(this.directory.nodes, ({ swarmId }) => swarmId);
    return new Map(
      [...records].map(([id, members]) => [
        id,
        members.map(({ ed25519Key }) => this.nodes.get(bytesToHex(ed25519Key))!),
      ]),
    );
  }

  /** The messages that each swarm is to keep. */
  messagesBySwarm(): Map<SwarmId, StoredMessage[]> {
    const ids = [...this.swarms().keys()].sort((a, b) => (a < b ? -1 : 1));
    return Map.groupBy(this.messages, ({ account }) => swarmOfPosition(accountPosition(account), ids)!);
  }

  /** Lets time pass until every member of every swarm has all that its swarm is to keep, with nothing left to do. */
  async settle(): Promise<void> {
    const end = this.time.now() + PATIENCE_MS;
    while (!this.#isSettled()) {
      if (this.time.now() > end) throw new Error('the network does not settle');
      await this.time.pass(INTERVAL);
    }
  }

  #isSettled(): boolean {
    const messages = this.messagesBySwarm();
    const isWhole = [...this.swarms()].every(([id, members]) =>
      members.every(({ kept }) => (messages.get(id) ?? []).every(({ hash }) => kept.has(hash))),
    );
    return isWhole && [...this.nodes.values()].every((node) => node.hasNoDebts);
  }

  /** A node is gone for ever, with its disk. */
  async lose(node: SimulatedNode): Promise<void> {
    this.nodes.delete(node.name);
    await node.close();
  }

  async request(from: SimulatedNode, to: NodeRecord, command: string, parts: readonly Uint8Array[]) {
    const node = this.nodes.get(bytesToHex(to.ed25519Key));
    // As through a socket: never at once.
    await new Promise(setImmediate);
    if (!node || !this.nodes.has(from.name)) return null;
    if (command === 'sn.data') this.sent += decodePushBatch(parts[0]!).length;
    const asking = node.source.current()?.node(from.admitted.ed25519Key);
    const reply = await node.answer(asking, command, parts);
    if (command === 'sn.sync_contents' && reply?.[1]) {
      this.sent += decodeContents(reply[1]).filter(({ message }) => message !== null).length;
    }
    return reply;
  }

  async close(): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => node.close()));
    rmSync(this.folder, { recursive: true });
  }
}
