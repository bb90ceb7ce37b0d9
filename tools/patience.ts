import { vi } from 'vitest';

/** How long a test waits for what must come, ms: nothing is lost by it where all is well, and slow machines need it. */
const PATIENCE_MS = 10_000;

const { waitFor, waitUntil } = vi;

vi.waitFor = (check, options) => waitFor(check, withPatience(options));
vi.waitUntil = (check, options) => waitUntil(check, withPatience(options));

function withPatience(options: Parameters<typeof waitFor>[1]) {
  return typeof options === 'number' ? options : { timeout: PATIENCE_MS, ...options };
}
