/** What can go wrong with the host itself; stable, for the command line. */
export type HostErrorCode = 'port-taken' | 'port-forbidden' | 'page-missing' | 'page-build' | 'bad-options';

/** The one error class of the host's public calls besides the engine's own. The message is a sentence for a person. */
export class HostError extends Error {
  readonly code: HostErrorCode;

  constructor(code: HostErrorCode, message: string) {
    super(message);
    this.name = 'HostError';
    this.code = code;
  }
}
