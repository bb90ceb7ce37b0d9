import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveAccount } from '../account/index.ts';
import type { Random } from '../bytes/index.ts';
import { EnvelopeSchema, WebSocketMessageSchema } from '../content/generated/envelope_pb.ts';
import { decodeStrictly, encodeStrictly } from '../content/strict-protobuf.ts';
import { sodium } from '../crypto/sodium.ts';
import { WireError } from '../errors.ts';
import { decryptFromSender, encryptForRecipient } from './encryption.ts';
import { openMessage, sealMessage } from './index.ts';

const alice = deriveAccount(new Uint8Array(16).fill(1));
const bob = deriveAccount(new Uint8Array(16).fill(2));
const carol = deriveAccount(new Uint8Array(16).fill(3));
const SENT_AT = 1_767_225_600_123;

/** Reproducible randomness for these tests. */
function randomFrom(seed: number): Random {
  let counter = 0;
  return (size) => {
    const bytes = createHash('shake256', { outputLength: size }).update(`${seed}/${counter++}`).digest();
    return new Uint8Array(bytes);
  };
}

function sealed(content: Uint8Array, seed = 0): Uint8Array {
  return sealMessage({
    content,
    timestamp: SENT_AT,
    sender: alice,
    recipient: bob.accountId,
    random: randomFrom(seed),
  });
}

const contents = fc.uint8Array({ maxLength: 2000 });

test('what one account seals the other opens', () => {
  fc.assert(
    fc.property(contents, fc.nat({ max: 2 ** 42 }), fc.nat(), (content, timestamp, seed) => {
      const data = sealMessage({
        content,
        timestamp,
        sender: alice,
        recipient: bob.accountId,
        random: randomFrom(seed),
      });
      expect(openMessage(data, bob)).toEqual({
        kind: 'message',
        content,
        sender: alice.accountId,
        senderEd25519Key: alice.ed25519.publicKey,
        timestamp,
      });
    }),
  );
});

test('a copy to our own account opens', () => {
  const content = Buffer.from('note');
  const data = sealMessage({
    content,
    timestamp: SENT_AT,
    sender: alice,
    recipient: alice.accountId,
    random: randomFrom(0),
  });
  expect(openMessage(data, alice)).toMatchObject({ content: new Uint8Array(content), sender: alice.accountId });
});

test('only the recipient can open a message', () => {
  expect(() => openMessage(sealed(Buffer.from('hi')), carol)).toThrow(WireError);
  expect(() => openMessage(sealed(Buffer.from('hi')), alice)).toThrow(WireError);
});

test('any flipped bit of the ciphertext is noticed', () => {
  const ciphertext = encryptForRecipient(Buffer.alloc(160, 1), alice.ed25519, bob.x25519.publicKey, randomFrom(1));
  fc.assert(
    fc.property(fc.nat({ max: ciphertext.length * 8 - 1 }), (bit) => {
      const changed = new Uint8Array(ciphertext);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      // The highest bit of an X25519 key has no meaning to the key exchange, but the nonce covers it.
      expect(() => decryptFromSender(changed, bob.x25519)).toThrow(WireError);
    }),
    { numRuns: 500 },
  );
});

test('no flipped bit of a stored message changes what it says or who wrote it', () => {
  const content = Buffer.from('0a030a01616869', 'hex');
  const data = sealed(content);
  let refused = 0;
  for (let bit = 0; bit < data.length * 8; bit++) {
    const changed = new Uint8Array(data);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    try {
      const opened = openMessage(changed, bob);
      if (opened.kind === 'unsupported-version') expect(changed[0]).toBe(0);
      else expect(opened).toMatchObject({ content: new Uint8Array(content), sender: alice.accountId });
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(304 * 8);
});

test('random and cut bytes are refused with the one error', () => {
  const data = sealed(Buffer.from('hello'));
  const cut = fc.nat({ max: data.length - 1 }).map((length) => data.subarray(0, length));
  const spliced = fc
    .tuple(fc.nat({ max: data.length }), fc.uint8Array({ minLength: 1, maxLength: 20 }))
    .map(([at, bytes]) => Buffer.concat([data.subarray(0, at), bytes, data.subarray(at)]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), cut, spliced), (bytes) => {
      try {
        openMessage(bytes, bob);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        expect((error as WireError).code).toBe('message');
      }
    }),
    { numRuns: 500 },
  );
});

