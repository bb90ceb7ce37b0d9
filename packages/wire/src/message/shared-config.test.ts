import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveAccount } from '../account/index.ts';
import { WireError } from '../errors.ts';
import { unwrapSharedConfig, wrapSharedConfig } from './shared-config.ts';

const account = deriveAccount(randomBytes(16));
const data = randomBytes(300);

test('the same config is wrapped into the same bytes, and only its account and kind unwrap them', () => {
  const wrapped = wrapSharedConfig(data, 5n, 2, account);
  expect(wrapSharedConfig(data, 5n, 2, account)).toEqual(wrapped);
  expect(Buffer.from(unwrapSharedConfig(wrapped, 2, account)).equals(data)).toBe(true);
  expect(() => unwrapSharedConfig(wrapped, 3, account)).toThrow(WireError);
  expect(() => unwrapSharedConfig(wrapped, 2, deriveAccount(randomBytes(16)))).toThrow(WireError);
});

test('whatever else is unwrapped gives the config or a WireError', () => {
  const wrapped = wrapSharedConfig(data, 5n, 2, account);
  const damaged = fc
    .tuple(fc.nat({ max: wrapped.length }), fc.nat({ max: 3 }), fc.uint8Array({ maxLength: 3 }))
    .map(([at, dropped, added]) =>
      Uint8Array.from([...wrapped.subarray(0, at), ...added, ...wrapped.subarray(at + dropped)]),
    );
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array()), (input) => {
      try {
        expect(Buffer.from(unwrapSharedConfig(input, 2, account)).equals(data)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
});
