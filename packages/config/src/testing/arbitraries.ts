import fc from 'fast-check';
import { type Dict, EMPTY_DICT, type Scalar, ScalarSet, type Value } from '../values/index.ts';

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** Keys that often meet, and some that sort oddly. */
export const keys = fc.constantFrom('a', 'b', 'B', '', '\u00ff', '\u0000x', 'long key');

const scalars: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 10n),
  fc.bigInt(INT64),
  fc.uint8Array({ maxLength: 12 }),
);

const sets = fc.array(scalars, { minLength: 1, maxLength: 4 }).map((members) => ScalarSet.of(members));

/** Values as messages hold them: nothing in them is empty. */
export const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value; dict: Dict }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalars, sets, tie('dict')),
  dict: fc
    .array(fc.tuple(keys, tie('value')), { minLength: 1, maxLength: 4 })
    .map((entries) => entries.reduce<Dict>((dict, [key, value]) => dict.with(key, value), EMPTY_DICT)),
})).value;

/** Data of a config. */
export const dicts: fc.Arbitrary<Dict> = fc
  .array(fc.tuple(keys, values), { maxLength: 5 })
  .map((entries) => entries.reduce<Dict>((dict, [key, value]) => dict.with(key, value), EMPTY_DICT));
