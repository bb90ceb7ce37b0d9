import { MONITOR_DURATION, type Monitoring } from './monitor.ts';

/** One connection that wants to hear of a new message. */
export interface Subscriber<Connection> {
  readonly connection: Connection;
  /** Push the data of the message too. */
  readonly withData: boolean;
}

interface Subscription {
  readonly namespaces: Set<number>;
  withData: boolean;
  /** ms. */
  expiresAt: number;
}

/**
 * Which connection of a node wants to hear of which account's new messages (storage-rpc §10). How many it holds is for
 * the caller to limit, by {@link size}.
 */
export class Subscriptions<Connection> {
  readonly #byAccount = new Map<string, Map<Connection, Subscription>>();
  #size = 0;

  /** How many pairs of connection and account there are. */
  get size(): number {
    return this.#size;
  }

  /**
   * Subscribes a connection to an account, or adds to what it has already: namespaces are united, data stay wanted,
   * and all of it lasts for `MONITOR_DURATION` from `now`, ms.
   */
  add(connection: Connection, { accountId, namespaces, withData }: Omit<Monitoring, 'account'>, now: number): void {
    const connections = this.#byAccount.get(accountId) ?? new Map<Connection, Subscription>();
    this.#byAccount.set(accountId, connections);
    const known = connections.get(connection);
    if (known === undefined) this.#size++;
    connections.set(connection, {
      namespaces: new Set([...(known?.namespaces ?? []), ...namespaces]),
      withData: withData || known?.withData === true,
      expiresAt: now + MONITOR_DURATION,
    });
  }

  /** Who hears of a message that was stored as new. */
  subscribers(accountId: string, namespace: number, now: number): Subscriber<Connection>[] {
    const connections = this.#byAccount.get(accountId) ?? [];
    return [...connections]
      .filter(([, { namespaces, expiresAt }]) => expiresAt > now && namespaces.has(namespace))
      .map(([connection, { withData }]) => ({ connection, withData }));
  }

  /** Forgets a connection that is closed. */
  drop(connection: Connection): void {
    this.#removeWhere((candidate) => candidate === connection);
  }

  /** Forgets what was not renewed in time. */
  removeExpired(now: number): void {
    this.#removeWhere((_connection, { expiresAt }) => expiresAt <= now);
  }

  #removeWhere(isGone: (connection: Connection, subscription: Subscription) => boolean): void {
    for (const [accountId, connections] of this.#byAccount) {
      for (const [connection, subscription] of connections) {
        if (isGone(connection, subscription) && connections.delete(connection)) this.#size--;
      }
      if (connections.size === 0) this.#byAccount.delete(accountId);
    }
  }
}
