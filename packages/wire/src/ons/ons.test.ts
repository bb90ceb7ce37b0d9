import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../errors.ts';
import { openOnsValue, readOnsName, readOnsReply } from './ons.ts';

test.each([
  ['alice', 'alice'],
  [' Bob-Smith ', 'bob-smith'],
  ['_', '_'],
  ['a--b', 'a--b'],
])('"%s" is the name %s', (text, name) => expect(readOnsName(text)).toBe(name));

test.each(['', '-a', 'a-', 'a b', 'ä', 'a.b', 'x'.repeat(256)])('"%s" is no name', (text) =>
  expect(readOnsName(text)).toBeNull(),
);

test('answers are read: a value, an old one, none', () => {
  expect(readOnsReply({ encrypted_value: 'AA', nonce: 'bb', more: 1 })).toEqual({
    encryptedValue: Buffer.from([0xaa]),
    nonce: Buffer.from([0xbb]),
  });
  expect(readOnsReply({ encrypted_value: 'aa' })).toEqual({ encryptedValue: Buffer.from([0xaa]), nonce: null });
  expect(readOnsReply({})).toBeNull();
});

test.each([
  [null],
  [[]],
  ['x'],
  [{ encrypted_value: 1 }],
  [{ encrypted_value: 'zz' }],
  [{ encrypted_value: 'aa', nonce: 1 }],
])('%j is refused', (reply) =>
  expect(() => readOnsReply(reply)).toThrowError(expect.objectContaining({ code: 'ons' })),
);

test('whatever comes, it is read or refused with one error', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string(),
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ maxLength: 30 }),
      fc.json(),
      async (name, encryptedValue, nonce, json) => {
        await expect(openOnsValue(name, { encryptedValue, nonce })).rejects.toBeInstanceOf(WireError);
        try {
          readOnsReply(JSON.parse(json));
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      },
    ),
  );
});
