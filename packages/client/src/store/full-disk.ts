import { EngineError } from '../engine.ts';

/** A full disk, a full quota, a file that may not grow. */
const FULL_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The error of the public calls for what the system says about a full disk; every other one as it is. */
export function asDiskFull(error: unknown): unknown {
  const code = String((error as NodeJS.ErrnoException | null)?.code);
  return FULL_CODES.has(code) ? new EngineError('disk-full', 'the disk is full') : error;
}
