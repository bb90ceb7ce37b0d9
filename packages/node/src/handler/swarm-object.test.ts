import { bytesToBase32z, bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys, type NodeRecord } from '@sotto/wire/nodes';
import { expect, test } from 'vitest';
import { swarmObject } from './swarm-object.ts';

const { ed25519, x25519 } = deriveNodeKeys(new Uint8Array(32).fill(1));
const record: NodeRecord = {
  ed25519Key: ed25519.publicKey,
  swarmId: 255n,
  ip: '203.0.113.7',
  httpsPort: 22021,
  omqPort: 22020,
  version: [2, 11, 3],
};

test('a member is named by all its keys, the legacy one being the Ed25519 one or its own', () => {
  const key = bytesToHex(ed25519.publicKey);
  const entry = {
    address: `${bytesToBase32z(ed25519.publicKey)}.snode`,
    ip: '203.0.113.7',
    port: '22021',
    port_https: 22021,
    port_omq: 22020,
    port_quic: 22020,
    pubkey_ed25519: key,
    pubkey_legacy: key,
    pubkey_x25519: bytesToHex(x25519.publicKey),
  };
  expect(swarmObject({ id: 255n, members: [record] })).toEqual({ snodes: [entry], swarm: 'ff' });
  const legacyKey = new Uint8Array(32).fill(7);
  const old = { ...entry, address: `${bytesToBase32z(legacyKey)}.snode`, pubkey_legacy: bytesToHex(legacyKey) };
  expect(swarmObject({ id: 255n, members: [{ ...record, legacyKey }] }).snodes).toEqual([old]);
});

test('members that nobody can reach or speak to are left out', () => {
  const unknown = { ...record, ip: '0.0.0.0' };
  const noPoint = { ...record, ed25519Key: Uint8Array.of(2, ...new Uint8Array(31)) };
  expect(swarmObject({ id: 0n, members: [unknown, noPoint] })).toEqual({ snodes: [], swarm: '0' });
});
