import { encodeBt } from '@sotto/wire/bt';
import { concatBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519Sign, ed25519Verify, type KeyPair } from '@sotto/wire/crypto';
import { bytesOf, canonicalBt, canonicalDict, integerOf, listOf, malformed } from './canonical.ts';
import type { AdmittedNode } from './compose.ts';
import { DirectoryError } from './errors.ts';

/** Where nodes send their descriptors, at every authority. */
export const DESCRIPTOR_PATH = '/descriptor/v1';
/** Where an authority tells whoever asks the address that the question came from. */
export const ADDRESS_PATH = '/address/v1';
/** The largest signed descriptor that is read, in bytes. */
export const MAXIMUM_DESCRIPTOR_BYTES = 1024;

const CONTEXT = utf8ToBytes('sotto-descriptor-v1');

/** What a node says about itself (docs/protocol/directory.md §8.1). */
export interface NodeDescriptor {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  readonly node: AdmittedNode;
  /** When the node wrote it, ms since 1970. */
  readonly time: number;
  /** The code that lets it in where one is needed, as bytes; else `null`. */
  readonly invite: Uint8Array | null;
}

/** Encodes and signs with the node's Ed25519 key pair. @throws DirectoryError `encoding` for values that do not fit. */
export function signDescriptor({ networkId, node, time, invite }: NodeDescriptor, { secretKey }: KeyPair): Uint8Array {
  const dict = encodeBt({
    '#': networkId,
    h: node.httpsPort,
    i: invite ?? undefined,
    k: node.ed25519Key,
    o: node.omqPort,
    p: Uint8Array.from(node.ip.split('.'), Number),
    t: time,
    v: Uint8Array.from(node.version),
  });
  const signed = encodeBt([dict, ed25519Sign(signedMessage(dict), secretKey)]);
  verifyDescriptor(signed);
  return signed;
}

/** Reads a descriptor and verifies its own signature. @throws DirectoryError `encoding` or `signatures`. */
export function verifyDescriptor(bytes: Uint8Array): NodeDescriptor {
  if (bytes.length > MAXIMUM_DESCRIPTOR_BYTES) throw malformed('a descriptor that is too large');
  const outer = listOf(canonicalBt(bytes), 'a descriptor');
  if (outer.length !== 2) throw malformed('a descriptor must be a list of two');
  const dictBytes = bytesOf(outer[0], 'the signed part');
  const signature = bytesOf(outer[1], 'the signature', 64);
  const dict = canonicalDict(dictBytes);
  const [major, minor, patch] = bytesOf(dict.get('v'), 'v', 3);
  const descriptor: NodeDescriptor = {
    networkId: bytesOf(dict.get('#'), '#', 32),
    node: {
      ed25519Key: bytesOf(dict.get('k'), 'k', 32),
      ip: bytesOf(dict.get('p'), 'p', 4).join('.'),
      httpsPort: portOf(dict.get('h'), 'h'),
      omqPort: portOf(dict.get('o'), 'o'),
      version: [major!, minor!, patch!],
    },
    time: integerOf(dict.get('t'), 't'),
    invite: dict.has('i') ? bytesOf(dict.get('i'), 'i') : null,
  };
  if (!ed25519Verify(signedMessage(dictBytes), signature, descriptor.node.ed25519Key)) {
    throw new DirectoryError('signatures', 'the descriptor is not signed by its node');
  }
  return descriptor;
}

function portOf(value: Parameters<typeof integerOf>[0], name: string): number {
  const port = integerOf(value, name, 0xffff);
  if (port === 0) throw malformed(`${name} must not be 0`);
  return port;
}

function signedMessage(dict: Uint8Array): Uint8Array {
  return concatBytes(CONTEXT, blake2b(32, dict));
}
