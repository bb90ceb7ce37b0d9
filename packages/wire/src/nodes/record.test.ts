import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { ed25519KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { deriveNodeKeys } from './keys.ts';
import { compareNodeRecords, decodeNodeRecords, encodeNodeRecords, type NodeRecord, nodeX25519Key } from './record.ts';

const port = fc.nat(0xffff);
const record: fc.Arbitrary<NodeRecord> = fc.record({
  ed25519Key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  swarmId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  ip: fc.ipV4(),
  httpsPort: port,
  omqPort: port,
  version: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
});

const sample: NodeRecord = {
  ed25519Key: new Uint8Array(32).fill(0xab),
  swarmId: 0x0102030405060708n,
  ip: '203.0.113.7',
  httpsPort: 22021,
  omqPort: 22020,
  version: [2, 11, 3],
};

test('a record has the layout of the chapter', () => {
  expect(bytesToHex(encodeNodeRecords([sample]))).toBe(`${'ab'.repeat(32)}0102030405060708cb00710756055604020b03`);
});

test('what was encoded is decoded', () => {
  fc.assert(
    fc.property(fc.array(record), (records) => {
      expect(decodeNodeRecords(encodeNodeRecords(records))).toEqual(records);
    }),
  );
});

test('any bytes of a whole number of records are read and written back the same; others are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 160 }), (bytes) => {
      if (bytes.length % 51 === 0) expect(encodeNodeRecords(decodeNodeRecords(bytes))).toEqual(bytes);
      else expect(() => decodeNodeRecords(bytes)).toThrow(WireError);
    }),
  );
});

test('large version parts are capped', () => {
  const [read] = decodeNodeRecords(encodeNodeRecords([{ ...sample, version: [2, 256, 100_000] }]));
  expect(read!.version).toEqual([2, 255, 255]);
});

test.each<Partial<NodeRecord>>([
  { ed25519Key: new Uint8Array(31) },
  { swarmId: 2n ** 64n },
  { ip: '1.2.3' },
  { ip: '1.2.3.256' },
  { ip: '::1' },
  { ip: '01.2.3.4' },
  { httpsPort: 65_536 },
  { omqPort: -1 },
])('a record that cannot be written is refused: %o', (wrong) => {
  expect(() => encodeNodeRecords([{ ...sample, ...wrong }])).toThrow(WireError);
});

test('the list is ordered by swarm, then by key', () => {
  const key = (first: number) => Uint8Array.of(first, ...new Uint8Array(31));
  const a = { ...sample, swarmId: 1n, ed25519Key: key(9) };
  const b = { ...sample, swarmId: 2n, ed25519Key: key(1) };
  const c = { ...sample, swarmId: 2n, ed25519Key: key(200) };
  expect([c, b, a].sort(compareNodeRecords)).toEqual([a, b, c]);
});

test('the X25519 key is the one that the node derives from its seed; none for a key that is no point', () => {
  const seed = hexToBytes('01'.repeat(32));
  const ed25519Key = ed25519KeyPair(seed).publicKey;
  expect(nodeX25519Key({ ...sample, ed25519Key })).toEqual(deriveNodeKeys(seed).x25519.publicKey);
  expect(nodeX25519Key({ ...sample, ed25519Key: Uint8Array.of(2, ...new Uint8Array(31)) })).toBeNull();
});

test('the order goes by legacy key, which is the Ed25519 key unless the list says otherwise', () => {
  const low = { ...sample, ed25519Key: new Uint8Array(32).fill(1) };
  const high = { ...sample, ed25519Key: new Uint8Array(32).fill(9) };
  expect(compareNodeRecords(low, high)).toBeLessThan(0);
  const renamed = { ...low, legacyKey: new Uint8Array(32).fill(10) };
  expect(compareNodeRecords(renamed, high)).toBeGreaterThan(0);
});

test('a key that the list tells is not converted', () => {
  const x25519Key = new Uint8Array(32).fill(4);
  expect(nodeX25519Key({ ...sample, x25519Key })).toBe(x25519Key);
});
