/** What was refused; stable, for callers that tell cases apart. */
export type ConfigErrorCode =
  /** Bytes of a config message, or of a part of one, that break a rule of the chapter. */
  | 'message'
  /** A value that a field does not take; nothing was changed. */
  | 'value'
  /** The text of a community's address; `message` says what is wrong with it. */
  | 'community'
  /** The config has grown beyond what can be sent. */
  | 'too-large'
  /** This holder may only read the config. */
  | 'read-only'
  /** A stored state that this version cannot read. */
  | 'dump';

/** The one error of this package. `message` is English for developers and never holds keys or what a config says. */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string) {
    super(message);
    this.name = 'ConfigError';
    this.code = code;
  }
}
