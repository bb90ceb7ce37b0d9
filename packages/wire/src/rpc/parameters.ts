import type { BtInput } from '../bt/index.ts';
import { bytesToBase64, bytesToHex } from '../bytes/index.ts';
import type { Parameter, Parameters } from './endpoint.ts';
import type { RequestAuth } from './request.ts';

/** The parameters that name the account and prove the right to it, of any request that has them. */
export function authParameters(request: {
  readonly account: Uint8Array;
  readonly auth: RequestAuth | null;
}): Parameters {
  const { account, auth } = request;
  return {
    pubkey: account,
    pubkey_ed25519: auth?.ed25519Key ?? undefined,
    signature: auth?.signature,
    subaccount: auth?.subaccount?.token,
    subaccount_sig: auth?.subaccount?.signature,
  };
}

/** Parameters as JSON: keys in hex, other bytes in base64, what is not given left out. */
export function jsonParameters(parameters: Parameters): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) json[name] = jsonParameter(value, name.startsWith('pubkey') ? bytesToHex : bytesToBase64);
  }
  return json;
}

/** Parameters as a dict to be bencoded: bytes as they are, JSON values as text. */
export function btParameters(parameters: Parameters): Record<string, BtInput> {
  const dict: Record<string, BtInput> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) dict[name] = isJsonParameter(value) ? JSON.stringify(value.json) : value;
  }
  return dict;
}

type GivenParameter = Exclude<Parameter, undefined>;

function jsonParameter(value: GivenParameter, encode: (bytes: Uint8Array) => string): unknown {
  if (value instanceof Uint8Array) return encode(value);
  if (isJsonParameter(value)) return value.json;
  if (!Array.isArray(value)) return value;
  return value.map((item: string | number | Uint8Array) => (item instanceof Uint8Array ? encode(item) : item));
}

function isJsonParameter(value: GivenParameter): value is { readonly json: unknown } {
  return typeof value === 'object' && 'json' in value;
}
