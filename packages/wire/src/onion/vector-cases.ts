import { test } from 'vitest';
import { bytesToHex, hexToBytes, type Random } from '../bytes/index.ts';
import type { KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import type { InnerRequest } from './inner-request.ts';
import type { PeeledLayer } from './layer.ts';

/** Every kind that `onion.json` may hold; each is checked beside its subject, the last two in `polling` and `clock`. */
const KINDS = [
  'derive',
  'encrypt',
  'decrypt',
  'combined_payload',
  'inner_request',
  'target_allowed',
  'node_layer',
  'edge_body',
  'hop_message',
  'server_body',
  'node_response',
  'onion_snode',
  'onion_server',
  'server_v4',
  'server_v3',
  'client_v4_request',
  'client_v4_response',
  'max_size',
  'clock_offset',
] as const;

/** One case of the vectors, for tests only; bytes are hex. Its shape depends on the kind (onion-requests §8). */
export interface VectorCase {
  readonly kind: (typeof KINDS)[number];
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each kind has its own shape, and only tests read it.
  readonly in: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly out: any;
  /** The reference accepts this; a stricter implementation may refuse it. */
  readonly lenient?: boolean;
}

/** The keys of a node, server or client in the vectors. */
export interface VectorKeys {
  readonly ed25519_pub?: string;
  readonly x25519_sec: string;
  readonly x25519_pub: string;
}

/** Makes a test of every case of a kind. `title` tells several tests of the same cases apart. */
export function testEach(kind: VectorCase['kind'], check: (vector: VectorCase) => void, title: string = kind): void {
  for (const vector of loadCases()) if (vector.kind === kind) test(`${title}: ${vector.name}`, () => check(vector));
}

/** The kinds in the file that nobody checks. */
export function unknownKinds(): string[] {
  return loadCases()
    .map(({ kind }) => kind)
    .filter((kind) => !KINDS.includes(kind));
}

function loadCases(): readonly VectorCase[] {
  return loadVectors<{ cases: readonly VectorCase[] }>('onion').cases;
}

/** Whether a refusal needs no further look: the case says that a stricter reader than the reference may refuse it. */
export function mayRefuse({ lenient }: VectorCase, result: unknown): boolean {
  return lenient === true && result === null;
}

/** The X25519 pair of a key object. */
export function keyPairOf(keys: VectorKeys): KeyPair {
  return { publicKey: hexToBytes(keys.x25519_pub), secretKey: hexToBytes(keys.x25519_sec) };
}

/** A source that hands out these bytes, in order, and nothing else. */
export function scripted(...draws: readonly string[]): Random {
  const rest = draws.map((hex) => hexToBytes(hex));
  return (size) => {
    const next = rest.shift();
    if (next?.length !== size) throw new Error(`no draw of ${size} bytes is left`);
    return Uint8Array.from(next);
  };
}

/** What `parse` returns, or null if it refuses the input; any other error is the test's. */
export function orNull<Result>(parse: () => Result): Result | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** What a node made of a layer, as the vectors write it. */
export function describeLayer(request: PeeledLayer | InnerRequest, plaintext: Uint8Array | null): object {
  switch (request.kind) {
    case 'final': {
      const { body, answerAsJson, answerAsBase64 } = request;
      return { verdict: 'final', body: bytesToHex(body), json: answerAsJson, base64: answerAsBase64 };
    }
    case 'relay-node':
      return {
        verdict: 'relay_node',
        ciphertext: bytesToHex(request.ciphertext),
        ephemeral_key: bytesToHex(request.ephemeralKey),
        enc_type: request.encryptionType,
        destination: bytesToHex(request.destination),
      };
    case 'relay-server': {
      const { protocol, host, port, target, payload } = request;
      const whole = plaintext !== null && bytesToHex(payload) === bytesToHex(plaintext);
      return { verdict: 'relay_server', protocol, host, port, target, payload_is_whole_plaintext: whole };
    }
    case 'invalid-json':
      return { verdict: 'invalid_json' };
    case 'invalid-ciphertext':
      return { verdict: 'invalid_ciphertext' };
  }
}
