import { cursorOver } from '@sotto/wire/bt';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dicts } from '../testing/arbitraries.ts';
import {
  apply,
  type Dict,
  diff,
  EMPTY_DICT,
  Encoder,
  equalValues,
  eraseIn,
  prune,
  setIn,
  takeDict,
  takeDiff,
  writeDiff,
} from './index.ts';

function encoded(dict: Dict): Uint8Array {
  const encoder = new Encoder();
  encoder.dict(dict);
  return encoder.written.slice();
}

const decoded = (bytes: Uint8Array): Dict => takeDict({ ...cursorOver(bytes), canonical: true }, 0, true);

test('what is encoded is read again, and encodes to the same bytes with and without remembered encodings', () => {
  fc.assert(
    fc.property(dicts, (dict) => {
      const bytes = encoded(dict);
      expect(equalValues(decoded(bytes), dict)).toBe(true);
      expect(encoded(dict)).toEqual(bytes);
      expect(encoded(decoded(bytes))).toEqual(bytes);
    }),
  );
});

test('a diff turns the old data into the new, and is empty only if they are the same', () => {
  fc.assert(
    fc.property(dicts, dicts, (before, after) => {
      const changes = diff(before, after);
      expect(equalValues(prune(apply(before, changes, after)), after)).toBe(true);
      expect(changes.size === 0).toBe(equalValues(before, after));
    }),
  );
});

test('applying a diff twice is applying it once', () => {
  fc.assert(
    fc.property(dicts, dicts, dicts, (before, after, other) => {
      const changes = diff(before, after);
      const once = prune(apply(other, changes, after));
      expect(equalValues(prune(apply(once, changes, after)), once)).toBe(true);
    }),
  );
});

test('a diff is read as it was written', () => {
  fc.assert(
    fc.property(dicts, dicts, (before, after) => {
      const write = (changes: ReturnType<typeof diff>): Uint8Array => {
        const encoder = new Encoder();
        writeDiff(encoder, changes);
        return encoder.written.slice();
      };
      const bytes = write(diff(before, after));
      const source = { ...cursorOver(bytes), canonical: true };
      expect(write(takeDiff(source, 0))).toEqual(bytes);
      expect(source).toMatchObject({ canonical: true, position: bytes.length });
    }),
  );
});

test('edits leave what they were made from as it was, and share what they do not touch', () => {
  const before = setIn(setIn(EMPTY_DICT, ['x', 'y'], 1n), ['z', 'y'], 2n);
  const bytes = encoded(before);
  const after = setIn(before, ['x', 'y'], 3n);
  expect(encoded(before)).toEqual(bytes);
  expect(after.get('z')).toBe(before.get('z'));
  expect(setIn(before, ['x', 'y'], 1n)).toBe(before);
  expect(eraseIn(before, ['x', 'missing'])).toBe(before);
  expect(eraseIn(before, ['x', 'y']).keys).toEqual(['z']);
});
