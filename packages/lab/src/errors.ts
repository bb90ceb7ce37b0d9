/** Why a network on this machine cannot be started; stable, for callers that tell cases apart. */
export type LabErrorCode =
  /** The folder cannot be written, or what is in it is damaged or another network. */
  | 'folder'
  /** A port that the network needs is taken. */
  | 'port'
  /** A node's process did not start, or ended while it should run. */
  | 'node';

/** The error of this package; `message` is one or two English sentences that say what to do. */
export class LabError extends Error {
  readonly code: LabErrorCode;

  constructor(code: LabErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LabError';
    this.code = code;
  }
}
