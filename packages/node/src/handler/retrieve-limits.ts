import type { RetrieveRequest } from '@sotto/wire/rpc';

/** Bytes of messages that one answer holds at most, so that it fits through onions (storage-rpc §8.2). */
const MAX_RETRIEVE_BYTES = 7_800_000;

/** What the largest message takes of an answer; at least one message is always given. */
const LARGEST_MESSAGE_BYTES = 102_543;
const DEFAULT_SHARE = 5;

/** The limits that a request asks for, normalised (storage-rpc §8.2): sizes in bytes, no count means no limit. */
export function retrieveLimits(request: Pick<RetrieveRequest, 'maxCount' | 'maxSize'>): {
  readonly maxCount: number | undefined;
  readonly maxSize: number;
} {
  const maxCount = request.maxCount !== null && request.maxCount > 0 ? request.maxCount : undefined;
  return { maxCount, maxSize: sizeLimit(request.maxSize, maxCount) };
}

function sizeLimit(asked: number | null, maxCount: number | undefined): number {
  if (asked === null || asked === 0) {
    return maxCount === undefined ? MAX_RETRIEVE_BYTES / DEFAULT_SHARE : MAX_RETRIEVE_BYTES;
  }
  return asked < 0 ? Math.floor(MAX_RETRIEVE_BYTES / -asked) : Math.min(asked, MAX_RETRIEVE_BYTES);
}

/**
 * What the retrieves of one batch may take together, in bytes. Each takes at least one message, whatever is left; the
 * reader sees `more` and asks again.
 */
export class RetrieveBudget {
  #left: number;

  constructor(requests: number) {
    this.#left = MAX_RETRIEVE_BYTES - (requests - 1) * LARGEST_MESSAGE_BYTES;
  }

  /** The lesser of a request's own limit and what is left. */
  limit(maxSize: number): number {
    return Math.max(0, Math.min(maxSize, this.#left));
  }

  spend(bytes: number): void {
    this.#left -= bytes;
  }
}
