import { expect, test } from 'vitest';
import { printable } from './output.ts';

test('what others wrote cannot command the terminal', () => {
  expect(printable('a\u001b[31mb\u0007\u009b1m\r')).toBe('a\ufffd[31mb\ufffd\ufffd1m\ufffd');
  expect(printable('tab\tstays, שלום 👩‍👩‍👧')).toBe('tab\tstays, שלום 👩‍👩‍👧');
});
