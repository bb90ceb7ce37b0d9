import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All temporary folders of a run lie in one, so that also those of tests that were ended by force are removed. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-tests-'));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
