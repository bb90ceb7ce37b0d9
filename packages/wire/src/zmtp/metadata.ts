import { concatBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';

/** What a peer says about itself; names in lower case, since they are compared that way. */
export type ZmtpMetadata = ReadonlyMap<string, Uint8Array>;

type SocketType = 'DEALER' | 'ROUTER';

const SOCKET_TYPES: readonly string[] = ['DEALER', 'ROUTER'] satisfies SocketType[];
const MAXIMUM_IDENTITY_BYTES = 255;

/**
 * The two properties that the network's nodes send (node-network §3.2).
 * @throws WireError `zmtp` for an identity of more than 255 bytes.
 */
export function encodeMetadata(socketType: SocketType, identity: Uint8Array): Uint8Array {
  if (identity.length > MAXIMUM_IDENTITY_BYTES) throw new WireError('zmtp', 'identity too long');
  return concatBytes(
    encodeProperty('Socket-Type', Buffer.from(socketType, 'latin1')),
    encodeProperty('Identity', identity),
  );
}

function encodeProperty(name: string, value: Uint8Array): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, value.length);
  return concatBytes(Uint8Array.of(name.length), Buffer.from(name, 'latin1'), size, value);
}

/**
 * Reads properties up to the end of the input; the values are copies.
 * @throws WireError `zmtp` if one does not fit, or the socket type or identity is none that can be.
 */
export function decodeMetadata(bytes: Uint8Array): ZmtpMetadata {
  const properties = new Map<string, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let offset = 0;
  while (offset < bytes.length) {
    const valueAt = offset + 1 + bytes[offset]! + 4;
    if (bytes[offset] === 0 || valueAt > bytes.length) throw new WireError('zmtp', 'malformed metadata');
    const name = Buffer.from(bytes.subarray(offset + 1, valueAt - 4)).toString('latin1');
    const end = valueAt + view.getUint32(valueAt - 4);
    if (end > bytes.length) throw new WireError('zmtp', 'malformed metadata');
    properties.set(name.toLowerCase(), new Uint8Array(bytes.subarray(valueAt, end)));
    offset = end;
  }
  checkProperties(properties);
  return properties;
}

function checkProperties(properties: ZmtpMetadata): void {
  const socketType = properties.get('socket-type');
  if (socketType && !SOCKET_TYPES.includes(Buffer.from(socketType).toString('latin1'))) {
    throw new WireError('zmtp', 'a socket type that does not fit');
  }
  if ((properties.get('identity')?.length ?? 0) > MAXIMUM_IDENTITY_BYTES) {
    throw new WireError('zmtp', 'identity too long');
  }
}
