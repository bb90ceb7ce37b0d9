import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../errors.ts';
import { base64ToBytes } from './base64.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

function readOrNull(text: string): Uint8Array | null {
  try {
    return base64ToBytes(text);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

test('exactly the texts of the standard alphabet are read, with all padding or none', () => {
  const letter = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...'ABCXYZabcxyz0189+/') },
    { weight: 1, arbitrary: fc.constantFrom(...'=-_ \n\0.', '\u0141', '\u00c1', '\u{1f600}', '\ud800') },
  );
  const text = fc.array(letter, { maxLength: 24 }).map((letters) => letters.join(''));
  const padded = fc.tuple(text, fc.constantFrom('', '=', '==', '===')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(text, padded), (candidate) => {
      const bytes = readOrNull(candidate);
      expect(bytes !== null).toBe(BASE64.test(candidate));
      if (bytes) expect(bytes).toEqual(Buffer.from(candidate, 'base64'));
    }),
    { numRuns: 3000 },
  );
});
