import { ServerFailure, type ServerFailureReason } from '../network/server-access.ts';

/**
 * Why a file was not transferred. `offline`, `no-route`, `unreachable`: later may help. `no-server`: the network has no
 * file server. `unreadable`: the file to send is none. `too-large`, `refused`: no file server takes it. `gone`: it has expired. `damaged`: what is there is not
 * what the pointer says. `bad-pointer`: the pointer names no file. `given-up`: it failed too often. `stopped`: the caller
 * did.
 */
export type TransferFailure =
  | 'offline'
  | 'no-route'
  | 'unreachable'
  | 'no-server'
  | 'unreadable'
  | 'too-large'
  | 'refused'
  | 'gone'
  | 'damaged'
  | 'bad-pointer'
  | 'given-up'
  | 'stopped';

/** The one error of transfers; never holds a URL, a key or content. */
export class TransferError extends Error {
  readonly reason: TransferFailure;

  constructor(reason: TransferFailure) {
    super(`the file was not transferred: ${reason}`);
    this.name = 'TransferError';
    this.reason = reason;
  }

  /** Is it this machine's own connection that is missing? Then no server is to blame, and nobody counts it. */
  get isOurs(): boolean {
    return this.reason === 'offline' || this.reason === 'no-route';
  }

  /** Is it of no use to try the same again? */
  get isPermanent(): boolean {
    return !RETRYABLE.has(this.reason);
  }
}

const RETRYABLE: ReadonlySet<TransferFailure> = new Set(['offline', 'no-route', 'unreachable', 'refused', 'stopped']);

const BY_SERVER_FAILURE: Readonly<Record<ServerFailureReason, TransferFailure>> = {
  offline: 'offline',
  'no-route': 'no-route',
  unreachable: 'unreachable',
  'too-large': 'too-large',
  'bad-key': 'bad-pointer',
  stopped: 'stopped',
};

/** The same in terms of transfers; other errors stay what they are. */
export function asTransferError(error: unknown): unknown {
  return error instanceof ServerFailure ? new TransferError(BY_SERVER_FAILURE[error.reason]) : error;
}
