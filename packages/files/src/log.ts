import { pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A file server's log: an English sentence and amounts. No address, file id, key or content ever goes into it. */
export interface Log {
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}

/** Facts of a log entry. The keys are an allow-list, so that nothing personal slips in with a spread object. */
interface LogFacts {
  readonly code?: string;
  readonly count?: number;
  readonly bytes?: number;
  readonly port?: number;
}

/** A log of JSON lines, by default to standard error. `write` receives each line, in tests. */
export function createLog(level: LogLevel, write?: (line: string) => void): Log {
  const options = { level, base: null, timestamp: () => `,"time":${Date.now()}` };
  return write ? pino(options, { write }) : pino(options, pino.destination({ dest: 2, sync: true }));
}
