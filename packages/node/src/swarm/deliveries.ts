import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NodeList, NodeSource } from '@sotto/directory';
import { encodeBt, encodePushBatches } from '@sotto/wire/bt';
import { bytesToHex } from '@sotto/wire/bytes';
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
import { MOST_OPERATION_BYTES } from '../store/state-table.ts';
import { Bell, REAL_TIME, type Time } from '../timers.ts';
import { isAccepted, knowsHandshake, versionNumber } from './handshake.ts';
import { membersOf, nodesToSupply } from './supply.ts';
import { parseSnapshot, snapshotOf, snapshotText } from './swarm-snapshot.ts';
import type { Synchroniser } from './synchroniser.ts';

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
  /** For a simulation. */
  readonly time?: Time;
  /** How often to look for work, ms. */
  readonly interval: number;
  readonly synchroniser: Pick<Synchroniser, 'knows' | 'nudge' | 'wanted'>;
}

const BATCH_BYTES = 1_000_000;
const DELIVERIES_AT_A_TIME = 8;
/** Then it is the turn of others, ms. */
const DELIVERY_TURN_MS = 30_000;
const BATCH_TIMEOUT_MS = 60_000;
const HANDSHAKE_TIMEOUT_MS = 15_000;
/** Who refused a handshake is left alone for so long (node-network §5.5). */
const REFUSAL_PAUSE_MS = 30_000;
const REPEAT_TIMEOUT_MS = 10_000;

