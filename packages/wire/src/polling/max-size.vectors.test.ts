import { expect } from 'vitest';
import { testEach } from '../onion/vector-cases.ts';
import { maxSizes } from './max-size.ts';

testEach('max_size', ({ in: given, out }) => {
  expect(Object.fromEntries(maxSizes(given.namespaces))).toEqual(out.max_size);
});
