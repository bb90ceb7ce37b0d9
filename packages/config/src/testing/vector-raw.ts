import { bytesToHex, hexToBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { ed25519KeyPair } from '@sotto/wire/crypto';
import { expect } from 'vitest';
import {
  type ConfigMessage,
  type Draft,
  decodeMessage,
  draftAfter,
  emptyMessage,
  finishDraft,
  LAG,
  mergeMessages,
} from '../message/index.ts';
import {
  type Dict,
  EMPTY_DICT,
  eraseIn,
  getIn,
  isSet,
  type Scalar,
  ScalarSet,
  SortedMap,
  setIn,
  type Value,
} from '../values/index.ts';
import { type Item, pathOf, type Step, type VectorCase } from './vector-types.ts';

/** A config that is being built: still a draft, or a message as it was merged. */
interface Raw {
  readonly draft: Draft;
  readonly message: ConfigMessage | null;
  readonly signingKey: Uint8Array | null;
  readonly lag: number;
}

/** Plays a case of messages without encryption and checks every step. @throws Error for a step that it does not know. */
export function playRaw(vector: VectorCase): void {
  const raws = new Map<string, Raw>();
  const serialized = new Map<string, Uint8Array>();
  for (const step of vector.steps!) {
    const edit = rawEdits[step.op];
    if (step.op === 'raw_new') {
      raws.set(step.id, rawNew(step));
    } else if (step.op === 'raw_inc') {
      const from = raws.get(step.from)!;
      raws.set(step.id, { ...from, message: null, draft: draftAfter(finish(from), from.lag) });
    } else if (edit) {
      const raw = raws.get(step.id)!;
      const data = edit(raw.draft.data, pathOf(step.path), step);
      raws.set(step.id, { ...raw, message: null, draft: { ...raw.draft, data } });
    } else if (step.op === 'raw_ser') {
      const message = finish(raws.get(step.id)!);
      checkMessage(message, step.expect);
      serialized.set(step.as, message.bytes);
    } else if (step.op === 'raw_merge') {
      const merged = checkMerge(step, serialized);
      if (!merged) continue;
      raws.set(step.id, merged);
      if (step.as) serialized.set(step.as, finish(merged).bytes);
    } else {
      throw new Error(`unknown step: ${step.op}`);
    }
  }
}

const rawEdits: Readonly<Record<string, (data: Dict, path: string[], step: Step) => Dict>> = {
  raw_set: (data, path, { value }) => setIn(data, path, valueFrom(value)),
  // The path is made to be there first, over whatever else is in its way.
  raw_del: (data, path) => eraseIn(setIn(data, path, 0n), path),
  raw_add: (data, path, { value }) =>
    setIn(data, path, setAt(data, path).union(ScalarSet.of([valueFrom(value) as Scalar]))),
  raw_rem: (data, path, { value }) =>
    setIn(data, path, setAt(data, path).minus(ScalarSet.of([valueFrom(value) as Scalar]))),
};

function setAt(data: Dict, path: string[]): ScalarSet {
  const found = getIn(data, path);
  return isSet(found) ? found : ScalarSet.of([]);
}

function valueFrom(value: Item): Value {
  if (value.i !== undefined) return BigInt(value.i);
  if (value.t !== undefined) return utf8ToBytes(value.t);
  if (value.x !== undefined) return hexToBytes(value.x);
  if (value.s !== undefined) return ScalarSet.of(value.s.map(valueFrom));
  if (value.d === undefined) throw new Error(`unknown value: ${JSON.stringify(value)}`);
  return Object.entries<Item>(value.d).reduce<Dict>(
    (dict, [key, inner]) => dict.with(pathOf([key])[0]!, valueFrom(inner)),
    EMPTY_DICT,
  );
}

function rawNew({ seqno, sign_seed, lag = LAG }: Step): Raw {
  const { data } = emptyMessage();
  return {
    draft: { seqno: BigInt(seqno), data, original: data, lags: [], unknown: new SortedMap<Uint8Array>([], []) },
    message: null,
    signingKey: signingKeyOf(sign_seed),
    lag,
  };
}

function signingKeyOf(seed: string | undefined): Uint8Array | null {
  return seed === undefined ? null : ed25519KeyPair(hexToBytes(seed)).secretKey;
}

function finish({ draft, message, signingKey }: Raw): ConfigMessage {
  return message ?? finishDraft(draft, signingKey);
}

function checkMessage(message: ConfigMessage, expected: Item): void {
  expect(bytesToHex(message.bytes)).toBe(expected.serialized);
  expect(message.hash).toBe(expected.hash);
  expect(message.seqno).toBe(BigInt(expected.seqno));
}

function checkMerge(step: Step, serialized: ReadonlyMap<string, Uint8Array>): Raw | null {
  const { expect: expected, lag = LAG } = step;
  const verifyKey = step.verify_pk === undefined ? null : hexToBytes(step.verify_pk);
  const signingKey = signingKeyOf(step.sign_seed);
  const errors: number[] = [];
  const messages: ConfigMessage[] = [];
  const indexes: number[] = [];
  for (const [index, name] of (step.configs as string[]).entries()) {
    try {
      messages.push(decodeMessage(serialized.get(name)!, lag, verifyKey));
      indexes.push(index);
    } catch {
      errors.push(index);
    }
  }
  expect(errors).toEqual((expected.errors ?? []).map(({ index }: Item) => index));
  expect(messages.length === 0).toBe(expected.exception !== undefined);
  if (messages.length === 0) return null;
  const merged = mergeMessages(messages, lag, verifyKey !== null && signingKey === null);
  expect(merged.kind === 'merged').toBe(expected.merged);
  let raw: Raw;
  if (merged.kind === 'merged') {
    expect(expected.unmerged_index).toBe(-1);
    raw = { draft: { ...merged.revision, original: merged.revision.data }, message: null, signingKey, lag };
  } else {
    expect(indexes[merged.index]).toBe(expected.unmerged_index);
    const message = messages[merged.index]!;
    const draft = draftAfter(message, lag);
    raw = { draft, message: step.mutable ? null : message, signingKey, lag };
  }
  const result = finish(raw);
  if (expected.serialized !== undefined) checkMessage(result, expected);
  else expect(result.seqno).toBe(BigInt(expected.seqno));
  return raw;
}