/**
 * Gives other nodes the messages that they lack (node-network §7): members that join our swarm, swarms that take
 * accounts over from ours, and members that missed a request while they were down. What is owed is kept in the
 * database, so a restart on either side loses nothing; a node gets only what its swarm keeps. Members that fetch for
 * themselves (sync) are only told to.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  /** Of the list that was looked at last. */
  #handled: string | null = null;
  /** We lack what our swarm keeps, and these members (hex) have not been asked for it yet. */
  #wantsEverything: boolean;
  readonly #asked = new Set<string>();
  /** Who refused the last handshake, by hex key, and until when it is left alone, ms of `Time`. */
  readonly #refused = new Map<string, number>();
  readonly #time: Time;
  readonly #bell: Bell;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#time = options.time ?? REAL_TIME;
    this.#bell = new Bell(this.#time);
    this.#wantsEverything = options.store.usage().isEmpty;
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(): Promise<void> {
    const { signal, interval, source } = this.#options;
    let following = this.#guarded(() => this.#follow());
    // A slow delivery shall not hold up what has to be done for a new list.
    const stop = source.onChange(() => {
      following = following.then(() => this.#guarded(() => this.#follow())).then(() => this.#bell.ring());
    });
    while (!signal.aborted) {
      await Promise.all([this.#askForEverything(), this.#deliverAll()]);
      // After the messages that they may be about.
      await this.#repeatRequests();
      await this.#bell.pause(interval, signal);
    }
    stop();
    await following;
  }

  /** A member missed a request that was executed here; `params` is its forwarded form. */
  missed({ ed25519Key }: NodeRecord, request: SwarmRequest, params: Uint8Array): Promise<void> {
    const { store, now } = this.#options;
    return this.#guarded(() =>
      // Stored messages are delivered as such, because the request's own times go stale.
      request.method === 'store'
        ? store.debts.oweMessage(ed25519Key, messageHash(request.account, request.namespace, request.data))
        : store.debts.oweRequest({ node: ed25519Key, method: request.method, params }, now()),
    );
  }

  /** A member of a swarm asks for everything that its swarm keeps (node-network §5.5, `t` = 1). */
  async askedForEverything(node: NodeRecord): Promise<void> {
    await this.#guarded(() => this.#options.store.debts.oweEverything(node.ed25519Key));
    this.#bell.ring();
  }

  /** Compares the current list with the last one, also if that was before a restart. */
  async #follow(): Promise<void> {
    const { source, store, ownKey } = this.#options;
    const list = source.current();
    if (!list) return;
    const after = snapshotText(snapshotOf(list, ownKey));
    if (after === this.#handled) return;
    const saved = store.debts.swarmSnapshot();
    const before = saved === null ? null : parseSnapshot(saved);
    if (before && before.own !== this.#ownSwarm(list)) {
      this.#wantsEverything = true;
      this.#asked.clear();
    }
    const owed = before ? nodesToSupply(before, list, ownKey, () => this.#swarmsOfStored(list)) : [];
    const keys = owed.map(({ ed25519Key }) => ed25519Key);
    await store.debts.saveSwarmSnapshot(after, keys);
    this.#handled = after;
    // They may see it otherwise now.
    this.#refused.clear();
  }

  /** Nodes take nothing from others that are not. */
  #isListed(): boolean {
    return this.#options.source.current()?.node(this.#options.ownKey) !== undefined;
  }

  #ownSwarm(list: NodeList): SwarmId {
    return list.node(this.#options.ownKey)?.swarmId ?? NO_SWARM;
  }

  /** Asks each member of our swarm once for all its messages, when our store was empty or our swarm is another. */
  async #askForEverything(): Promise<void> {
    const { source, ownKey, version, synchroniser } = this.#options;
    const list = source.current();
    if (!this.#wantsEverything || !list || this.#ownSwarm(list) === NO_SWARM) return;
    const request = encodeBt({ '#': versionNumber(version), t: 1 });
    const others = membersOf(list, [this.#ownSwarm(list)], ownKey).filter(knowsHandshake);
    const notAsked = others.filter((node) => !this.#asked.has(bytesToHex(node.ed25519Key)));
    await Promise.all(
      notAsked.map(async (node) => {
        // Whoever can be asked for what we lack need not send everything.
        const isDone = (await synchroniser.knows(node)) || (await this.#shakeHands(node, [request]));
        if (isDone) this.#asked.add(bytesToHex(node.ed25519Key));
      }),
    );
    this.#wantsEverything = others.some((node) => !this.#asked.has(bytesToHex(node.ed25519Key)));
  }

  /**
   * `sn.data_ready` (node-network §5.5). The first refusal counts little: of two nodes one is always the first to hear of
   * a new list.
   */
  async #shakeHands(node: NodeRecord, data: readonly Uint8Array[]): Promise<boolean> {
    const name = bytesToHex(node.ed25519Key);
    const pausesUntil = this.#refused.get(name);
    if (pausesUntil !== undefined && pausesUntil > this.#time.now()) return false;
    const reply = await this.#options.peers.request(node, 'sn.data_ready', data, HANDSHAKE_TIMEOUT_MS);
    if (isAccepted(reply)) this.#refused.delete(name);
    else if (reply) this.#refused.set(name, pausesUntil === undefined ? 0 : this.#time.now() + REFUSAL_PAUSE_MS);
    return isAccepted(reply);
  }

  #deliverAll(): Promise<void> {
    return this.#guarded(async () => {
      const owed = this.#options.store.debts.deliveries();
      // Each has a batch in memory and on its way, so not too many at a time.
      for (let next = 0; next < owed.length && this.#isListed(); next += DELIVERIES_AT_A_TIME) {
        await Promise.all(owed.slice(next, next + DELIVERIES_AT_A_TIME).map((delivery) => this.#deliver(delivery)));
      }
    });
  }

  /** Sends missed requests again, in their order; any answer ends one (node-network §5.4). */
  #repeatRequests(): Promise<void> {
    return this.#guarded(async () => {
      const byNode = Map.groupBy(this.#options.store.debts.missedRequests(), ({ node }) => bytesToHex(node));
      await Promise.all(byNode.values().map((requests) => this.#repeatTo(requests)));
    });
  }

  async #repeatTo(requests: readonly (MissedRequest & { readonly sequence: number })[]): Promise<void> {
    const { store, peers, source, signal, synchroniser } = this.#options;
    let fetchesItself = false;
    for (const [place, { node, method, params, sequence }] of requests.entries()) {
      const list = source.current();
      const member = list?.node(node);
      if (signal.aborted || !list) return;
      if (member && member.swarmId === this.#ownSwarm(list)) {
        if (place === 0) fetchesItself = await synchroniser.nudge(member);
        const parts = [Buffer.from(method), params];
        const isFetched = fetchesItself && params.length <= MOST_OPERATION_BYTES;
        if (!isFetched && !(await peers.request(member, 'sn.storage_cc', parts, REPEAT_TIMEOUT_MS))) return;
      }
      await store.debts.forgetRequest(sequence);
    }
  }

  /** Pushes batch after batch until the node has everything, does not answer, or had its time. */
  async #deliver(owed: Delivery): Promise<void> {
    const { store, source, peers, signal, log, synchroniser } = this.#options;
    const node = source.current()?.node(owed.node);
    if (!node || node.swarmId === NO_SWARM) {
      if (source.current()) await store.debts.advanceDelivery(owed, null);
      return;
    }
    const isMember = node.swarmId === this.#ownSwarm(source.current()!);
    if (isMember && (await synchroniser.nudge(node))) {
      await store.debts.advanceDelivery(owed, null);
      return;
    }
    // Only members of one swarm shake hands; others take data without.
    if (isMember && knowsHandshake(node) && !(await this.#shakeHands(node, []))) return;
    let delivery = owed;
    let hasAsked = false;
    const end = this.#time.now() + DELIVERY_TURN_MS;
    for (let count = 0; !signal.aborted && this.#time.now() < end; ) {
      const batch = await this.#nextBatch(delivery.afterSequence, node);
      const asks = !isMember && batch.messages.length > 0;
      const wanted = asks ? await synchroniser.wanted(node, batch.messages) : batch.messages;
      if (wanted === 'busy') return;
      for (const blob of encodePushBatches(wanted)) {
        const reply = await peers.request(node, 'sn.data', [blob], BATCH_TIMEOUT_MS);
        if (!isAccepted(reply)) return;
      }
      hasAsked ||= asks;
      count += wanted.length;
      const advanced = await store.debts.advanceDelivery(delivery, batch.lastSequence);
      // Set back meanwhile, or finished: the next round sees what is left.
      if (!advanced || batch.lastSequence === null) {
        if (hasAsked) await synchroniser.wanted(node, []);
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
