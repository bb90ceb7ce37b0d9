import { BtDictReader } from '../bt/index.ts';
import { WireError } from '../errors.ts';
import { invalidRequest } from './failure.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import type { Kind } from './kinds.ts';
import type { RequestParams } from './request.ts';

/** The parameters of an endpoint and their kinds, in ascending byte order of the names. */
export interface FieldTable<Values> {
  readonly names: readonly string[];
  readonly kinds: readonly Kind<unknown>[];
  /** Never set; carries the type. */
  readonly values?: Values;
}

/** The parameters that a request gave; the others are undefined. */
export type Given<Values> = { readonly [Name in keyof Values]: Values[Name] | undefined };

/** Puts the parameters of an endpoint in the order in which they are read. */
export function defineFields<Values extends object>(kinds: { readonly [Name in keyof Values]: Kind<Values[Name]> }) {
  // The default order compares UTF-16 units, which for these names is byte order.
  const names = Object.keys(kinds).sort();
  const table: FieldTable<Values> = { names, kinds: names.map((name) => kinds[name as keyof Values]) };
  return table;
}

/**
 * Reads the types of all given parameters, in byte order of their names (storage-rpc §8). Unknown ones are skipped, a
 * missing or null one is undefined, JSON that is not an object counts as an empty one. In a bt dict a key that stands
 * out of order is not seen.
 * @throws RpcFailure 400 for the first value of a wrong type.
 */
export function readFields<Values>(table: FieldTable<Values>, params: RequestParams): Given<Values> {
  return params.format === 'json' ? readJson(table, params.value) : readBt(table, params.bytes);
}

/** @throws RpcFailure 400 for a parameter that must be there. */
export function missing(field: string): never {
  throw invalidRequest(`Required field '${field}' missing`);
}

const NO_PARAMETERS: JsonObject = {};

function readJson<Values>(table: FieldTable<Values>, value: unknown): Given<Values> {
  const params = isJsonObject(value) ? value : NO_PARAMETERS;
  const given: Record<string, unknown> = {};
  const { names, kinds } = table;
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    const member = params[name];
    given[name] = member === undefined || member === null ? undefined : kinds[index]!.json(member, name);
  }
  return given as Given<Values>;
}

function readBt<Values>(table: FieldTable<Values>, bytes: Uint8Array): Given<Values> {
  const given: Record<string, unknown> = {};
  const { names, kinds } = table;
  try {
    const reader = new BtDictReader(bytes);
    for (let index = 0; index < names.length; index++) {
      const name = names[index]!;
      given[name] = reader.skipTo(name) ? kinds[index]!.bt(reader, name) : undefined;
    }
  } catch (error) {
    throw error instanceof WireError ? invalidRequest('malformed bencoded parameters') : error;
  }
  return given as Given<Values>;
}
