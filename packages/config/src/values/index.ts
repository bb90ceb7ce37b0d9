export { nextIs, type Source, takeDict, takeInt64, takeKey, takeString } from './decode.ts';
export { apply, type Diff, diff, EMPTY_DIFF, pick, takeDiff, writeDiff } from './diff.ts';
export { Encoder } from './encode.ts';
export type { Scalar } from './scalar.ts';
export { ScalarSet } from './scalar-set.ts';
export { forEachKey, SortedMap } from './sorted-map.ts';
export {
  type Dict,
  EMPTY_DICT,
  equalValues,
  eraseIn,
  getIn,
  isDict,
  isSameEncoded,
  isSet,
  prune,
  setIn,
  type Value,
} from './value.ts';
