import { expect, test } from 'vitest';
import { unknownKinds } from './vector-cases.ts';

test('every kind of case of onion requests has a test', () => {
  expect(unknownKinds()).toEqual([]);
});
