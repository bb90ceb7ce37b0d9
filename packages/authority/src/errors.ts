/** What an authority refuses, or why it cannot start; stable, for callers that tell cases apart. */
export type AuthorityErrorCode =
  /** A node or its descriptor is not admitted; the message says why. */
  | 'refused'
  /** There is too much to do or to keep. */
  | 'busy'
  /** A file of the authority is damaged or cannot be read. */
  | 'storage'
  /** Options that make no sense. */
  | 'options';

/** The error of this package; `message` is English, complete enough to be shown, and holds no secret. */
export class AuthorityError extends Error {
  readonly code: AuthorityErrorCode;

  constructor(code: AuthorityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AuthorityError';
    this.code = code;
  }
}
