import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { WireError } from '@sotto/wire';
import { base32zToBytes, bytesToBase32z, concatBytes, equalBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';
import { DirectoryError } from './errors.ts';
import { type AnyNetworkFile, MAXIMUM_NETWORK_FILE_BYTES, parseAnyNetworkFile } from './network-file.ts';

const PREFIX = 'sotto:network/';
const VERSION = 1;
const CHECKSUM_BYTES = 4;
/** More than any file of 4096 bytes needs, however badly it is compressed. */
const MAXIMUM_CHARACTERS = 8192;

/**
 * A network file as one link, about 700 characters for three authorities (docs/protocol/directory.md §1.1). Its letters
 * mean the same in upper case, in which a QR code needs less room for them.
 * @throws DirectoryError `network-file` for a value that {@link parseNetworkLink} could not give back.
 */
export function networkLink(file: AnyNetworkFile): string {
  const text = JSON.stringify(file);
  parseAnyNetworkFile(text);
  const compressed = deflateRawSync(utf8ToBytes(text), { level: 9 });
  const body = concatBytes(Uint8Array.of(VERSION), compressed);
  return PREFIX + bytesToBase32z(concatBytes(body, checksum(body)));
}

/** Does a text look like a network's link, whole or not? White space in it does not matter. */
export function isNetworkLink(text: string): boolean {
  return compact(text.slice(0, MAXIMUM_CHARACTERS)).startsWith(PREFIX);
}

/**
 * Reads {@link networkLink}, in letters of either case and with white space or line ends that a mail put into it.
 * @throws DirectoryError `network-file` for anything else, for a damaged link, and for a network file that breaks a rule.
 */
export function parseNetworkLink(link: string): AnyNetworkFile {
  if (link.length > MAXIMUM_CHARACTERS) throw refused('is too long');
  const text = compact(link);
  if (!text.startsWith(PREFIX)) throw refused(`does not begin with ${PREFIX}`);
  const bytes = readBase32z(text.slice(PREFIX.length));
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  if (bytes.length <= CHECKSUM_BYTES || !equalBytes(checksum(body), bytes.subarray(-CHECKSUM_BYTES))) {
    throw refused('is damaged or a part is missing');
  }
  if (body[0] !== VERSION) throw refused('was made by a later version');
  return parseAnyNetworkFile(inflate(body.subarray(1)));
}

function compact(text: string): string {
  return text.replaceAll(/\s/g, '').toLowerCase();
}

function readBase32z(text: string): Uint8Array {
  try {
    return base32zToBytes(text);
  } catch (error) {
    if (error instanceof WireError) throw refused('is damaged or a part is missing');
    throw error;
  }
}

function inflate(compressed: Uint8Array): string {
  try {
    return inflateRawSync(compressed, { maxOutputLength: MAXIMUM_NETWORK_FILE_BYTES }).toString('utf8');
  } catch {
    throw refused(`is damaged or holds more than ${MAXIMUM_NETWORK_FILE_BYTES} bytes`);
  }
}

/** Finds mistakes and cut-off ends; whether to believe the network is for the person to decide. */
function checksum(body: Uint8Array): Uint8Array {
  return blake2b(32, body).subarray(0, CHECKSUM_BYTES);
}

function refused(why: string): DirectoryError {
  return new DirectoryError('network-file', `the network link ${why}`);
}
