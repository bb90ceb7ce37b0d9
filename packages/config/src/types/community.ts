import { bytesToHex, encodedKeyToBytes } from '@sotto/wire/bytes';
import { ConfigError } from '../errors.ts';

const URL_SHAPE = /^(?<scheme>[^:/?#]*):\/\/(?<host>[^/:?#]*)(?::(?<port>[^/?#]*))?(?<rest>.*)$/s;
const HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const ROOM = /^[-0-9a-z_]+$/;
const PORT = /^[0-9]{1,5}$/;
const PUBLIC_KEY_MARK = '?public_key=';
const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };
const MIN_HOST_LENGTH = 4;
const MAX_PORT = 0xffff;
const MAX_BASE_URL_BYTES = 267;
const MAX_ROOM_LENGTH = 64;
const KEY_BYTES = 32;

/** A room of a community server. */
export interface Community {
  /** `scheme://host[:port]`, canonical. */
  readonly baseUrl: string;
  /** The room as it was written; rooms are told apart without regard to case. */
  readonly room: string;
  /** X25519 key of the server, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/**
 * Reads the address of a room, with or without `/r/`, with the server's key as hex, base64 or base32z (config §9.4).
 * @throws ConfigError `community`.
 */
export function parseCommunityUrl(url: string): Community {
  const mark = url.indexOf(PUBLIC_KEY_MARK);
  if (mark < 0) throw new ConfigError('community', 'there is no public key of the server');
  const publicKey = readKey(url.slice(mark + PUBLIC_KEY_MARK.length));
  const { base, rest } = readBase(url.slice(0, mark));
  const path = rest.startsWith('/r/') ? rest.slice('/r/'.length) : rest.slice(1);
  if (path.includes('/')) throw new ConfigError('community', 'there is something behind the room');
  normalizeRoom(path);
  return { baseUrl: base, room: path, publicKey };
}

/** The address as it is given to others (config §9.4). */
export function communityUrl({ baseUrl, room, publicKey }: Community): string {
  return `${baseUrl}/${room}${PUBLIC_KEY_MARK}${bytesToHex(publicKey)}`;
}

/** The canonical form of a server's address without path. @throws ConfigError `community`. */
export function normalizeBaseUrl(url: string): string {
  const { base, rest } = readBase(url);
  if (rest !== '' && rest !== '/') throw new ConfigError('community', 'there is something behind the server');
  return base;
}

/** A room's name as rooms are compared. @throws ConfigError `community`. */
export function normalizeRoom(room: string): string {
  const normalized = room.toLowerCase();
  if (normalized === '') throw new ConfigError('community', 'the room has no name');
  if (normalized.length > MAX_ROOM_LENGTH) throw new ConfigError('community', 'the name of the room is too long');
  if (!ROOM.test(normalized)) throw new ConfigError('community', 'the name of the room has other characters');
  return normalized;
}

function readBase(url: string): { base: string; rest: string } {
  const parts = URL_SHAPE.exec(url)?.groups;
  const scheme = parts?.scheme?.toLowerCase() ?? '';
  if (!parts || !Object.hasOwn(DEFAULT_PORTS, scheme))
    throw new ConfigError('community', 'the protocol is not http(s)');
  const host = parts.host!.toLowerCase();
  if (host.length < MIN_HOST_LENGTH || !HOST.test(host))
    throw new ConfigError('community', 'the host has no valid name');
  const port = parts.port === undefined ? null : readPort(parts.port);
  const base = `${scheme}://${host}${port === null || port === DEFAULT_PORTS[scheme] ? '' : `:${port}`}`;
  if (base.length > MAX_BASE_URL_BYTES) throw new ConfigError('community', 'the address of the server is too long');
  return { base, rest: parts.rest! };
}

function readPort(text: string): number {
  const port = PORT.test(text) ? Number(text) : 0;
  if (port < 1 || port > MAX_PORT) throw new ConfigError('community', 'there is no such port');
  return port;
}

function readKey(text: string): Uint8Array {
  let key: Uint8Array | null = null;
  try {
    key = encodedKeyToBytes(text);
  } catch {
    // Characters of none of the encodings: the same verdict as a wrong length.
  }
  if (key?.length !== KEY_BYTES)
    throw new ConfigError('community', 'the public key is neither hex, base64 nor base32z');
  return key;
}
