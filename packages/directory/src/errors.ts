/** Why a network file, a directory or its source was refused; stable, for callers that tell cases apart. */
export type DirectoryErrorCode =
  /** The network file is too large, not JSON, or breaks a rule that the message names. */
  | 'network-file'
  /** A signed directory that does not parse. */
  | 'encoding'
  /** Signed for another network. */
  | 'wrong-network'
  /** Fewer valid signatures of distinct authorities than the threshold. */
  | 'signatures'
  /** Older than a directory seen before. */
  | 'rollback'
  /** Another directory with the epoch of the accepted one. */
  | 'conflict'
  /** Valid only from a time more than an hour ahead. */
  | 'not-yet-valid'
  /** Ended more than 30 days ago. */
  | 'expired'
  /** Drops more than a third of the nodes within a day without every authority's signature. */
  | 'mass-removal'
  /** Nobody who was asked gave an acceptable directory. */
  | 'fetch'
  /** What was saved cannot be read back or a file cannot be written. */
  | 'storage'
  /** An authority's key file is missing, open to others, damaged, or not of this network. */
  | 'authority-key'
  /** A code that lets a node in which is damaged, of another network, spent or too old. */
  | 'invite'
  /** A server cannot listen where it should. */
  | 'address'
  /** The address of a chain daemon (oxend) that does not parse. */
  | 'oxend-address'
  /** A chain daemon (oxend) gave an answer that cannot be used. */
  | 'oxend';

/** The one error of this package. `message` is English, complete enough to be shown, and holds no secret. */
export class DirectoryError extends Error {
  readonly code: DirectoryErrorCode;

  constructor(code: DirectoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DirectoryError';
    this.code = code;
  }
}
