import type { OxenMqError, OxenMqMessage } from './message.ts';

/** What became of a request; a timeout also stands for one that could not be sent. */
export type RequestResult =
  | { readonly ok: true; readonly data: readonly Uint8Array[] }
  | { readonly ok: false; readonly error: OxenMqError | 'TIMEOUT' };

/** How long a request waits for its reply, in ms, unless its sender says otherwise (node-network §4.2). */
export const REQUEST_TIMEOUT_MS = 15_000;

/**
 * The requests that wait for a reply. They are found by tag alone, whatever connection the reply comes by (§4.3), so
 * one instance serves all connections of a node. Times are ms of any clock.
 */
export class PendingRequests {
  readonly #waiting = new Map<
    string,
    { readonly expiresAt: number; readonly settle: (result: RequestResult) => void }
  >();

  get size(): number {
    return this.#waiting.size;
  }

  /** Waits for the reply with this tag; `settle` is called exactly once. */
  add(tag: Uint8Array, expiresAt: number, settle: (result: RequestResult) => void): void {
    this.#waiting.set(keyOf(tag), { expiresAt, settle });
  }

  /** Settles the request that a reply or refusal answers; one with an unknown tag is ignored. Was one waiting? */
  answer(message: Extract<OxenMqMessage, { kind: 'reply' | 'refusal' }>): boolean {
    const result: RequestResult =
      message.kind === 'reply' ? { ok: true, data: message.data } : { ok: false, error: message.error };
    return this.#settle(keyOf(message.tag), result);
  }

  /** Fails one request as if its time were over, for a message that could not be sent. Was it waiting? */
  fail(tag: Uint8Array): boolean {
    return this.#settle(keyOf(tag), { ok: false, error: 'TIMEOUT' });
  }

  /** Fails all requests whose time is over; to be called every 250 ms or so. */
  expire(now: number): void {
    for (const [key, { expiresAt }] of this.#waiting) {
      if (expiresAt <= now) this.#settle(key, { ok: false, error: 'TIMEOUT' });
    }
  }

  #settle(key: string, result: RequestResult): boolean {
    const request = this.#waiting.get(key);
    if (request === undefined) return false;
    this.#waiting.delete(key);
    request.settle(result);
    return true;
  }
}

function keyOf(tag: Uint8Array): string {
  return Buffer.from(tag.buffer, tag.byteOffset, tag.length).toString('latin1');
}
