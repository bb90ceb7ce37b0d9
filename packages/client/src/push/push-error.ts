import type { ServerFailureReason } from '../network/server-access.ts';

/**
 * Why a push server did not do what it was asked: it could not be reached (see `ServerFailureReason`), it refused, or it
 * answered nonsense.
 */
export type PushFailureReason = ServerFailureReason | 'refused' | 'malformed';

/** The one error of push subscriptions; never holds a key or an account. */
export class PushError extends Error {
  readonly reason: PushFailureReason;
  /** The server's own number for a refusal (messages §10), or the status of its answer; else `null`. */
  readonly code: number | null;

  constructor(reason: PushFailureReason, code: number | null = null) {
    super(`the push server did not do it: ${reason}${code === null ? '' : ` (${code})`}`);
    this.name = 'PushError';
    this.reason = reason;
    this.code = code;
  }
}
