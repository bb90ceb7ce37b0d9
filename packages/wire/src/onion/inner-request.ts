import { WireError } from '../errors.ts';
import type { EncryptionType } from './encryption-type.ts';
import { asJsonObject, type JsonObject } from './json-text.ts';
import { decodePayload } from './payload.ts';
import { readEncryptionType, readKey } from './routing-json.ts';

/** This node is the destination: `body` is the RPC request in clear, the flags say how to write the answer. */
export interface FinalRequest {
  readonly kind: 'final';
  readonly body: Uint8Array;
  /** Embed a JSON result as JSON instead of as a string. */
  readonly answerAsJson: boolean;
  /** Send the encrypted answer as base64 instead of raw. */
  readonly answerAsBase64: boolean;
}

/** Pass `ciphertext` on to the node with the Ed25519 key `destination`; the rest is for that node. */
export interface NodeRelay {
  readonly kind: 'relay-node';
  readonly destination: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly ephemeralKey: Uint8Array;
  readonly encryptionType: EncryptionType;
}

/** POST `payload`, the whole layer, to a server; nothing here is checked beyond its type (see `serverUrl`). */
export interface ServerRelay {
  readonly kind: 'relay-server';
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  readonly target: string;
  readonly payload: Uint8Array;
}

/** What a decrypted layer asks a node to do. */
export type InnerRequest = FinalRequest | NodeRelay | ServerRelay;

/**
 * Reads the plaintext of a layer (onion-requests §1.3). Byte fields are views into `plaintext`.
 * @throws WireError `onion` where a node answers `Invalid json`.
 */
export function parseInnerRequest(plaintext: Uint8Array): InnerRequest {
  const payload = decodePayload(plaintext);
  const json = asJsonObject(payload.json);
  if (Object.hasOwn(json, 'headers')) {
    return {
      kind: 'final',
      body: payload.ciphertext,
      answerAsJson: readFlag(json, 'json', false),
      answerAsBase64: readFlag(json, 'base64', true),
    };
  }
  if (Object.hasOwn(json, 'host')) {
    return {
      kind: 'relay-server',
      protocol: readText(json, 'protocol', 'https'),
      host: readText(json, 'host'),
      port: readPort(json),
      target: readText(json, 'target'),
      payload: plaintext,
    };
  }
  return {
    kind: 'relay-node',
    destination: readKey(json, 'destination'),
    ciphertext: payload.ciphertext,
    ephemeralKey: readKey(json, 'ephemeral_key'),
    encryptionType: readEncryptionType(json),
  };
}

function readFlag(json: JsonObject, name: string, absent: boolean): boolean {
  const flag = Object.hasOwn(json, name) ? json[name] : absent;
  if (typeof flag !== 'boolean') throw new WireError('onion', `${name} is not a boolean`);
  return flag;
}

function readText(json: JsonObject, name: string, absent?: string): string {
  const text = Object.hasOwn(json, name) ? json[name] : absent;
  if (typeof text !== 'string') throw new WireError('onion', `${name} is not a string`);
  return text;
}

function readPort(json: JsonObject): number {
  const port = Object.hasOwn(json, 'port') ? json.port : 443;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new WireError('onion', 'port is not a port number');
  }
  return port;
}
