import type { V4Reply, V4Request } from '@sotto/wire/onion';
import type { HttpLimits } from './transport.ts';

/** Where a server is and who it is. */
export interface ServerPlace {
  /** Origin, `http://host` or with a port, or with https. */
  readonly url: string;
  /** Public key, 64 lower-case hex digits. */
  readonly key: string;
  /** Absent: Ed25519. */
  readonly keyKind?: 'x25519';
}

/**
 * Why a server gave no answer: this machine has no network; no private route stands or carries anything; routes stand,
 * but the server cannot be reached through them; the request is larger than an onion; its key is none; the caller stopped.
 */
export type ServerFailureReason = 'offline' | 'no-route' | 'unreachable' | 'too-large' | 'bad-key' | 'stopped';

/** A request to a server was not answered; it may have been carried out all the same. */
export class ServerFailure extends Error {
  readonly reason: ServerFailureReason;

  constructor(reason: ServerFailureReason) {
    super(`the server did not answer: ${reason}`);
    this.name = 'ServerFailure';
    this.reason = reason;
  }
}

/** Asks servers outside the node network through private routes (onion-requests §1.8). */
export interface ServerAccess {
  /**
   * One request; gives the server's own, authentic answer, whatever its status. Tried on up to three routes, so it must
   * be one that may arrive twice. @throws ServerFailure
   */
  askServer(server: ServerPlace, request: V4Request, limits: HttpLimits): Promise<V4Reply>;
}
