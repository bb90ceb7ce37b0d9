const WORDS = 312;
const SHIFT = 156;
const TWIST = 0xb5026f5aa96619e9n;
const UPPER = 0xffffffff80000000n;
const LOWER = 0x7fffffffn;
const LARGEST = 2n ** 64n - 1n;

/**
 * The 64-bit Mersenne Twister (mt19937_64) with the uniform draw that the chain uses (node-network §5.6, §8):
 * predictable on purpose, so that everybody who knows the seed draws the same. Never use it for secrets.
 */
export class MersenneTwister {
  readonly #state = new BigUint64Array(WORDS);
  #index = WORDS;

  constructor(seed: bigint) {
    this.#state[0] = seed;
    for (let index = 1; index < WORDS; index++) {
      const previous = this.#state[index - 1]!;
      this.#state[index] = 6364136223846793005n * (previous ^ (previous >> 62n)) + BigInt(index);
    }
  }

  /** A number from 0 to `size` − 1, each as likely as the others; `size` is at least 1. */
  draw(size: number): number {
    const count = BigInt(size);
    const limit = LARGEST - (LARGEST % count);
    for (;;) {
      const value = this.#next();
      if (value < limit) return Number(value / (limit / count));
    }
  }

  #next(): bigint {
    if (this.#index === WORDS) this.#twist();
    let value = this.#state[this.#index++]!;
    value ^= (value >> 29n) & 0x5555555555555555n;
    value ^= (value << 17n) & 0x71d67fffeda60000n;
    value ^= (value << 37n) & 0xfff7eee000000000n;
    return value ^ (value >> 43n);
  }

  #twist(): void {
    const state = this.#state;
    for (let index = 0; index < WORDS; index++) {
      const mixed = (state[index]! & UPPER) | (state[(index + 1) % WORDS]! & LOWER);
      state[index] = state[(index + SHIFT) % WORDS]! ^ (mixed >> 1n) ^ (mixed & 1n ? TWIST : 0n);
    }
    this.#index = 0;
  }
}
