import { concatBytes } from '@sotto/wire/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../testing/seeded-random.ts';
import { cutIntoPieces } from './pieces.ts';

const random = seededRandom('pieces');
const LARGE = random(300_000);

const names = (bytes: Uint8Array) => cutIntoPieces(bytes).map(({ name }) => Buffer.from(name).toString('hex'));

test('pieces put together are the bytes, whatever they are', () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.tuple(fc.nat({ max: LARGE.length }), fc.nat({ max: LARGE.length })).map(([a, b]) => LARGE.subarray(a, b)),
    fc.nat({ max: 200_000 }).map((size) => new Uint8Array(size)),
  );
  fc.assert(
    fc.property(content, (bytes) => {
      const pieces = cutIntoPieces(bytes);
      expect(Buffer.compare(concatBytes(...pieces.map((piece) => piece.bytes)), bytes)).toBe(0);
      for (const piece of pieces) expect(piece.bytes.length).toBeLessThanOrEqual(65_536);
    }),
    { numRuns: 50 },
  );
});

test('a change changes only the pieces that it is in, also when everything behind it moves', () => {
  const before = names(LARGE);
  expect(before.length).toBeGreaterThan(30);
  for (let round = 0; round < 50; round++) {
    const place = random(4).reduce((sum, byte) => sum * 256 + byte, 0) % LARGE.length;
    const inserted = random(1 + (round % 200));
    const after = names(concatBytes(LARGE.subarray(0, place), inserted, LARGE.subarray(place)));
    const fresh = after.filter((name) => !before.includes(name));
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.length).toBeLessThan(6);
  }
});

test('with the pieces of before it is cut as without them', () => {
  const before = cutIntoPieces(LARGE);
  for (let round = 0; round < 20; round++) {
    const place = random(4).reduce((sum, byte) => sum * 256 + byte, 0) % LARGE.length;
    const removed = round % 2 === 0 ? 0 : 30_000;
    const changed = concatBytes(LARGE.subarray(0, place), random(50), LARGE.subarray(place + removed));
    expect(cutIntoPieces(changed, before)).toEqual(cutIntoPieces(changed));
  }
});
