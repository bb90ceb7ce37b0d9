import { EngineError } from '../engine.ts';

/** The file of a database cannot be read as one, or not wholly. */
export class DatabaseDamaged extends EngineError {
  constructor(message: string) {
    super('profile-damaged', message);
  }
}

/** Does work with SQLite; its errors become those of this package. */
export function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asEngineError(error);
  }
}

/** For what matters no more, or shows at once afterwards; whoever calls it says why. */
export function ignoreFailure(work: () => void): void {
  try {
    work();
  } catch {
    // See above.
  }
}

function asEngineError(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (error instanceof EngineError || typeof code !== 'string') return error;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return new EngineError('profile-in-use', 'another process uses this profile');
  if (/^SQLITE_FULL/.test(code)) return new EngineError('disk-full', 'the disk is full');
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return new DatabaseDamaged('the database of the profile is damaged');
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY)/.test(code)) {
    return new EngineError('profile-damaged', `the database of the profile cannot be used (${code})`);
  }
  return error;
}
