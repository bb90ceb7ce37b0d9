import { expect, test } from 'vitest';
import { bytesToBase64, bytesToHex, hexToBytes } from '../bytes/index.ts';
import { x25519KeyPair } from '../crypto/index.ts';
import { nodeRoutingId } from '../oxenmq/index.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import { deriveNodeKeys, nodeName, parsePublicKey } from './keys.ts';

interface SnodeKeys {
  kind: 'snode-keys';
  ed25519_seed: string;
  ed25519_secret_64: string;
  ed25519_public: string;
  x25519_secret: string;
  x25519_public: string;
  x25519_public_from_secret: string;
  legacy_secret: string;
  legacy_public: string;
  snode_address: string;
  ping_test_header_base64: string;
  omq_routing_id: string;
}

interface ParsePubkey {
  kind: 'parse-pubkey';
  input: string;
  ok: boolean;
  hex?: string;
  note: string;
}

const { cases } = loadVectors<{ cases: (SnodeKeys | ParsePubkey | { kind: string })[] }>('oxenmq-frames');

// The other kinds of this file are about messages on connections; other rooms test them.
const nodes = cases.filter((vector): vector is SnodeKeys => vector.kind === 'snode-keys');
const texts = cases.filter((vector): vector is ParsePubkey => vector.kind === 'parse-pubkey');

test.each(nodes.map((vector) => [vector.ed25519_seed, vector] as const))('keys of the seed %s', (_seed, vector) => {
  const { ed25519, x25519, legacy } = deriveNodeKeys(hexToBytes(vector.ed25519_seed));
  expect(bytesToHex(ed25519.secretKey)).toBe(vector.ed25519_secret_64);
  expect(bytesToHex(ed25519.publicKey)).toBe(vector.ed25519_public);
  expect(bytesToHex(x25519.secretKey)).toBe(vector.x25519_secret);
  expect(bytesToHex(x25519.publicKey)).toBe(vector.x25519_public);
  expect(bytesToHex(x25519KeyPair(x25519.secretKey).publicKey)).toBe(vector.x25519_public_from_secret);
  expect(bytesToHex(legacy.secretKey)).toBe(vector.legacy_secret);
  expect(bytesToHex(legacy.publicKey)).toBe(vector.legacy_public);
  expect(nodeName(ed25519.publicKey)).toBe(vector.snode_address);
  expect(bytesToBase64(legacy.publicKey)).toBe(vector.ping_test_header_base64);
  expect(bytesToHex(nodeRoutingId(x25519.publicKey))).toBe(vector.omq_routing_id);
});

test.each(texts.map((vector) => [`${vector.note}: "${vector.input}"`, vector] as const))('%s', (_name, vector) => {
  const key = parsePublicKey(vector.input);
  expect(key && bytesToHex(key)).toBe(vector.ok ? vector.hex : null);
});
