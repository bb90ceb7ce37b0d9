import { bytesToBase32z, bytesToBase64, bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys } from '@sotto/wire/nodes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DirectoryError } from '../errors.ts';
import { parseOxendAddress } from './address.ts';
import { parseNodeSecrets } from './node-secrets.ts';
import { callOxend, readRpcReply } from './rpc.ts';

const seed = new Uint8Array(32).fill(9);
const { ed25519, x25519, legacy } = deriveNodeKeys(seed);
const key = x25519.publicKey;

test('addresses of all forms are read', () => {
  expect(parseOxendAddress('ipc:///home/me/.oxen/oxend.sock')).toEqual({
    place: { kind: 'ipc', path: '/home/me/.oxen/oxend.sock' },
    key: null,
  });
  const place = { kind: 'tcp', host: '127.0.0.1', port: 22025 };
  expect(parseOxendAddress('tcp://127.0.0.1:22025')).toEqual({ place, key: null });
  for (const text of [bytesToHex(key), bytesToBase32z(key), bytesToBase64(key)]) {
    if (text.includes('/')) continue;
    const address = parseOxendAddress(`curve://127.0.0.1:22025/${text}`);
    expect({ ...address, key: bytesToHex(address.key!) }).toEqual({ place, key: bytesToHex(key) });
  }
  expect(parseOxendAddress(`tcp+curve://[::1]:1/${bytesToHex(key)}`).place).toEqual({
    kind: 'tcp',
    host: '::1',
    port: 1,
  });
  expect(parseOxendAddress(`ipc+curve:///a/b.sock/${bytesToHex(key)}`).place).toEqual({
    kind: 'ipc',
    path: '/a/b.sock',
  });
});

test.each([
  '',
  'oxend',
  'http://a:1',
  'tcp://a',
  'tcp://a:0',
  'tcp://a:70000',
  'curve://a:1',
  'curve://a:1/00',
  'ipc://',
])('the address "%s" is refused', (text) => {
  expect(() => parseOxendAddress(text)).toThrowError(expect.objectContaining({ code: 'oxend-address' }));
});

test('any text is an address or refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseOxendAddress(text);
      } catch (error) {
        expect(error).toBeInstanceOf(DirectoryError);
      }
    }),
  );
});

test('the keys of the node come from its Ed25519 secret and the legacy scalar', () => {
  const answer = {
    service_node_privkey: bytesToHex(legacy.secretKey),
    service_node_ed25519_privkey: bytesToHex(ed25519.secretKey),
    service_node_x25519_privkey: bytesToHex(x25519.secretKey),
    status: 'OK',
  };
  const keys = parseNodeSecrets(JSON.stringify(answer));
  expect(bytesToHex(keys.ed25519.publicKey)).toBe(bytesToHex(ed25519.publicKey));
  expect(bytesToHex(keys.x25519.publicKey)).toBe(bytesToHex(key));
  expect(bytesToHex(keys.legacy.publicKey)).toBe(bytesToHex(ed25519.publicKey));

  const old = { ...answer, service_node_privkey: `02${'00'.repeat(31)}` };
  expect(bytesToHex(parseNodeSecrets(JSON.stringify(old)).legacy.publicKey)).not.toBe(bytesToHex(ed25519.publicKey));
});

test.each([
  ['no service node', { status: 'OK', service_node_privkey: '' }],
  ['halves that do not belong together', { ed: `${bytesToHex(seed)}${'11'.repeat(32)}`, legacy: '01'.repeat(32) }],
  ['a zero scalar', { ed: bytesToHex(ed25519.secretKey), legacy: '00'.repeat(32) }],
])('keys are refused: %s', (_why, given) => {
  const { ed, legacy: scalar, ...rest } = given as Record<string, string>;
  const answer = { service_node_ed25519_privkey: ed, service_node_privkey: scalar, ...rest };
  expect(() => parseNodeSecrets(JSON.stringify(answer))).toThrowError(expect.objectContaining({ code: 'oxend' }));
});

test('replies are told apart, and parameters are left out where there are none', async () => {
  const part = (text: string) => Buffer.from(text);
  expect(readRpcReply(null)).toEqual({ kind: 'no-answer' });
  expect(readRpcReply([part('200'), part('{}')])).toEqual({ kind: 'done', json: '{}' });
  expect(readRpcReply([part('400'), part('Unable to parse')])).toEqual({ kind: 'refused', text: 'Unable to parse' });
  expect(readRpcReply([])).toEqual({ kind: 'refused', text: '' });
  const sent: unknown[] = [];
  const request = async (command: string, data: readonly Uint8Array[]) => {
    sent.push([command, data.map((each) => Buffer.from(each).toString())]);
    return null;
  };
  await callOxend(request, 'admin.x');
  await callOxend(request, 'rpc.y', { a: 1 });
  expect(sent).toEqual([
    ['admin.x', []],
    ['rpc.y', ['{"a":1}']],
  ]);
});
