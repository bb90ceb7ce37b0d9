import { WireError } from '@sotto/wire';
import { encodedKeyToBytes } from '@sotto/wire/bytes';
import { DirectoryError } from '../errors.ts';

/** Where an oxend, or another process that speaks OxenMQ, is reached (node-network §10.1). */
export interface OxendAddress {
  readonly place:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'ipc'; readonly path: string };
  /** Its X25519 key, 32 bytes: the connection is encrypted (CURVE). `null`: it is plain. */
  readonly key: Uint8Array | null;
}

const FORMS =
  '"ipc:///path", "tcp://host:port", "curve://host:port/key", or the encrypted "ipc+curve:///path/key"; the key as hex, base32z or base64';

/**
 * Reads the address of an oxend: `ipc://`, `tcp://`, `curve://` (also `tcp+curve://`) or `ipc+curve://`.
 * @throws DirectoryError `oxend-address` for anything else.
 */
export function parseOxendAddress(text: string): OxendAddress {
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.+)$/.exec(text) ?? [];
  switch (scheme) {
    case 'ipc':
      return { place: ipcPlace(rest), key: null };
    case 'tcp':
      return { place: tcpPlace(rest), key: null };
    case 'curve':
    case 'tcp+curve': {
      const { before, key } = splitKey(rest);
      return { place: tcpPlace(before), key };
    }
    case 'ipc+curve': {
      const { before, key } = splitKey(rest);
      return { place: ipcPlace(before), key };
    }
    default:
      throw wrong();
  }
}

function ipcPlace(path: string): OxendAddress['place'] {
  if (path.includes('\0')) throw wrong();
  return { kind: 'ipc', path };
}

function tcpPlace(text: string): OxendAddress['place'] {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]\s]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (!host || !(port >= 1 && port <= 0xffff)) throw wrong();
  return { kind: 'tcp', host, port };
}

function splitKey(text: string): { before: string; key: Uint8Array } {
  const slash = text.lastIndexOf('/');
  const key = keyOf(text.slice(slash + 1));
  if (slash < 1 || key?.length !== 32) throw wrong();
  return { before: text.slice(0, slash), key };
}

function keyOf(text: string): Uint8Array | null {
  try {
    return encodedKeyToBytes(text);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function wrong(): DirectoryError {
  return new DirectoryError('oxend-address', `the address of oxend has the form ${FORMS}`);
}
