import { clientOfAddress } from './client-address.ts';

/** What one client may send, and how many clients are tracked. */
export interface RateLimits {
  /** Requests at once. */
  readonly capacity: number;
  /** Requests a second in the long run. */
  readonly perSecond: number;
  readonly clients: number;
}

/** Storage requests that clients send straight to a node (storage-rpc §2.7). */
const RPC_LIMITS: RateLimits = { capacity: 600, perSecond: 300, clients: 10_000 };

/**
 * Onions of clients, our own: a thousand people behind one address, each waiting for messages and busy now and then, send
 * a hundred a second. Nodes pass onions on to each other by OxenMQ, so none of them needs an exception.
 */
export const ONION_LIMITS: RateLimits = { capacity: 1200, perSecond: 600, clients: 20_000 };

/**
 * Lists of nodes, which nodes and newcomers fetch now and then and which are long: of 10,000 nodes half a megabyte, of a stock
 * client's form two.
 */
export const LIST_LIMITS: RateLimits = { capacity: 200, perSecond: 50, clients: 10_000 };

interface Bucket {
  tokens: number;
  updatedAt: number;
}

/**
 * Token buckets by client address. Time is given in, in milliseconds of a clock that never goes back.
 */
export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits = RPC_LIMITS) {
    this.#limits = limits;
  }

  /** Takes one token of the client; false if it has none left, or if too many clients are tracked already. */
  allows(address: string, now: number): boolean {
    const client = clientOfAddress(address);
    const bucket = this.#buckets.get(client);
    if (!bucket) {
      const { capacity, clients } = this.#limits;
      if (this.#buckets.size >= clients) this.dropFullBuckets(now);
      if (this.#buckets.size >= clients) return false;
      this.#buckets.set(client, { tokens: capacity - 1, updatedAt: now });
      return true;
    }
    const tokens = this.#tokensAt(bucket, now);
    // A refused request must not move the time on, or rounding would eat the refill of a client that keeps asking.
    if (tokens < 1) return false;
    bucket.tokens = tokens - 1;
    bucket.updatedAt = now;
    return true;
  }

  /** Forgets clients that may send as many as at first; to be called every 10 s. */
  dropFullBuckets(now: number): void {
    for (const [client, bucket] of this.#buckets) {
      if (this.#tokensAt(bucket, now) >= this.#limits.capacity) this.#buckets.delete(client);
    }
  }

  #tokensAt({ tokens, updatedAt }: Bucket, now: number): number {
    const { capacity, perSecond } = this.#limits;
    return Math.min(capacity, tokens + ((now - updatedAt) * perSecond) / 1000);
  }
}
