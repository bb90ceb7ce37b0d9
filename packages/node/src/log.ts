import { pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * A node's log. Entries are an English sentence and facts about nodes and amounts; accounts, addresses of clients,
 * hashes and contents never go into it.
 */
export interface Log {
  debug(facts: LogFacts, message: string): void;
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}

/** Facts of a log entry. The keys are an allow-list, so that nothing personal slips in with a spread object. */
interface LogFacts {
  /** Another node's Ed25519 key, hex. */
  readonly node?: string;
  readonly command?: string;
  readonly status?: number;
  readonly code?: string;
  readonly count?: number;
  readonly epoch?: number;
  readonly swarm?: string;
  readonly port?: number;
  readonly milliseconds?: number;
}

/** A log of JSON lines, by default to standard error. `write` receives each line, in tests. */
export function createLog(level: LogLevel, write?: (line: string) => void): Log {
  const options = { level, base: null, timestamp: () => `,"time":${Date.now()}` };
  if (write) return pino(options, { write });
  const destination = pino.destination({ dest: 2, sync: true });
  // A full disk or a reader that is gone costs lines of the log, not the node.
  destination.on('error', () => {});
  return pino(options, destination);
}
