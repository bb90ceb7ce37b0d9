import { WireError } from '../errors.ts';

/** The file server of the public network, which URLs without a key mean (messages §9.1). */
export const PUBLIC_FILE_SERVER = {
  url: 'http://filev2.getsession.org',
  key: 'b8eef9821445ae16e2e97ef8aa6fe782fd11ad5253cd6723b281341dba22e371',
} as const;

const MAX_LENGTH = 4096;
const KEY = /^[0-9a-fA-F]{64}$/;
const COMMUNITY_HOST = 'open.getsession.org';

/** Where a file lies. */
export interface FileAddress {
  /** Origin of the file server, `http://host` or with a port. */
  readonly server: string;
  /** The server's Ed25519 key, lower-case hex. */
  readonly serverKey: string;
  readonly fileId: string;
  /** Is the file in the stream format, or else in the legacy one? */
  readonly isStream: boolean;
}

/**
 * Reads the URL of an attachment or profile picture; a fragment's unknown items are ignored (messages §9.3).
 * A URL without a key means the public network's server's key, as Desktop has it.
 * @throws WireError `attachment` for anything that is not a file on a file server.
 */
export function parseFileUrl(text: string): FileAddress {
  const url = text.length <= MAX_LENGTH ? URL.parse(text) : null;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username || url.password) {
    throw new WireError('attachment', 'not the URL of a file');
  }
  if (url.hostname.includes(COMMUNITY_HOST)) throw new WireError('attachment', 'a file of a community');
  const fileId = url.pathname.split('/').findLast((segment) => segment !== '');
  if (fileId === undefined) throw new WireError('attachment', 'the URL names no file');
  const items = new Map(url.hash.slice(1).split('&').map(nameAndValue));
  const key = items.get('p') ?? PUBLIC_FILE_SERVER.key;
  if (!KEY.test(key)) throw new WireError('attachment', 'the URL has a damaged key');
  return { server: url.origin, serverKey: key.toLowerCase(), fileId, isStream: items.has('d') };
}

/** Writes the URL of a file; the key of the public network's server is left out (messages §9.3). */
export function formatFileUrl({ server, serverKey, fileId, isStream }: FileAddress): string {
  const items = [...(serverKey === PUBLIC_FILE_SERVER.key ? [] : [`p=${serverKey}`]), ...(isStream ? ['d='] : [])];
  return `${server.replace(/\/$/, '')}/file/${fileId}${items.length > 0 ? `#${items.join('&')}` : ''}`;
}

/** The number that stands for a file in a pointer's `id`: its id if that is a decimal number, else 0 (messages §5.16). */
export function pointerId(fileId: string): bigint {
  const isNumber = /^[0-9]{1,19}$/.test(fileId);
  return isNumber ? BigInt(fileId) : 0n;
}

function nameAndValue(item: string): [name: string, value: string] {
  const equals = item.indexOf('=');
  return equals < 0 ? [item, ''] : [item.slice(0, equals), item.slice(equals + 1)];
}
