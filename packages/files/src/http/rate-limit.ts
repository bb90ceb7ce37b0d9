const MAX_ADDRESSES = 10_000;

interface Bucket {
  tokens: number;
  updatedAt: number;
}

/** How much an address may take. */
export interface RateLimit {
  readonly perSecond: number;
  /** How much it may take at once after a rest. */
  readonly burst: number;
}

/**
 * Token buckets by address; what a token is (a request, a byte) is the caller's matter. Time is given in, in milliseconds
 * of a clock that never goes back.
 */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  /** Takes tokens; false, and none taken, if the address has too few left or too many addresses are known already. */
  take(address: string, tokens: number, now: number): boolean {
    const bucket = this.#bucket(address, now);
    if (!bucket) return false;
    const left = this.#tokensAt(bucket, now) - tokens;
    if (left < 0) return false;
    bucket.tokens = left;
    bucket.updatedAt = now;
    return true;
  }

  #bucket(address: string, now: number): Bucket | null {
    const known = this.#buckets.get(address);
    if (known) return known;
    if (this.#buckets.size >= MAX_ADDRESSES) this.#forgetRested(now);
    if (this.#buckets.size >= MAX_ADDRESSES) return null;
    const fresh = { tokens: this.#limit.burst, updatedAt: now };
    this.#buckets.set(address, fresh);
    return fresh;
  }

  #forgetRested(now: number): void {
    for (const [address, bucket] of this.#buckets) {
      if (this.#tokensAt(bucket, now) >= this.#limit.burst) this.#buckets.delete(address);
    }
  }

  #tokensAt({ tokens, updatedAt }: Bucket, now: number): number {
    return Math.min(this.#limit.burst, tokens + ((now - updatedAt) * this.#limit.perSecond) / 1000);
  }
}
