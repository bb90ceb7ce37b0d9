import { atEnd, enter } from '@sotto/wire/bt';
import { ConfigError } from '../errors.ts';
import { nextIs, type Source, takeMap, takeSet, takeString } from './decode.ts';
import type { Encoder } from './encode.ts';
import { EMPTY_SET, type ScalarSet } from './scalar-set.ts';
import { forEachKey, SortedMap, SortedMapBuilder } from './sorted-map.ts';
import { type Dict, EMPTY_DICT, equalValues, isDict, isScalar, isSet, type Value } from './value.ts';

/** What happened to one key: a scalar was set or removed, a set changed, or something inside a dict did (config §4). */
type Change = 'set' | 'removed' | SetChange | Diff;

/** Which members a set gained and lost. */
interface SetChange {
  readonly added: ScalarSet;
  readonly removed: ScalarSet;
}

/** Which keys differ between two states of a dict. It holds no values: those come from the data beside it. */
export interface Diff extends SortedMap<Change> {}

export const EMPTY_DIFF: Diff = new SortedMap<Change>([], []);

const SET = new Uint8Array();
const REMOVED = Uint8Array.of(0x2d);

function isDiff(change: Change): change is Diff {
  return change instanceof SortedMap;
}

/** What has to be done to `before` to have `after` (config §4). Parts that both share cost nothing. */
export function diff(before: Dict, after: Dict): Diff {
  if (before === after) return EMPTY_DIFF;
  const builder = new SortedMapBuilder<Change>();
  forEachKey(before, after, (key, old, current) => {
    const change = old === current ? null : changeBetween(old, current);
    if (change !== null) builder.add(key, change);
  });
  return builder.build();
}

/** If the kind of a value changed, only the new kind counts. */
function changeBetween(before: Value | undefined, after: Value | undefined): Change | null {
  const kind = after ?? before;
  if (isDict(kind)) {
    const inner = diff(isDict(before) ? before : EMPTY_DICT, isDict(after) ? after : EMPTY_DICT);
    return inner.size > 0 ? inner : null;
  }
  if (isSet(kind)) {
    const old = isSet(before) ? before : EMPTY_SET;
    const current = isSet(after) ? after : EMPTY_SET;
    return old.equals(current) ? null : { added: current.minus(old), removed: old.minus(current) };
  }
  if (after === undefined) return 'removed';
  return equalValues(before, after) ? null : 'set';
}

/**
 * Makes the changes of a diff in `data`, with values from `source`, which is the data that the diff was made with or
 * a later state of it (config §6). A key whose value in `source` has another kind than the change is deleted.
 */
export function apply(data: Dict, changes: Diff, source: Dict): Dict {
  const builder = new SortedMapBuilder<Value>();
  let different = false;
  forEachKey(data, changes, (key, value, change) => {
    const changed = change === undefined ? value : applyChange(value, change, source.get(key));
    if (changed !== value) different = true;
    if (changed !== undefined) builder.add(key, changed);
  });
  return different ? builder.build() : data;
}

function applyChange(value: Value | undefined, change: Change, source: Value | undefined): Value | undefined {
  if (change === 'removed') return undefined;
  if (change === 'set') {
    if (!isScalar(source)) return undefined;
    return equalValues(value, source) ? value : source;
  }
  if (isDiff(change)) {
    if (!isDict(source)) return undefined;
    return apply(isDict(value) ? value : EMPTY_DICT, change, source);
  }
  if (!isSet(source)) return undefined;
  const old = isSet(value) ? value : EMPTY_SET;
  const changed = old.union(change.added).minus(change.removed);
  return isSet(value) && changed.equals(value) ? value : changed;
}

/** Of `data` only what {@link apply} looks at, as its source, when it makes these changes. No dict becomes empty. */
export function pick(data: Dict, changes: Diff): Dict {
  const builder = new SortedMapBuilder<Value>();
  forEachKey(data, changes, (key, value, change) => {
    if (value === undefined || change === undefined) return;
    builder.add(key, isDiff(change) && isDict(value) ? pickInside(value, change) : value);
  });
  return builder.build();
}

/** That there is a dict says something, too. */
function pickInside(dict: Dict, changes: Diff): Dict {
  const picked = pick(dict, changes);
  return picked.size > 0 ? picked : new SortedMap(dict.keys.slice(0, 1), dict.values.slice(0, 1));
}

/** Writes a diff (config §4). */
export function writeDiff(encoder: Encoder, changes: Diff): void {
  encoder.map(changes, (_, change) => {
    if (change === 'set') encoder.scalar(SET);
    else if (change === 'removed') encoder.scalar(REMOVED);
    else if (isDiff(change)) writeDiff(encoder, change);
    else {
      encoder.openList();
      encoder.set(change.added);
      encoder.set(change.removed);
      encoder.close();
    }
  });
}

/** Reads a diff (config §3.1). @throws ConfigError `message` for a change that there is not. */
export function takeDiff(source: Source, depth: number): Diff {
  return takeMap(source, depth, takeChange);
}

function takeChange(source: Source, depth: number): Change {
  if (nextIs(source, 'dict')) return takeDiff(source, depth);
  if (nextIs(source, 'integer')) throw new ConfigError('message', 'an integer in a diff');
  if (!nextIs(source, 'list')) {
    const mark = takeString(source);
    if (mark.length === 0) return 'set';
    if (mark.length === 1 && mark[0] === REMOVED[0]) return 'removed';
    throw new ConfigError('message', 'an unknown mark in a diff');
  }
  enter(source, depth);
  const added = takeSet(source, depth + 1);
  const removed = takeSet(source, depth + 1);
  if (!atEnd(source)) throw new ConfigError('message', 'a set change of more than two lists');
  source.position++;
  return { added, removed };
}
