import { base64ToBytes, bytesToBase64, bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../bytes/index.ts';
import { blake2b, ed25519KeyPair, ed25519PublicToX25519, ed25519Sign, ed25519Verify } from '../crypto/index.ts';
import { WireError } from '../errors.ts';

/** What a request signs of itself; `path` with its query, `body` empty if there is none. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

/** How a file server judges a request: nobody signed it, this key (`07…`) did, or it is refused. */
export type AuthVerdict =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'signed'; readonly by: string }
  | { readonly kind: 'refused'; readonly status: 400 | 401 | 425; readonly reason: string };

const KEY_NAME = utf8ToBytes('VersionCheckKey_sig');
const PREFIX = 0x07;
const TOLERANCE_SECONDS = 86_400;
const HEADERS = ['x-fs-pubkey', 'x-fs-timestamp', 'x-fs-signature'] as const;

/**
 * The headers with which a request is signed by a key that nothing else uses (messages §9.4). `seed` is the account's
 * 32-byte Ed25519 seed, `timestamp` Unix seconds.
 */
export function signFileRequest(seed: Uint8Array, timestamp: number, request: SignedRequest): Record<string, string> {
  const ownSeed = blake2b(32, seed, { key: KEY_NAME });
  const { publicKey, secretKey } = ed25519KeyPair(ownSeed);
  const signature = ed25519Sign(signedBytes(String(timestamp), request), secretKey);
  ownSeed.fill(0);
  secretKey.fill(0);
  return {
    'X-FS-Pubkey': `07${bytesToHex(publicKey)}`,
    'X-FS-Timestamp': String(timestamp),
    'X-FS-Signature': bytesToBase64(signature),
  };
}

/** Judges the `X-FS-…` headers of a request; header names in lower case, `now` in Unix seconds (messages §9.4). */
export function verifyFileRequest(
  headers: ReadonlyMap<string, string>,
  now: number,
  request: SignedRequest,
): AuthVerdict {
  const given = HEADERS.map((name) => headers.get(name) ?? '');
  if (given.every((value) => value === '')) return { kind: 'anonymous' };
  if (given.some((value) => value === '')) return refused(400, 'one or more X-FS-* auth headers is missing');
  const [pubkey, timestamp, signature] = given as [string, string, string];
  const id = decoded(pubkey, 66);
  if (id?.length !== 33) return refused(400, 'X-FS-Pubkey is not a valid 66-hex digit id');
  if (id[0] !== PREFIX) return refused(400, 'X-FS-Pubkey must be 07- prefixed');
  const key = id.subarray(1);
  if (ed25519PublicToX25519(key) === null) return refused(400, 'X-FS-Pubkey is not a valid Ed25519 key');
  const signatureBytes = decoded(signature, 128);
  if (signatureBytes?.length !== 64) return refused(400, 'X-FS-Signature is not base64[86]');
  if (!/^-?[0-9]{1,15}$/.test(timestamp)) return refused(400, 'X-FS-Timestamp is not an integer');
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return refused(425, 'X-FS-Timestamp is too far from now');
  if (!ed25519Verify(signedBytes(timestamp, request), signatureBytes, key)) {
    return refused(401, 'X-FS-Signature verification failed');
  }
  return { kind: 'signed', by: bytesToHex(id) };
}

function signedBytes(timestamp: string, { method, path, body }: SignedRequest): Uint8Array {
  const head = utf8ToBytes(`${timestamp}${method}${path}`);
  return body.length > 0 ? concatBytes(head, blake2b(64, body)) : head;
}

/** Hex of so many digits, or else base64; `null` for neither. */
function decoded(text: string, hexDigits: number): Uint8Array | null {
  try {
    return text.length === hexDigits ? hexToBytes(text) : base64ToBytes(text);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function refused(status: 400 | 401 | 425, reason: string): AuthVerdict {
  return { kind: 'refused', status, reason: `Invalid authentication: ${reason}` };
}
