/** The first pause after a refusal, ms. */
const RETRY_MS = 10_000;
const QUICK_RETRIES = 12;
/** Whoever waits to be let in shall not wait long, and an authority that was away shall not find a crowd when it comes back. */
const LONGEST_RETRY_MS = 120_000;

/** When which authority is told again where a node is (docs/protocol/directory.md §8.1). Times are of a clock that never goes back. */
export class DescriptorSchedule {
  readonly #interval: number;
  readonly #told = new Map<string, { readonly next: number; readonly refusals: number }>();

  /** @param interval from one descriptor that was taken to the next, ms. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** How often to look at least, ms: others may decide meanwhile. */
  get tick(): number {
    return Math.min(this.#interval, RETRY_MS);
  }

  /** Is this authority to be told now? One that is new is. */
  isDue(authority: string, now: number): boolean {
    return (this.#told.get(authority)?.next ?? now) <= now;
  }

  /** The authority was told at this time, and refused or not. */
  told(authority: string, at: number, isRefused: boolean): void {
    const refusals = isRefused ? (this.#told.get(authority)?.refusals ?? 0) + 1 : 0;
    const retry = Math.min(RETRY_MS * 2 ** Math.max(refusals - QUICK_RETRIES, 0), LONGEST_RETRY_MS, this.#interval);
    this.#told.set(authority, { next: at + (isRefused ? retry : this.#interval), refusals });
  }
}
