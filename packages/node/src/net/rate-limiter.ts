import { clientOfAddress } from './client-address.ts';

const CAPACITY = 600;
const REFILL_PER_MS = 0.3;
const MAX_CLIENTS = 10_000;

interface Bucket {
  tokens: number;
  updatedAt: number;
}

/**
 * Token buckets by client address (storage-rpc §2.7): 600 requests at once, 300 a second, at most 10,000 clients
 * tracked. Time is given in, in milliseconds of a clock that never goes back.
 */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes one token of the client; false if it has none left, or if too many clients are tracked already. */
  allows(address: string, now: number): boolean {
    const client = clientOfAddress(address);
    const bucket = this.#buckets.get(client);
    if (!bucket) {
      if (this.#buckets.size >= MAX_CLIENTS) this.dropFullBuckets(now);
      if (this.#buckets.size >= MAX_CLIENTS) return false;
      this.#buckets.set(client, { tokens: CAPACITY - 1, updatedAt: now });
      return true;
    }
    const tokens = tokensAt(bucket, now);
    // A refused request must not move the time on, or rounding would eat the refill of a client that keeps asking.
    if (tokens < 1) return false;
    bucket.tokens = tokens - 1;
    bucket.updatedAt = now;
    return true;
  }

  /** Forgets clients that may send 600 again; to be called every 10 s. */
  dropFullBuckets(now: number): void {
    for (const [client, bucket] of this.#buckets) {
      if (tokensAt(bucket, now) >= CAPACITY) this.#buckets.delete(client);
    }
  }
}

function tokensAt(bucket: Bucket, now: number): number {
  return Math.min(CAPACITY, bucket.tokens + (now - bucket.updatedAt) * REFILL_PER_MS);
}
