import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { NodeList, NodeSource } from '@sotto/directory';
import { encodeBt, encodePushBatches } from '@sotto/wire/bt';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';
import { messageHash, type SwarmRequest } from '@sotto/wire/rpc';
import { accountPosition, NO_SWARM, type SwarmId, swarmOfPosition } from '@sotto/wire/swarm';
import type { Log } from '../log.ts';
import type { PeerLink } from '../peers.ts';
import {
  type Delivery,
  type MessageStore,
  type MissedRequest,
  type StoredMessage,
  StoreFailure,
} from '../store/message-store.ts';

/** What keeping other nodes in step needs. */
export interface DeliveriesOptions {
  readonly store: MessageStore;
  readonly source: NodeSource;
  readonly peers: PeerLink;
  readonly ownKey: Uint8Array;
  readonly version: readonly [number, number, number];
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** How often to look for work, ms. */
  readonly interval: number;
}

const BATCH_BYTES = 1_000_000;
const BATCH_TIMEOUT_MS = 60_000;
const HANDSHAKE_TIMEOUT_MS = 15_000;
const REPEAT_TIMEOUT_MS = 10_000;
/** Nodes before 2.10 do not know the handshake (node-network §7.2). */
const HANDSHAKE_SINCE = [2, 10] as const;

/**
 * Gives other nodes the messages that they lack (node-network §7): members that join our swarm, swarms that take
 * accounts over from ours, and members that missed a request while they were down. What is owed is kept in the
 * database, so a restart on either side loses nothing; a node gets only what its swarm keeps.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  #list: NodeList | null;
  /** We lack what our swarm keeps, and these members (hex) have not been asked for it yet. */
  #wantsEverything: boolean;
  readonly #asked = new Set<string>();
  #due = Promise.withResolvers<void>();

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#list = options.source.current();
    this.#wantsEverything = options.store.usage().messages === 0;
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(): Promise<void> {
    const { signal, interval, source } = this.#options;
    const stop = source.onChange((list) => void this.#follow(list));
    while (!signal.aborted) {
      await Promise.all([this.#askForEverything(), this.#deliverAll()]);
      // After the messages that they may be about.
      await this.#repeatRequests();
      await Promise.race([delay(interval, undefined, { signal }).catch(() => {}), this.#due.promise]);
    }
    stop();
  }

  /** A member missed a request that was executed here; `params` is its forwarded form. */
  missed({ ed25519Key }: NodeRecord, request: SwarmRequest, params: Uint8Array): Promise<void> {
    const { store, now } = this.#options;
    return this.#guarded(() =>
      // Stored messages are delivered as such, because the request's own times go stale.
      request.method === 'store'
        ? store.oweMessage(ed25519Key, messageHash(request.account, request.namespace, request.data))
        : store.oweRequest({ node: ed25519Key, method: request.method, params }, now()),
    );
  }

  /** A member of a swarm asks for everything that its swarm keeps (node-network §5.5, `t` = 1). */
  async askedForEverything(node: NodeRecord): Promise<void> {
    await this.#guarded(() => this.#options.store.oweEverything(node.ed25519Key));
    this.#wake();
  }

  async #follow(list: NodeList): Promise<void> {
    const before = this.#list;
    this.#list = list;
    if (!before) return;
    if (this.#ownSwarm(before) !== this.#ownSwarm(list)) {
      this.#wantsEverything = true;
      this.#asked.clear();
    }
    await this.#guarded(async () => {
      const { store, ownKey } = this.#options;
      const owed = nodesToSupply(before, list, ownKey, () => this.#swarmsOfStored(list));
      await Promise.all(owed.map((node) => store.oweEverything(node.ed25519Key)));
      if (owed.length > 0) this.#wake();
    });
  }

  #ownSwarm(list: NodeList): SwarmId {
    return list.node(this.#options.ownKey)?.swarmId ?? NO_SWARM;
  }

  /** Asks each member of our swarm once for all its messages, when our store was empty or our swarm is another. */
  async #askForEverything(): Promise<void> {
    const { source, ownKey, peers, version } = this.#options;
    const list = source.current();
    if (!this.#wantsEverything || !list || this.#ownSwarm(list) === NO_SWARM) return;
    const request = encodeBt({ '#': versionNumber(version), t: 1 });
    const others = membersOf(list, [this.#ownSwarm(list)], ownKey).filter(knowsHandshake);
    const notAsked = others.filter((node) => !this.#asked.has(bytesToHex(node.ed25519Key)));
    await Promise.all(
      notAsked.map(async (node) => {
        const reply = await peers.request(node, 'sn.data_ready', [request], HANDSHAKE_TIMEOUT_MS);
        if (isAccepted(reply)) this.#asked.add(bytesToHex(node.ed25519Key));
      }),
    );
    this.#wantsEverything = others.some((node) => !this.#asked.has(bytesToHex(node.ed25519Key)));
  }

  #wake(): void {
    this.#due.resolve();
    this.#due = Promise.withResolvers();
  }

  #deliverAll(): Promise<void> {
    return this.#guarded(async () => {
      await Promise.all(this.#options.store.deliveries().map((delivery) => this.#deliver(delivery)));
    });
  }

  /** Sends missed requests again, in their order; any answer ends one (node-network §5.4). */
  #repeatRequests(): Promise<void> {
    const { store, peers, source, signal } = this.#options;
    return this.#guarded(async () => {
      const byNode = Map.groupBy(store.missedRequests(), ({ node }) => bytesToHex(node));
      const repeatInOrder = async (requests: Iterable<MissedRequest & { readonly sequence: number }>) => {
        for (const { node, method, params, sequence } of requests) {
          const list = source.current();
          const member = list?.node(node);
          if (signal.aborted || !list) return;
          const isMember = member && member.swarmId === this.#ownSwarm(list);
          const parts = [Buffer.from(method), params];
          if (isMember && !(await peers.request(member, 'sn.storage_cc', parts, REPEAT_TIMEOUT_MS))) return;
          await store.forgetRequest(sequence);
        }
      };
      await Promise.all(byNode.values().map(repeatInOrder));
    });
  }

  /** Pushes batch after batch until the node has everything or does not answer. */
  async #deliver(owed: Delivery): Promise<void> {
    const { store, source, peers, signal, log } = this.#options;
    const node = source.current()?.node(owed.node);
    if (!node || node.swarmId === NO_SWARM) {
      if (source.current()) await store.advanceDelivery(owed, null);
      return;
    }
    // Only members of one swarm shake hands; others take data without.
    if (node.swarmId === this.#ownSwarm(source.current()!) && knowsHandshake(node)) {
      const hello = await peers.request(node, 'sn.data_ready', [], HANDSHAKE_TIMEOUT_MS);
      if (!isAccepted(hello)) return;
    }
    let delivery = owed;
    for (let count = 0; !signal.aborted; ) {
      const batch = await this.#nextBatch(delivery.afterSequence, node);
      for (const blob of encodePushBatches(batch.messages)) {
        const reply = await peers.request(node, 'sn.data', [blob], BATCH_TIMEOUT_MS);
        if (!isAccepted(reply)) return;
      }
      count += batch.messages.length;
      const advanced = await store.advanceDelivery(delivery, batch.lastSequence);
      // Set back meanwhile, or finished: the next round sees what is left.
      if (!advanced || batch.lastSequence === null) {
        log.info({ node: bytesToHex(node.ed25519Key), count }, 'A node was given the messages that it lacked.');
        return;
      }
      delivery = { node: delivery.node, afterSequence: batch.lastSequence };
    }
  }

  /** The next messages that the node's swarm keeps; `lastSequence` is null if there are none after them. */
  async #nextBatch(afterSequence: number, node: NodeRecord) {
    const { store, source } = this.#options;
    const swarmIds = source.current()?.swarmIds ?? [];
    const messages: StoredMessage[] = [];
    let size = 0;
    let last = afterSequence;
    while (size < BATCH_BYTES) {
      const rows = store.scan(last, BATCH_BYTES);
      if (rows.length === 0) return { messages, lastSequence: null };
      for (const { sequence, message } of rows) {
        last = sequence;
        if (swarmOfPosition(accountPosition(message.account), swarmIds) !== node.swarmId) continue;
        messages.push(message);
        size += message.data.length;
      }
      // Most of a large store may be for other swarms; requests shall not wait for the end of the search.
      await nextTurn();
    }
    return { messages, lastSequence: last };
  }

  #swarmsOfStored(list: NodeList): Set<SwarmId> {
    const swarms = new Set<SwarmId>();
    for (const account of this.#options.store.accounts()) {
      const id = swarmOfPosition(accountPosition(account), list.swarmIds);
      if (id !== null) swarms.add(id);
    }
    return swarms;
  }

  /** A store that fails or is closed stops the work, not the node; the next round tries again. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      if (error.code !== 'closed') this.#options.log.warn({ code: error.code }, error.message);
    }
  }
}

function knowsHandshake({ version: [major, minor] }: NodeRecord): boolean {
  return major > HANDSHAKE_SINCE[0] || (major === HANDSHAKE_SINCE[0] && minor >= HANDSHAKE_SINCE[1]);
}

/** MMmmpp, as the handshake tells it (node-network §5.5). */
export function versionNumber([major, minor, patch]: readonly [number, number, number]): number {
  return major * 10_000 + minor * 100 + patch;
}