test('a first byte of 00 marks another version of the format', () => {
  expect(openMessage(Uint8Array.of(0x00), bob)).toEqual({ kind: 'unsupported-version' });
  expect(openMessage(Uint8Array.of(0x00, 0x02, 0xff), bob)).toEqual({ kind: 'unsupported-version' });
  expect(() => openMessage(new Uint8Array(0), bob)).toThrow(WireError);
});

test('a timestamp that no clock shows is refused', () => {
  const wrapping = decodeStrictly(WebSocketMessageSchema, sealed(Buffer.from('hi')), 'message');
  const envelope = decodeStrictly(EnvelopeSchema, wrapping.request!.body, 'message');
  const withTimestamp = (timestamp: bigint) => {
    envelope.timestamp = timestamp;
    wrapping.request!.body = encodeStrictly(EnvelopeSchema, envelope, 'message');
    return encodeStrictly(WebSocketMessageSchema, wrapping, 'message');
  };
  expect(openMessage(withTimestamp(2n ** 53n - 1n), bob)).toMatchObject({ timestamp: Number.MAX_SAFE_INTEGER });
  for (const timestamp of [2n ** 53n, 2n ** 64n - 1n]) {
    expect(() => openMessage(withTimestamp(timestamp), bob)).toThrow(WireError);
  }
});

test('every message carries 64 bytes that could be a signature, and never the same', () => {
  const proSigOf = (data: Uint8Array) => data.slice(data.length - 66, data.length - 2);
  const [first, second] = [proSigOf(sealed(Buffer.from('a'), 1)), proSigOf(sealed(Buffer.from('a'), 2))];
  expect(first).not.toEqual(second);
  for (const proSig of [first, second]) {
    // A point of the main subgroup, which the conversion to X25519 checks, and a scalar below the group's order.
    sodium.crypto_sign_ed25519_pk_to_curve25519(new Uint8Array(32), proSig.subarray(0, 32));
    const reduced = new Uint8Array(32);
    const wide = new Uint8Array(64);
    wide.set(proSig.subarray(32));
    sodium.crypto_core_ed25519_scalar_reduce(reduced, wide);
    expect(reduced).toEqual(proSig.slice(32));
  }
});

test('contents of up to 158 bytes give stored messages of one size', () => {
  const sizes = new Set([0, 1, 100, 158].map((length) => sealed(Buffer.alloc(length, 1)).length));
  expect([...sizes]).toEqual([398]);
  expect(sealed(Buffer.alloc(159, 1)).length).toBeGreaterThan(398);
});

test('the caller keeps its content and keys; the random bytes that became secrets are wiped', () => {
  const content = Buffer.from('keep me');
  const given: Uint8Array[] = [];
  const random = randomFrom(7);
  sealMessage({
    content,
    timestamp: SENT_AT,
    sender: alice,
    recipient: bob.accountId,
    random: (size) => {
      const bytes = random(size);
      given.push(bytes);
      return bytes;
    },
  });
  expect(content.toString()).toBe('keep me');
  expect(alice.ed25519).toEqual(deriveAccount(new Uint8Array(16).fill(1)).ed25519);
  expect(given.map((bytes) => bytes.length)).toEqual([32, 64, 64]);
  for (const bytes of given) expect(bytes.every((byte) => byte === 0)).toBe(true);
});

test('what cannot be a message is refused when sealing', () => {
  const good = {
    content: new Uint8Array(1),
    timestamp: SENT_AT,
    sender: alice,
    recipient: bob.accountId,
    random: randomFrom(0),
  };
  const codeOf = (change: Partial<typeof good>) => {
    try {
      sealMessage({ ...good, ...change });
      return undefined;
    } catch (error) {
      return error instanceof WireError ? error.code : error;
    }
  };
  expect(codeOf({})).toBeUndefined();
  for (const recipient of ['', 'bob', `03${bob.accountId.slice(2)}`, bob.accountId.toUpperCase().replace('05', '15')]) {
    expect(codeOf({ recipient })).toBe('key');
  }
  expect(codeOf({ recipient: `05${'00'.repeat(32)}` })).toBe('key');
  for (const timestamp of [-1, 1.5, Number.NaN, 2 ** 53]) expect(codeOf({ timestamp })).toBe('message');
  expect(codeOf({ content: new Uint8Array(76_400) })).toBeUndefined();
  expect(codeOf({ content: new Uint8Array(76_700) })).toBe('message');
  expect(codeOf({ content: new Uint8Array(10_000_000) })).toBe('message');
});
