import { BtDictReader, type BtNext } from '../bt/index.ts';
import { WireError } from '../errors.ts';
import { asText } from './account-field.ts';
import { invalidRequest } from './failure.ts';
import { defineFields, readFields } from './fields.ts';
import { isJsonObject } from './json.ts';
import { count, counts } from './kinds.ts';
import type {
  BatchRequest,
  IfCondition,
  IfElseRequest,
  PlainRequest,
  RequestParams,
  StorageRequest,
} from './request.ts';

/** How many requests a batch or a sequence may hold. */
export const MAXIMUM_BATCH_SIZE = 20;
/** How deep `ifelse` may nest; the reference has no bound, nobody sends more than five. */
const MAXIMUM_DEPTH = 32;

/** The requests inside a request are read with what the catalogue of endpoints knows. */
export interface SubRequests {
  /** `null` for a name that is no method. */
  parse(method: string, params: RequestParams, depth: number): StorageRequest | null;
  isMeta(method: string): boolean;
}

/**
 * Reads `batch` or `sequence`: all requests inside are parsed before any runs (storage-rpc §9.1).
 * @throws RpcFailure 400, also the one of a request inside.
 */
export function parseBatch(
  method: BatchRequest['method'],
  params: RequestParams,
  sub: SubRequests,
  depth: number,
): BatchRequest {
  const entries = params.format === 'json' ? jsonEntries(params.value) : btEntries(params.bytes);
  return { method, requests: entries.map((entry) => readEntry(entry, sub, depth)) };
}

/** Reads `ifelse`: both branches are parsed, whichever will run (storage-rpc §9.2). @throws RpcFailure 400. */
export function parseIfElse(params: RequestParams, sub: SubRequests, depth: number): IfElseRequest {
  if (depth >= MAXIMUM_DEPTH) throw ifElseFailure('nested too deeply');
  const parts = params.format === 'json' ? jsonParts(params.value) : btParts(params.bytes);
  if (parts.condition === null) throw ifElseFailure('no valid "if" field');
  const condition = readCondition(parts.condition);
  const whenTrue = parts.whenTrue === undefined ? null : readBranch('then', parts.whenTrue, sub, depth);
  const whenFalse = parts.whenFalse === undefined ? null : readBranch('else', parts.whenFalse, sub, depth);
  if (whenTrue === null && whenFalse === null) throw ifElseFailure('at least one of "then"/"else" required');
  return { method: 'ifelse', condition, whenTrue, whenFalse };
}

/** The parameters of a condition, the same in both forms. */
export function conditionParameters(condition: IfCondition): Record<string, number | number[]> {
  const { hfAtLeast, hfBefore, versionAtLeast, versionBefore, heightAtLeast, heightBefore } = condition;
  return {
    ...(heightAtLeast !== null && { height_at_least: heightAtLeast }),
    ...(heightBefore !== null && { height_before: heightBefore }),
    ...(hfAtLeast && { hf_at_least: [...hfAtLeast] }),
    ...(hfBefore && { hf_before: [...hfBefore] }),
    ...(versionAtLeast && { v_at_least: [...versionAtLeast] }),
    ...(versionBefore && { v_before: [...versionBefore] }),
  };
}

/** What a node compares the condition of an `ifelse` with. */
export interface NodeState {
  readonly hf: readonly [number, number];
  readonly version: readonly [number, number, number];
  readonly height: number;
}

/** Whether all conditions that are given hold (storage-rpc §9.2). */
export function conditionHolds(condition: IfCondition, { hf, version, height }: NodeState): boolean {
  const { hfAtLeast, hfBefore, versionAtLeast, versionBefore, heightAtLeast, heightBefore } = condition;
  return (
    (hfAtLeast === null || !isBefore(hf, hfAtLeast)) &&
    (hfBefore === null || isBefore(hf, hfBefore)) &&
    (versionAtLeast === null || !isBefore(version, versionAtLeast)) &&
    (versionBefore === null || isBefore(version, versionBefore)) &&
    (heightAtLeast === null || height >= heightAtLeast) &&
    (heightBefore === null || height < heightBefore)
  );
}

const DICT = 0x64;

/** A request inside another one, or what is wrong with it. */
type Entry = { readonly method: string; readonly params: RequestParams } | { readonly problem: Problem };
type Problem = 'not-a-dict' | 'no-method' | 'no-params' | 'not-an-object' | 'no-keys';

const BATCH_PROBLEMS: Readonly<Record<Problem, string>> = {
  'not-an-object': 'requests must be objects',
  'not-a-dict': 'requests must be dicts',
  'no-keys': 'subrequests must have method/params keys',
  'no-method': 'subrequests must have a method',
  'no-params': 'subrequests must have a params dict',
};

const BRANCH_PROBLEMS: Readonly<Record<Problem, string>> = {
  'not-an-object': 'must be an object',
  'not-a-dict': 'must be a dict',
  'no-keys': 'must have method/params keys',
  'no-method': 'missing method',
  'no-params': 'missing params',
};

function readEntry(entry: Entry, sub: SubRequests, depth: number): PlainRequest {
  if ('problem' in entry) throw batchFailure(BATCH_PROBLEMS[entry.problem]);
  const { method, params } = entry;
  if (sub.isMeta(method)) throw invalidRequest('Invalid batch subrequest: subrequests may not contain meta-requests');
  const request = sub.parse(method, params, depth + 1);
  if (request === null) throw invalidRequest(`Invalid batch subrequest: invalid method "${method}"`);
  return request as PlainRequest;
}

