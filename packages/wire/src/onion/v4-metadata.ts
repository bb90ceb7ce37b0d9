import { BtListReader } from '../bt/index.ts';
import { concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { asJsonObject, type JsonObject, parseSmallJson } from './json-text.ts';

const START = utf8ToBytes('l');
const END = utf8ToBytes('e');

/** A bencoded list of the metadata JSON and, unless null, the body (onion-requests §1.8). */
export function encodeV4(metadata: string, body: Uint8Array | null): Uint8Array {
  const json = utf8ToBytes(metadata);
  const bodyParts = body === null ? [] : [utf8ToBytes(`${body.length}:`), body];
  return concatBytes(START, utf8ToBytes(`${json.length}:`), json, ...bodyParts, END);
}

/**
 * Reads a bencoded list of one or two strings, whole input; `body` is a view, empty if the part is left out.
 * @throws WireError `onion` for any other shape, or if the metadata is not a JSON object.
 */
export function decodeV4(bytes: Uint8Array): { metadata: JsonObject; body: Uint8Array | null } {
  try {
    const reader = new BtListReader(bytes);
    const metadata = asJsonObject(parseSmallJson(reader.readBytes()));
    const body = reader.next === 'end' ? null : reader.readBytes();
    reader.finish();
    return { metadata, body };
  } catch (error) {
    if (error instanceof WireError) throw new WireError('onion', error.message);
    throw error;
  }
}

/**
 * A JSON object of header values with their names in lower case; numbers become text.
 * @throws WireError `onion` if it is no object or a value is neither text nor number.
 */
export function readHeaders(value: unknown): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, content] of Object.entries(asJsonObject(value))) {
    if (typeof content !== 'string' && typeof content !== 'number')
      throw new WireError('onion', 'a header is not text');
    headers.set(name.toLowerCase(), String(content));
  }
  return headers;
}