/** Older nodes acknowledge with an empty reply (node-network §5.2). */
function isAccepted(reply: readonly Uint8Array[] | null): boolean {
  return reply !== null && (reply.length === 0 || Buffer.from(reply[0]!).toString('latin1') === 'OK');
}

/**
 * Who must be given stored messages when the list changes (node-network §7.1): members that joined our swarm, members
 * of new swarms, and, if our swarm was dissolved, the swarms that now keep what we stored.
 */
export function nodesToSupply(
  before: NodeList,
  after: NodeList,
  ownKey: Uint8Array,
  swarmsOfStored: () => ReadonlySet<SwarmId>,
): NodeRecord[] {
  const oldSwarm = before.node(ownKey)?.swarmId ?? NO_SWARM;
  if (oldSwarm === NO_SWARM) return [];
  const dissolved = after.swarm(oldSwarm).length === 0;
  const movedAway = after.node(ownKey)?.swarmId !== oldSwarm;
  if (dissolved) return membersOf(after, [...swarmsOfStored()], ownKey);
  if (movedAway) return [];
  const newSwarms = after.swarmIds.filter((id) => before.swarm(id).length === 0);
  const joined = after.swarm(oldSwarm).filter((node) => before.node(node.ed25519Key)?.swarmId !== oldSwarm);
  return [...joined, ...membersOf(after, newSwarms, ownKey)];
}

function membersOf(list: NodeList, swarms: readonly SwarmId[], ownKey: Uint8Array): NodeRecord[] {
  return swarms.flatMap((id) => list.swarm(id).filter((node) => !equalBytes(node.ed25519Key, ownKey)));
}
