import { MONITOR_DURATION, type Monitoring } from './monitor.ts';

/** One connection that wants to hear of a new message. */
export interface Subscriber<Connection> {
  readonly connection: Connection;
  /** Push the data of the message too. */
  readonly withData: boolean;
}

/** What a connection asks for. */
type Registration = Omit<Monitoring, 'account'>;

interface Subscription {
  readonly namespaces: Set<number>;
  withData: boolean;
  /** ms. */
  expiresAt: number;
}

/** About what a subscription takes in memory, bytes, and each of its namespaces. */
const SUBSCRIPTION_BYTES = 700;
const NAMESPACE_BYTES = 40;

/**
 * Which connection of a node wants to hear of which account's new messages (storage-rpc §10). How much it holds is for
 * the caller to limit, by {@link growth} and what `onFreed` is told.
 */
export class Subscriptions<Connection> {
  readonly #byAccount = new Map<string, Map<Connection, Subscription>>();
  readonly #accountsOf = new Map<Connection, Set<string>>();
  readonly #onFreed: (connection: Connection, bytes: number) => void;

  /** `onFreed` is told of the memory of every subscription that ends, bytes. */
  constructor(onFreed: (connection: Connection, bytes: number) => void = () => {}) {
    this.#onFreed = onFreed;
  }

  /** How many more bytes of memory it would take to add this; 0 for a mere renewal. */
  growth(connection: Connection, { accountId, namespaces }: Registration): number {
    const known = this.#byAccount.get(accountId)?.get(connection);
    if (known === undefined) return SUBSCRIPTION_BYTES + namespaces.length * NAMESPACE_BYTES;
    return namespaces.filter((namespace) => !known.namespaces.has(namespace)).length * NAMESPACE_BYTES;
  }

  /**
   * Subscribes a connection to an account, or adds to what it has already: namespaces are united, data stay wanted,
   * and all of it lasts for `MONITOR_DURATION` from `now`, ms.
   */
  add(connection: Connection, { accountId, namespaces, withData }: Registration, now: number): void {
    const subscription = this.#subscription(connection, accountId);
    for (const namespace of namespaces) subscription.namespaces.add(namespace);
    subscription.withData ||= withData;
    subscription.expiresAt = now + MONITOR_DURATION;
  }

  /** Who hears of a message that was stored as new. */
  subscribers(accountId: string, namespace: number, now: number): Subscriber<Connection>[] {
    const connections = this.#byAccount.get(accountId) ?? [];
    return [...connections]
      .filter(([, { namespaces, expiresAt }]) => expiresAt > now && namespaces.has(namespace))
      .map(([connection, { withData }]) => ({ connection, withData }));
  }

  /** Every account that somebody is subscribed to. */
  accounts(): string[] {
    return [...this.#byAccount.keys()];
  }

  /** Ends all subscriptions to an account; gives the connections whose time was not over. */
  end(accountId: string, now: number): Connection[] {
    const connections = [...(this.#byAccount.get(accountId) ?? [])];
    for (const [connection] of connections) this.#remove(connection, accountId);
    return connections.filter(([, { expiresAt }]) => expiresAt > now).map(([connection]) => connection);
  }

  /** Forgets a connection that is closed. */
  drop(connection: Connection): void {
    for (const accountId of this.#accountsOf.get(connection) ?? []) this.#remove(connection, accountId);
  }

  /** Forgets what was not renewed in time. */
  removeExpired(now: number): void {
    for (const [accountId, connections] of this.#byAccount) {
      for (const [connection, { expiresAt }] of connections) if (expiresAt <= now) this.#remove(connection, accountId);
    }
  }

  #subscription(connection: Connection, accountId: string): Subscription {
    const connections = this.#byAccount.get(accountId) ?? new Map<Connection, Subscription>();
    const accounts = this.#accountsOf.get(connection) ?? new Set<string>();
    const known = connections.get(connection) ?? { namespaces: new Set(), withData: false, expiresAt: 0 };
    this.#byAccount.set(accountId, connections.set(connection, known));
    this.#accountsOf.set(connection, accounts.add(accountId));
    return known;
  }

  #remove(connection: Connection, accountId: string): void {
    const connections = this.#byAccount.get(accountId);
    const subscription = connections?.get(connection);
    if (!connections || !subscription) return;
    connections.delete(connection);
    if (connections.size === 0) this.#byAccount.delete(accountId);
    const accounts = this.#accountsOf.get(connection);
    accounts?.delete(accountId);
    if (accounts?.size === 0) this.#accountsOf.delete(connection);
    this.#onFreed(connection, SUBSCRIPTION_BYTES + subscription.namespaces.size * NAMESPACE_BYTES);
  }
}
