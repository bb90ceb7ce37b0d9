import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError } from './errors.ts';
import { decodeMessage, LAG } from './message/index.ts';
import { ConfigObject, type ConfigOptions, type Dump, decodeDump, encodeDump } from './object/index.ts';
import { decompress } from './pack/compress.ts';
import { readPart, splitIntoParts, wholeHash } from './pack/multipart.ts';
import { seal } from './pack/seal.ts';
import { dicts } from './testing/arbitraries.ts';
import { PLAIN } from './testing/swarm.ts';
import { accountOf } from './testing/vector-devices.ts';
import { parseCommunityUrl } from './types/community.ts';
import { contacts } from './types/contacts.ts';
import { convoInfoVolatile } from './types/convo-info-volatile.ts';
import { accessors } from './types/describe.ts';
import { local } from './types/local.ts';
import { userGroups } from './types/user-groups.ts';
import { userProfile } from './types/user-profile.ts';
import { userConfigOptions } from './user-config.ts';
import { setIn } from './values/index.ts';

/** A message of two revisions, so that every part of the format is there. */
function someMessage(options: ConfigOptions = PLAIN): ConfigObject {
  const config = new ConfigObject(options);
  config.edit((data) => setIn(setIn(data, ['a', 'b'], 5n), ['c'], Buffer.from('text')));
  config.push(0);
  config.confirm(1n, ['x']);
  config.edit((data) => setIn(data, ['a', 'd'], 6n));
  return config;
}

/** Bytes with a few of them changed, cut or repeated. */
function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat({ max: bytes.length });
  return fc
    .tuple(place, fc.nat({ max: 4 }), fc.uint8Array({ maxLength: 4 }))
    .map(([at, dropped, added]) =>
      Uint8Array.from([...bytes.subarray(0, at), ...added, ...bytes.subarray(at + dropped)]),
    );
}

function onlyRefuses(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
  }
}

test('damaged bytes are read or refused with the error of this package', () => {
  const config = someMessage();
  const { bytes } = config.message;
  const dump = encodeDump(config.snapshot());
  const part = splitIntoParts(bytes, wholeHash(bytes), 60)[0]!;
  fc.assert(
    fc.property(damaged(bytes), (input) => onlyRefuses(() => decodeMessage(input, LAG))),
    { numRuns: 500 },
  );
  const reads = (damage: Partial<Dump>) =>
    onlyRefuses(() => new ConfigObject(PLAIN, decodeDump({ ...dump, ...damage })));
  fc.assert(fc.property(damaged(dump.state), (state) => reads({ state })));
  fc.assert(fc.property(damaged(dump.message), (message) => reads({ message })));
  fc.assert(fc.property(damaged(part), (input) => onlyRefuses(() => readPart(input))));
  fc.assert(fc.property(fc.uint8Array(), (input) => onlyRefuses(() => decompress(Uint8Array.from([0x7a, ...input])))));
});

test('a stored message of any bytes, sealed or not, never throws and changes nothing unless it is accepted', () => {
  const wrapped = userConfigOptions(userProfile, accountOf('11'.repeat(32)));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), fc.boolean(), (bytes, sealed, ofAccount) => {
      const config = someMessage(ofAccount ? wrapped : PLAIN);
      const before = config.message.hash;
      const { packing } = ofAccount ? wrapped : PLAIN;
      const data = sealed ? seal(bytes, packing.keys[0]!, packing.domain) : bytes;
      expect(config.merge([{ hash: 'h', data }], 0).accepted.size).toBe(0);
      expect(config.message.hash).toBe(before);
    }),
  );
});

test('a stored message that was damaged anywhere is not accepted', () => {
  const options = userConfigOptions(userProfile, accountOf('11'.repeat(32)));
  const sender = someMessage(options);
  const [stored] = sender.push(0).messages;
  fc.assert(
    fc.property(damaged(stored!), (data) => {
      fc.pre(!Buffer.from(data).equals(stored!));
      const reader = new ConfigObject(options);
      const { accepted } = reader.merge([{ hash: 'h', data }], 0);
      // What the wrapping does not protect may change; the config itself may not.
      if (accepted.size > 0) expect(reader.message.bytes).toEqual(sender.message.bytes);
      else expect(reader.seqno).toBe(0n);
    }),
  );
});

test('an address of a community is read or refused, and what is read is read again', () => {
  const key = 'ab'.repeat(32);
  const texts = fc.oneof(
    fc.string(),
    fc.string().map((room) => `https://example.org/r/${room}?public_key=${key}`),
    fc.domain().map((host) => `http://${host}:8080/room?public_key=${key}`),
  );
  fc.assert(
    fc.property(texts, (text) => {
      onlyRefuses(() => {
        const { baseUrl, room, publicKey } = parseCommunityUrl(text);
        expect(parseCommunityUrl(`${baseUrl}/${room}?public_key=${Buffer.from(publicKey).toString('hex')}`)).toEqual({
          baseUrl,
          room,
          publicKey,
        });
      });
    }),
  );
});

test('accessors read any data without throwing, whatever its kinds', () => {
  const names = ['n', 'p', 'q', '+', 'e', 'M', 'f', 'E', '1', 'o', 'g', 'C', 'b', 'c', '#', 'R', 'settings'];
  fc.assert(
    fc.property(
      dicts,
      fc.array(fc.constantFrom(...names, 'x'.repeat(33), '\u0005'.repeat(33)), { minLength: 1, maxLength: 4 }),
      (data, path) => {
        const editable = { data: setIn(data, path, data.values[0] ?? 1n), edit: () => false };
        const clock = (): number => 1_790_000_000_000;
        accessors(userProfile, editable, clock).profile.get();
        accessors(local, editable, clock).local.get();
        const lists = [
          accessors(contacts, editable, clock),
          accessors(convoInfoVolatile, editable, clock),
          accessors(userGroups, editable, clock),
        ];
        for (const sections of lists) for (const section of Object.values(sections)) section.list();
        convoInfoVolatile.prune(editable.data, clock());
      },
    ),
  );
});
