/** A reason to stop that the person can act on: one sentence, no stack. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(sentence: string, exitCode = 1, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}

/** Exit code of a command line that makes no sense (an unknown option, a wrong value). */
export const USAGE_EXIT_CODE = 2;
