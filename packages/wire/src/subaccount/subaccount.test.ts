import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesToHex } from '../bytes/index.ts';
import { ed25519KeyPair, ed25519PublicToX25519, ed25519Verify } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import {
  ANY_PREFIX,
  DELETE,
  isSigningValueValid,
  makeMemberAccess,
  READ,
  signAsMember,
  tokenAllows,
  tokenFlags,
  tokenKey,
  WRITE,
} from './index.ts';
import { edwardsOfMontgomery, multiplyScalars } from './scalar.ts';

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const flags = fc.integer({ min: 0, max: 15 });
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Keys of a person and their account id. */
function personOf(secret: Uint8Array) {
  const keys = ed25519KeyPair(secret);
  return { keys, sessionId: `05${bytesToHex(ed25519PublicToX25519(keys.publicKey)!)}` };
}

test('what a member signs verifies with the key of the token that the group signed', () => {
  fc.assert(
    fc.property(seed, seed, flags, fc.uint8Array(), (groupSeed, memberSeed, rights, message) => {
      const { keys, sessionId } = personOf(memberSeed);
      const group = ed25519KeyPair(groupSeed);
      const access = makeMemberAccess(groupSeed, sessionId, rights);
      const proof = signAsMember(keys, access.signingValue, message);
      expect(bytesToHex(proof.token)).toBe(bytesToHex(access.token));
      expect(tokenFlags(proof.token)).toBe(rights);
      expect(ed25519Verify(proof.token, proof.tokenSignature, group.publicKey)).toBe(true);
      expect(ed25519Verify(message, proof.signature, tokenKey(proof.token))).toBe(true);
      const groupId = `03${bytesToHex(group.publicKey)}`;
      expect(isSigningValueValid(groupId, keys, access.signingValue, 0)).toBe((rights & READ) !== 0);
    }),
    { numRuns: 50 },
  );
});

test('a signing value with any byte changed is not valid', () => {
  const { keys, sessionId } = personOf(new Uint8Array(32).fill(1));
  const groupSeed = new Uint8Array(32).fill(2);
  const groupId = `03${bytesToHex(ed25519KeyPair(groupSeed).publicKey)}`;
  const { signingValue } = makeMemberAccess(groupSeed, sessionId, READ | WRITE | DELETE | ANY_PREFIX);
  fc.assert(
    fc.property(fc.nat(99), fc.integer({ min: 1, max: 255 }), (position, change) => {
      const changed = signingValue.slice();
      changed[position]! ^= change;
      expect(isSigningValueValid(groupId, keys, changed, 0)).toBe(false);
    }),
  );
  expect(isSigningValueValid('03', keys, signingValue, 0)).toBe(false);
});

test('arbitrary bytes are no signing value', () => {
  const { keys } = personOf(new Uint8Array(32).fill(1));
  const groupId = `03${'1'.repeat(64)}`;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      expect(isSigningValueValid(groupId, keys, bytes, 0)).toBe(false);
      if (bytes.length !== 100) expect(() => signAsMember(keys, bytes, bytes)).toThrow(WireError);
    }),
  );
});

test('only a Session ID whose key lies on the curve can be a member', () => {
  const groupSeed = new Uint8Array(32);
  for (const id of ['', `03${'1'.repeat(64)}`, `05${'0'.repeat(64)}`, `05${'f'.repeat(64)}`]) {
    expect(() => makeMemberAccess(groupSeed, id, READ)).toThrow(WireError);
  }
});

test('a token allows what its flags say, for its prefix or any', () => {
  const token = (rights: number) => Uint8Array.of(3, rights, ...new Uint8Array(34));
  expect(tokenAllows(token(READ | WRITE), 3, WRITE)).toBe(true);
  expect(tokenAllows(token(READ | WRITE), 3, WRITE | DELETE)).toBe(false);
  expect(tokenAllows(token(READ), 5, READ)).toBe(false);
  expect(tokenAllows(token(READ | ANY_PREFIX), 5, READ)).toBe(true);
  expect(tokenAllows(token(READ | 0xf0), 3, READ)).toBe(true);
});

test('scalars multiply modulo the order of the group', () => {
  fc.assert(
    fc.property(seed, seed, (a, b) => {
      expect(numberOf(multiplyScalars(a, b))).toBe((numberOf(a) * numberOf(b)) % ORDER);
    }),
  );
});

test('the Edwards point of an X25519 key converts back to it', () => {
  fc.assert(
    fc.property(seed, (secret) => {
      const x25519Key = ed25519PublicToX25519(ed25519KeyPair(secret).publicKey)!;
      const point = edwardsOfMontgomery(x25519Key);
      expect(point[31]! & 0x80).toBe(0);
      expect(bytesToHex(ed25519PublicToX25519(point)!)).toBe(bytesToHex(x25519Key));
    }),
  );
});

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes.slice().reverse())}`);
}
