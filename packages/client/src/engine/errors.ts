/** What went wrong with a call of the engine, for callers; never holds a secret. */
export type EngineErrorCode =
  | 'bad-account-id'
  | 'bad-name'
  | 'bad-phrase'
  | 'bad-network'
  | 'bad-picture'
  | 'bad-link'
  | 'bad-backup'
  | 'bad-setting'
  | 'empty'
  | 'too-long'
  /** A file is above the limit, or there are too many. */
  | 'too-large'
  /** Reactions: 20 within a minute (messages §5.4). */
  | 'too-many'
  | 'not-found'
  /** This cannot be done with that message or conversation, such as editing what somebody else wrote. */
  | 'not-allowed'
  | 'network-unreachable'
  | 'no-names'
  | 'locked'
  | 'wrong-passphrase'
  | 'profile-missing'
  | 'profile-exists'
  | 'profile-in-use'
  | 'profile-damaged'
  /** Nothing was changed; the call may be repeated when there is room. */
  | 'disk-full'
  | 'closed';

/** The one error class of this package's public calls. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string) {
    super(message);
    this.name = 'EngineError';
    this.code = code;
  }
}
