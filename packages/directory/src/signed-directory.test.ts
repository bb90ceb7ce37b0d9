import { type BtInput, decodeBt, encodeBt } from '@sotto/wire/bt';
import { concatBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519Verify } from '@sotto/wire/crypto';
import { encodeNodeRecords } from '@sotto/wire/nodes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DirectoryError } from './errors.ts';
import { networkId } from './network-file.ts';
import { decodeSignedDirectory, isSignatureValid, MAXIMUM_DIRECTORY_BYTES, signDirectory } from './signed-directory.ts';
import { CREATED, sampleDirectory, sampleKey, sampleNetwork, sampleNodes } from './testing/sample-network.ts';

const network = sampleNetwork(2);
const directory = sampleDirectory(network, sampleNodes(5), { epoch: 7 });
const bytes = signDirectory(directory, network.authorities);

/** What the format says a directory's dict is, written down once more. */
function dictOf(change: Record<string, BtInput | undefined> = {}): Record<string, BtInput | undefined> {
  const { swarmMin, swarmIdeal, swarmMargin, relays, join, oneSite } = directory.parameters;
  return {
    '#': networkId(network.file),
    e: 7,
    f: CREATED,
    n: encodeNodeRecords(directory.nodes),
    p: { swarmMin, swarmIdeal, swarmMargin, relays, join, oneSite },
    u: CREATED + 604_800_000,
    ...change,
  };
}

const wrap = (dict: Record<string, BtInput | undefined>, signatures: BtInput = []) =>
  encodeBt([encodeBt(dict), signatures]);

test('reading what was signed gives the same directory', () => {
  const signed = decodeSignedDirectory(bytes);
  expect(signed.directory).toEqual(directory);
  expect(signed.signatures.map((signature) => isSignatureValid(signed.digest, signature))).toEqual([true, true]);
  expect(signed.successions).toEqual([]);
  const later = signDirectory(directory, [], [Uint8Array.of(1), Uint8Array.of(2)]);
  expect(decodeSignedDirectory(later)).toMatchObject({ directory, successions: [Uint8Array.of(1), Uint8Array.of(2)] });
});

test('the bytes are those of the format', () => {
  const [dict, signatures] = decodeBt(bytes) as [Uint8Array, [Uint8Array, Uint8Array][]];
  expect(dict).toEqual(encodeBt(dictOf()));
  expect(signatures.map(([key]) => key)).toEqual(
    network.authorities.map(({ publicKey }) => publicKey).sort(Buffer.compare),
  );
  for (const [key, signature] of signatures) {
    const message = concatBytes(utf8ToBytes('sotto-directory-v1'), blake2b(32, dict));
    expect(ed25519Verify(message, signature, key)).toBe(true);
  }
});

test('nodes may come in any order', () => {
  expect(signDirectory({ ...directory, nodes: directory.nodes.toReversed() }, network.authorities)).toEqual(bytes);
});

test('keys that it does not know are read over', () => {
  expect(decodeSignedDirectory(wrap(dictOf({ x: 1 }))).directory).toEqual(directory);
  const p = { ...directory.parameters, later: 5 };
  expect(decodeSignedDirectory(wrap(dictOf({ p }))).directory).toEqual(directory);
});

describe('what does not parse', () => {
  const pair = (key: string) => [sampleKey(key).publicKey, new Uint8Array(64)];
  const sortedPairs = [pair('a'), pair('b')].sort((a, b) => Buffer.compare(a[0]!, b[0]!));
  const twice = encodeNodeRecords([directory.nodes[0]!, directory.nodes[0]!]);

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['no list', encodeBt({})],
    ['four parts', encodeBt([encodeBt(dictOf()), [], [new Uint8Array()], 1])],
    ['a dict that is not in a string', encodeBt([dictOf(), []])],
    ['a short network id', wrap(dictOf({ '#': new Uint8Array(31) }))],
    ['no epoch', wrap(dictOf({ e: undefined }))],
    ['a negative epoch', wrap(dictOf({ e: -1 }))],
    ['an epoch that no number holds', wrap(dictOf({ e: 2n ** 53n }))],
    ['an end that is not after the start', wrap(dictOf({ u: CREATED }))],
    ['half a node', wrap(dictOf({ n: new Uint8Array(50) }))],
    ['a node twice', wrap(dictOf({ n: twice }))],
    ['unsorted nodes', wrap(dictOf({ n: encodeNodeRecords(directory.nodes.toReversed()) }))],
    ['too many nodes', wrap(dictOf({ n: new Uint8Array(51 * 10_001) }))],
    ['parameters that are no dict', wrap(dictOf({ p: [] }))],
    ['a parameter of another type', wrap(dictOf({ p: { ...directory.parameters, relays: 'three' } }))],
    ['a parameter out of range', wrap(dictOf({ p: { ...directory.parameters, oneSite: 2 } }))],
    ['no successions where there should be some', encodeBt([encodeBt(dictOf()), [], []])],
    ['successions that are no strings', encodeBt([encodeBt(dictOf()), [], [1]])],
    ['a signature too short', wrap(dictOf(), [[sampleKey('a').publicKey, new Uint8Array(63)]])],
    ['a signature of three', wrap(dictOf(), [[...sortedPairs[0]!, 1]])],
    ['one authority twice', wrap(dictOf(), [pair('a'), pair('a')])],
    ['unsorted signatures', wrap(dictOf(), sortedPairs.toReversed())],
    ['a number with a zero before it', Buffer.concat([Buffer.from('l0'), bytes.subarray(1)])],
    ['a byte after the end', Buffer.concat([bytes, Buffer.from('e')])],
    ['too many bytes', encodeBt([new Uint8Array(MAXIMUM_DIRECTORY_BYTES), []])],
  ])('%s', (_what, wrong) => {
    expect(() => decodeSignedDirectory(wrong)).toThrow(expect.objectContaining({ code: 'encoding' }));
  });

  test('is refused as DirectoryError, whatever it is', () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255) }).map(({ at, byte }) => bytes.with(at, byte)),
      fc.nat(bytes.length).map((size) => bytes.subarray(0, size)),
      fc
        .dictionary(
          fc.constantFrom('#', 'e', 'f', 'n', 'p', 'u'),
          fc.oneof(fc.integer(), fc.string(), fc.array(fc.string())),
        )
        .map((change) => wrap(dictOf(change))),
    );
    fc.assert(
      fc.property(anything, (input) => {
        try {
          const { directory: read } = decodeSignedDirectory(input);
          expect(decodeSignedDirectory(signDirectory(read, [])).directory).toEqual(read);
        } catch (error) {
          expect(error).toBeInstanceOf(DirectoryError);
        }
      }),
    );
  });
});

test('a directory that nobody could read is not signed', () => {
  const node = { ...directory.nodes[0]!, ip: 'localhost' };
  for (const wrong of [
    { ...directory, nodes: [node] },
    { ...directory, validUntil: 0 },
    { ...directory, epoch: -1 },
  ]) {
    expect(() => signDirectory(wrong, network.authorities)).toThrow(DirectoryError);
  }
});
