import { decodeBt, encodeBt } from '@sotto/wire/bt';
import { concatBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519Verify } from '@sotto/wire/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signDescriptor, verifyDescriptor } from './descriptor.ts';
import { DirectoryError } from './errors.ts';
import { createInvite, inviteBytes, inviteText, verifyInvite } from './invite.ts';
import { networkId } from './network-file.ts';
import { signRoundMessage, verifyRoundMessage, votesDigest } from './round-message.ts';
import { assembleSuccession, encodeSuccession, readSuccession, signSuccession } from './succession.ts';
import { CREATED, sampleKey, sampleNetwork, sampleNodes } from './testing/sample-network.ts';
import { sampleVote } from './testing/sample-vote.ts';
import { signVote, verifyVote } from './vote.ts';

const network = sampleNetwork(2);
const [authority, other] = network.authorities as [(typeof network.authorities)[0], (typeof network.authorities)[0]];
const id = networkId(network.file);
const [node] = sampleNodes(1) as [ReturnType<typeof sampleNodes>[0]];
const nodeKey = sampleKey('node 0');
const random = (size: number) => new Uint8Array(size).fill(9);
const withCode = (code: string) => expect.objectContaining({ name: 'DirectoryError', code });

const descriptor = { networkId: id, node, time: CREATED, invite: createInvite(id, authority, CREATED, random) };
const vote = sampleVote(network, authority, sampleNodes(3), {
  claims: [{ invite: random(16), node: node.ed25519Key }],
  proposal: { dict: random(40), signature: random(64) },
  successions: [random(10)],
});
const message = {
  networkId: id,
  sender: authority.publicKey,
  epoch: 4,
  vote: random(9),
  held: random(32),
  result: null,
};
const succession = { networkId: id, number: 3, authorities: network.file.authorities, threshold: 2 };
const successionDict = encodeSuccession(succession);

const signed: Record<string, { bytes: Uint8Array; read: (bytes: Uint8Array) => unknown }> = {
  descriptor: { bytes: signDescriptor(descriptor, nodeKey), read: verifyDescriptor },
  vote: { bytes: signVote(vote, authority), read: verifyVote },
  'round message': { bytes: signRoundMessage(message, authority), read: verifyRoundMessage },
  invite: { bytes: descriptor.invite, read: (bytes) => verifyInvite(bytes, id, [authority.publicKey]) },
};

describe.each(Object.entries(signed))('a %s', (_name, { bytes, read }) => {
  test('with one changed byte is refused', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
        expect(() => read(bytes.with(at, bytes[at]! ^ difference))).toThrow(DirectoryError);
      }),
    );
  });

  test('that is something else is refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.nat(bytes.length - 1).map((size) => bytes.subarray(0, size)),
        ),
        (input) => {
          expect(() => read(input)).toThrow(DirectoryError);
        },
      ),
    );
  });
});

test('what was signed is read back', () => {
  expect(verifyDescriptor(signed.descriptor!.bytes)).toEqual(descriptor);
  expect(verifyVote(signVote(vote, authority))).toEqual(vote);
  expect(verifyRoundMessage(signed['round message']!.bytes)).toEqual(message);
  const result = { digest: random(32), signature: random(64) };
  const second = { ...message, vote: null, held: null, result };
  expect(verifyRoundMessage(signRoundMessage(second, authority))).toEqual(second);
});

test('the signatures are those of the chapter', () => {
  for (const [name, context, key] of [
    ['descriptor', 'sotto-descriptor-v1', nodeKey],
    ['vote', 'sotto-vote-v1', authority],
    ['round message', 'sotto-round-v1', authority],
  ] as const) {
    const [dict, signature] = decodeBt(signed[name]!.bytes) as [Uint8Array, Uint8Array];
    expect(ed25519Verify(concatBytes(utf8ToBytes(context), blake2b(32, dict)), signature, key.publicKey)).toBe(true);
  }
});

describe('an invite', () => {
  test('travels as text', () => {
    const text = inviteText(descriptor.invite);
    expect(text).toMatch(/^[A-Za-z0-9_-]{122}$/);
    expect(inviteBytes(` ${text}\n`)).toEqual(descriptor.invite);
    for (const wrong of ['', 'hello', text.slice(1), `${text}A`])
      expect(() => inviteBytes(wrong)).toThrow(withCode('invite'));
  });

  test('counts in its own network, signed by one of its authorities', () => {
    const keys = network.authorities.map(({ publicKey }) => publicKey);
    expect(verifyInvite(descriptor.invite, id, keys)).toEqual({ id: random(16), expiry: CREATED });
    expect(() => verifyInvite(descriptor.invite, new Uint8Array(32), keys)).toThrow(withCode('invite'));
    expect(() => verifyInvite(descriptor.invite, id, [other.publicKey])).toThrow(withCode('invite'));
  });
});

describe('a descriptor', () => {
  test.each([
    ['port 0', { httpsPort: 0 }],
    ['a port too large', { omqPort: 65_536 }],
    ['an address that is a name', { ip: 'localhost' }],
  ])('with %s is not made', (_what, change) => {
    expect(() => signDescriptor({ ...descriptor, node: { ...node, ...change } }, nodeKey)).toThrow(DirectoryError);
  });
});

describe('a succession', () => {
  test('has the same bytes whoever makes it', () => {
    expect(encodeSuccession({ ...succession, authorities: succession.authorities.toReversed() })).toEqual(
      successionDict,
    );
    const bytes = assembleSuccession(
      successionDict,
      [other, authority].map((key) => signSuccession(successionDict, key)),
    );
    const read = readSuccession(bytes);
    expect(encodeSuccession(read.succession)).toEqual(successionDict);
    expect(read.signatures).toHaveLength(2);
  });

  test('whatever else it is, is refused as DirectoryError', () => {
    expect(() => encodeSuccession({ ...succession, threshold: 3 })).toThrow(withCode('encoding'));
    expect(() => encodeSuccession({ ...succession, authorities: [] })).toThrow(withCode('encoding'));
    const bytes = assembleSuccession(successionDict, []);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)).map(([at, byte]) => bytes.with(at, byte)),
        ),
        (input) => {
          try {
            readSuccession(input);
          } catch (error) {
            expect(error).toBeInstanceOf(DirectoryError);
          }
        },
      ),
    );
  });
});

test('of a message of a stranger nothing is looked at but who sends it', () => {
  const rest = utf8ToBytes(`1:e${'l'.repeat(60)}${'le'.repeat(1000)}`);
  const dict = concatBytes(utf8ToBytes('d1:a32:'), other.publicKey, rest);
  const bytes = encodeBt([dict, random(64)]);
  const isAuthority = (key: Uint8Array) => Buffer.compare(key, authority.publicKey) === 0;
  expect(() => verifyRoundMessage(bytes, isAuthority)).toThrow(withCode('authority-key'));
  expect(() => verifyRoundMessage(bytes)).toThrow(withCode('signatures'));
  expect(verifyRoundMessage(signed['round message']!.bytes, isAuthority)).toEqual(message);
});

test('a set of votes has one name, whatever their order', () => {
  const [x, y] = [random(3), Uint8Array.of(1)];
  expect(votesDigest([x, y])).toEqual(votesDigest([y, x]));
  expect(votesDigest([x])).not.toEqual(votesDigest([x, y]));
});
