import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeNotification } from '@sotto/wire/bt';
import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import {
  foreignMonitorReply,
  isMonitorFailure,
  type Monitoring,
  type MonitorOutcome,
  parseMonitor,
  Subscriptions,
  toBt,
} from '@sotto/wire/rpc';
import { NO_SWARM } from '@sotto/wire/swarm';
import { swarmObject } from '../handler/swarm-object.ts';
import { ByteBudget } from '../net/byte-budget.ts';
import type { ReturnPath } from '../omq/return-path.ts';
import type { StoredMessage } from '../store/message-store.ts';
import type { Swarm, SwarmView } from '../swarm/swarm-view.ts';
import { MonitorReplies } from './monitor-replies.ts';

/** What subscriptions may take in memory, in all and of one client; bytes. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_BYTES_OF_CLIENT = 64 * 1024 * 1024;
/** Registrations of a list that are verified before others may go on: about a millisecond. */
const REGISTRATIONS_PER_TURN = 16;

/**
 * Tells clients of new messages (storage-rpc §10): keeps what each connection subscribed to, and pushes to all that
 * want to hear. What is pushed to a client that does not read is lost; it finds the message by polling.
 */
export class Monitor {
  readonly #swarms: SwarmView;
  readonly #now: () => number;
  readonly #budget: ByteBudget;
  readonly #subscriptions = new Subscriptions<ReturnPath>(({ address }, bytes) => this.#budget.give(address, bytes));
  readonly #watched = new WeakSet<ReturnPath>();
  #turn: Promise<void> = Promise.resolve();

  /** `now`: Unix milliseconds. */
  constructor(swarms: SwarmView, now: () => number, budget = new ByteBudget(MAX_BYTES, MAX_BYTES_OF_CLIENT)) {
    this.#swarms = swarms;
    this.#now = now;
    this.#budget = budget;
  }

  /**
   * Answers `monitor.messages`: a dict or a list of them, each a subscription of this connection to an account. `null`
   * if the connection is gone before the end of a long list.
   */
  async subscribe(request: Uint8Array, client: ReturnPath): Promise<Uint8Array | null> {
    const { isList, outcomes } = parseMonitor(request, this.#now());
    const replies = new MonitorReplies();
    let count = 0;
    for (const outcome of outcomes) {
      if (client.closed.aborted) return null;
      const foreign = isMonitorFailure(outcome) ? null : this.#foreignSwarm(outcome.account);
      if (foreign) replies.addForeign(foreign);
      else replies.add(isMonitorFailure(outcome) ? outcome : this.#add(outcome, client));
      if (++count % REGISTRATIONS_PER_TURN === 0) await this.#nextTurn();
    }
    return replies.encoded(isList);
  }

  /** Pushes `notify.message` for a message that was stored as new. */
  stored(message: StoredMessage): void {
    const subscribers = this.#subscriptions.subscribers(bytesToHex(message.account), message.namespace, this.#now());
    for (const [withData, group] of Map.groupBy(subscribers, (subscriber) => subscriber.withData)) {
      const notification = encodeNotification({ ...message, data: withData ? message.data : null });
      for (const { connection } of group) connection.push('notify.message', [notification]);
    }
  }

  /** Ends subscriptions to accounts that left our swarm and tells who keeps them; for changes of the node list. */
  endForeign(): void {
    for (const accountId of this.#subscriptions.accounts()) {
      const account = hexToBytes(accountId);
      const swarm = this.#foreignSwarm(account);
      if (!swarm) continue;
      const notice = toBt({ ...foreignMonitorReply(swarmObject(swarm)), '@': account });
      for (const client of this.#subscriptions.end(accountId, this.#now())) {
        client.push('notify.monitor_ended', [notice]);
      }
    }
  }

  /** Forgets subscriptions that were not renewed in time; to be called now and then. */
  removeExpired(): void {
    this.#subscriptions.removeExpired(this.#now());
  }

  /** The swarm that keeps the account, if that is not ours; without members while no swarm is known. */
  #foreignSwarm(account: Uint8Array): Swarm | null {
    const swarm = this.#swarms.swarmOf(account) ?? { id: NO_SWARM, members: [] };
    return swarm.id === this.#swarms.own()?.id ? null : swarm;
  }

  #add(monitoring: Monitoring, client: ReturnPath): MonitorOutcome {
    if (!this.#budget.take(client.address, this.#subscriptions.growth(client, monitoring))) {
      return { errcode: 1, text: 'Invalid arguments: this node holds too many subscriptions already' };
    }
    this.#subscriptions.add(client, monitoring, this.#now());
    if (!this.#watched.has(client)) {
      this.#watched.add(client);
      client.closed.addEventListener('abort', () => this.#subscriptions.drop(client), { once: true });
    }
    return monitoring;
  }

  /** One turn after the other, whoever asked for it, so that long lists hold up nothing else. */
  #nextTurn(): Promise<void> {
    this.#turn = this.#turn.then(() => nextTurn());
    return this.#turn;
  }
}