function readBranch(name: 'then' | 'else', entry: Entry, sub: SubRequests, depth: number): StorageRequest {
  if ('problem' in entry) throw ifElseFailure(`${name} ${BRANCH_PROBLEMS[entry.problem]}`);
  const request = sub.parse(entry.method, entry.params, depth + 1);
  if (request === null) throw invalidRequest(`Invalid ifelse request method "${name}"`);
  return request;
}

function jsonEntries(value: unknown): Entry[] {
  const requests = isJsonObject(value) ? value.requests : undefined;
  if (!Array.isArray(requests) || requests.length === 0) throw batchFailure('no valid "requests" field');
  if (requests.length > MAXIMUM_BATCH_SIZE) throw batchFailure('subrequest limit exceeded');
  return requests.map(jsonEntry);
}

function jsonEntry(value: unknown): Entry {
  if (!isJsonObject(value)) return { problem: 'not-an-object' };
  const { method, params } = value;
  if (typeof method !== 'string' || !isJsonObject(params)) return { problem: 'no-keys' };
  return { method, params: { format: 'json', value: params } };
}

function btEntries(bytes: Uint8Array): Entry[] {
  const encoded = readingBt(() => {
    const reader = new BtDictReader(bytes);
    if (!follows(reader, 'requests', 'list')) throw batchFailure('no valid "requests" field');
    const list = reader.readList();
    const items: Uint8Array[] = [];
    while (list.next !== 'end' && items.length <= MAXIMUM_BATCH_SIZE) items.push(list.readEncoded());
    return items;
  });
  if (encoded.length === 0) throw batchFailure('empty "requests" list');
  if (encoded.length > MAXIMUM_BATCH_SIZE) throw batchFailure('subrequest limit exceeded');
  return encoded.map(btEntry);
}

function btEntry(encoded: Uint8Array): Entry {
  return readingBt(() => {
    if (encoded[0] !== DICT) return { problem: 'not-a-dict' };
    const reader = new BtDictReader(encoded);
    if (!follows(reader, 'method', 'bytes')) return { problem: 'no-method' };
    const method = asText(reader.readBytes());
    if (!follows(reader, 'params', 'dict')) return { problem: 'no-params' };
    return { method, params: { format: 'bt', bytes: reader.readEncoded() } };
  });
}

function follows(reader: BtDictReader, key: string, type: BtNext): boolean {
  return reader.skipTo(key) && reader.next === type;
}

interface IfElseParts {
  /** `null` if it is missing or no dict. */
  readonly condition: RequestParams | null;
  readonly whenTrue: Entry | undefined;
  readonly whenFalse: Entry | undefined;
}

function jsonParts(value: unknown): IfElseParts {
  const params = isJsonObject(value) ? value : {};
  return {
    condition: isJsonObject(params.if) ? { format: 'json', value: params.if } : null,
    whenTrue: params.then === undefined ? undefined : jsonEntry(params.then),
    whenFalse: params.else === undefined ? undefined : jsonEntry(params.else),
  };
}

function btParts(bytes: Uint8Array): IfElseParts {
  return readingBt(() => {
    const reader = new BtDictReader(bytes);
    const whenFalse = reader.skipTo('else') ? btEntry(reader.readEncoded()) : undefined;
    const condition = reader.skipTo('if') ? reader.readEncoded() : null;
    const whenTrue = reader.skipTo('then') ? btEntry(reader.readEncoded()) : undefined;
    return {
      condition: condition?.[0] === DICT ? { format: 'bt', bytes: condition } : null,
      whenTrue,
      whenFalse,
    };
  });
}

interface ConditionFields {
  readonly height_at_least: number;
  readonly height_before: number;
  readonly hf_at_least: readonly number[];
  readonly hf_before: readonly number[];
  readonly v_at_least: readonly number[];
  readonly v_before: readonly number[];
}

const conditionFields = defineFields<ConditionFields>({
  height_at_least: count,
  height_before: count,
  hf_at_least: counts,
  hf_before: counts,
  v_at_least: counts,
  v_before: counts,
});

function readCondition(params: RequestParams): IfCondition {
  const given = readFields(conditionFields, params);
  const condition: IfCondition = {
    hfAtLeast: readPair(given.hf_at_least),
    hfBefore: readPair(given.hf_before),
    versionAtLeast: readTriple(given.v_at_least),
    versionBefore: readTriple(given.v_before),
    heightAtLeast: given.height_at_least ?? null,
    heightBefore: given.height_before ?? null,
  };
  if (Object.values(condition).every((part) => part === null)) {
    throw ifElseFailure('must specify at least one "if" condition');
  }
  return condition;
}

function readPair(list: readonly number[] = []): [number, number] | null {
  return list.length === 0 ? null : [list[0] ?? 0, list[1] ?? 0];
}

function readTriple(list: readonly number[] = []): [number, number, number] | null {
  return list.length === 0 ? null : [list[0] ?? 0, list[1] ?? 0, list[2] ?? 0];
}

/** Compares part by part, the first ones count most; both have the same length. */
function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return a[index]! < b[index]!;
  return false;
}

function readingBt<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw error instanceof WireError ? invalidRequest('malformed bencoded parameters') : error;
  }
}

function batchFailure(detail: string) {
  return invalidRequest(`Invalid batch request: ${detail}`);
}

function ifElseFailure(detail: string) {
  return invalidRequest(`Invalid ifelse request: ${detail}`);
}
