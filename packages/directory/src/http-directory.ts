import { bytesToHex } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';

/** Where authorities, seeds and every node serve the signed directory. */
export const DIRECTORY_PATH = '/directory/v1';

/** An answer to `GET /directory/v1`. */
export interface DirectoryReply {
  readonly status: 200 | 304 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Each is asked for again and again, and takes a millisecond for 10,000 nodes. */
const digests = new WeakMap<Uint8Array, string>();

/**
 * BLAKE2b-256 of signed directory bytes, 64 lower-case hex digits: their name in requests. The bytes must not be changed
 * afterwards.
 */
export function directoryDigest(bytes: Uint8Array): string {
  let digest = digests.get(bytes);
  if (digest === undefined) {
    digest = bytesToHex(blake2b(32, bytes));
    digests.set(bytes, digest);
  }
  return digest;
}

/** The strong entity tag of signed directory bytes, quotes included. */
export function directoryEtag(bytes: Uint8Array): string {
  return `"${directoryDigest(bytes)}"`;
}

/**
 * What to answer to `GET /directory/v1` (docs/protocol/directory.md §6).
 * @param bytes the signed directory, or `null` if there is none yet: 503.
 * @param ifNoneMatch the request's If-None-Match header, if any.
 */
export function directoryReply(bytes: Uint8Array | null, ifNoneMatch: string | undefined): DirectoryReply {
  if (!bytes) {
    const body = Buffer.from('No directory yet\n');
    return { status: 503, headers: { 'Content-Type': 'text/plain', 'Content-Length': String(body.length) }, body };
  }
  const etag = directoryEtag(bytes);
  const headers = { ETag: etag, 'Cache-Control': 'no-cache' };
  const known = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  if (known.includes(etag) || known.includes('*')) return { status: 304, headers, body: new Uint8Array() };
  const type = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(bytes.length) };
  return { status: 200, headers: { ...headers, ...type }, body: bytes };
}
