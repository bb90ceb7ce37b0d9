import { expect, test } from 'vitest';
import { randomBytes } from './random.ts';

test('bytes have the size that was asked for, and never come twice', () => {
  const seen = new Set<string>();
  for (let draw = 0; draw < 2000; draw++) {
    const size = 15 + (draw % 60);
    const bytes = randomBytes(size);
    expect(bytes).toHaveLength(size);
    seen.add(Buffer.from(bytes.subarray(0, 15)).toString('hex'));
  }
  expect(seen.size).toBe(2000);
});

test('nobody else has the memory of what was drawn', () => {
  const bytes = randomBytes(24);
  expect(bytes.buffer.byteLength).toBe(24);
});
