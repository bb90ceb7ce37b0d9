import { isUtf8 } from 'node:buffer';
import { WireError } from '../errors.ts';
import { type JsonLimits, jsonShapeProblem } from '../json-shape.ts';

/** A JSON object of unknown members. Whether a member is there is asked with `Object.hasOwn`. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** For routing and metadata, which have a few members and, for the sake of others' extensions, room for more. */
const SMALL: JsonLimits = { depth: 16, marks: 1024 };
/** For the content that a server sends. */
const ANY: JsonLimits = { depth: 128, marks: Number.POSITIVE_INFINITY };

/**
 * Reads exactly one JSON text in strict UTF-8: no byte order mark, no half of a surrogate pair, nothing after it but
 * white space (onion-requests §1.1). A long text may have few members and little nesting.
 * @throws WireError `onion`.
 */
export function parseSmallJson(bytes: Uint8Array): unknown {
  return parseJson(bytes, SMALL);
}

/** Like {@link parseSmallJson} for content of any number of members. @throws WireError `onion`. */
export function parseJsonContent(bytes: Uint8Array): unknown {
  return parseJson(bytes, ANY);
}

/** The value, if it is a JSON object. @throws WireError `onion` for arrays, texts, numbers, booleans and null. */
export function asJsonObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WireError('onion', 'the JSON is not an object');
  }
  return value as JsonObject;
}

function parseJson(bytes: Uint8Array, limits: JsonLimits): unknown {
  if (!isUtf8(bytes)) throw new WireError('onion', 'the JSON is not UTF-8');
  const problem = jsonShapeProblem(bytes, limits);
  if (problem !== null) throw new WireError('onion', problem);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  try {
    return UNSOUND.test(text) ? JSON.parse(text, refuseUnsound) : JSON.parse(text);
  } catch {
    throw new WireError('onion', 'not one JSON text');
  }
}

/** Escapes of surrogates, and exponents: what may make a text or a number that is none. */
const UNSOUND = /\\u[dD][89a-fA-F]|[0-9][eE]\+?[0-9]{3}/;

/** Half a surrogate pair is no character, and a number that becomes infinite none that JSON can hold. */
function refuseUnsound(key: string, value: unknown): unknown {
  const isSound = typeof value === 'string' ? value.isWellFormed() : value !== Infinity && value !== -Infinity;
  if (!isSound || !key.isWellFormed()) throw new WireError('onion', 'not sound JSON');
  return value;
}
