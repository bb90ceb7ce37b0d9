/** What kind of foreign input was refused; stable, for callers that tell cases apart. */
export type WireErrorCode =
  | 'encoding'
  | 'bt'
  | 'key'
  | 'mnemonic'
  | 'message'
  | 'content'
  | 'onion'
  | 'rpc'
  | 'node-records'
  | 'zmtp'
  | 'oxenmq'
  | 'attachment'
  | 'ons'
  | 'subaccount'
  | 'push'
  | 'sync';

/**
 * The one error that every parser of foreign bytes in this package throws.
 * `message` is English for developers and never holds key material or message content.
 * `detail`, where the protocol names several error classes, is that class.
 */
export class WireError extends Error {
  readonly code: WireErrorCode;
  readonly detail: string | undefined;

  constructor(code: WireErrorCode, message: string, detail?: string) {
    super(message);
    this.name = 'WireError';
    this.code = code;
    this.detail = detail;
  }
}
