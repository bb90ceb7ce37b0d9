import { afterEach, beforeEach, vi } from 'vitest';

/** What the commands of each test of this file print, instead of printing it. */
export function captureOutput() {
  const printed = {
    out: '',
    err: '',
    /** Forgets what has been printed so far. */
    clear: () => {
      printed.out = '';
      printed.err = '';
    },
  };
  const keep = (stream: 'out' | 'err') => (text: string | Uint8Array) => {
    printed[stream] += text;
    return true;
  };
  beforeEach(() => {
    printed.clear();
    vi.spyOn(process.stdout, 'write').mockImplementation(keep('out'));
    vi.spyOn(process.stderr, 'write').mockImplementation(keep('err'));
  });
  afterEach(() => void vi.restoreAllMocks());
  return printed;
}
