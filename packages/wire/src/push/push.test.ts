import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BtInput, encodeBt } from '../bt/index.ts';
import { concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { ed25519KeyPair, xchachaSeal } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { accountSigner } from '../rpc/index.ts';
import { openNotification } from './notification.ts';
import { buildSubscribe, buildUnsubscribe } from './registration.ts';
import { readPushReplies } from './reply.ts';

const KEY = new Uint8Array(32).fill(7);
const ACCOUNT = `05${'ab'.repeat(32)}`;
const METADATA = { '@': ACCOUNT, '#': 'hash', n: 0, t: 1, z: 2 };

function sealed(plaintext: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(24).fill(1);
  const padded = concatBytes(plaintext, new Uint8Array((256 - (plaintext.length % 256)) % 256));
  return concatBytes(nonce, xchachaSeal(KEY, nonce, padded));
}

const notification = (...parts: BtInput[]) => openNotification(sealed(encodeBt(parts)), KEY);
const json = (value: object) => utf8ToBytes(JSON.stringify(value));

test('metadata is read as JSON and as a dict, further elements are ignored', () => {
  const expected = {
    accountId: ACCOUNT,
    hash: 'hash',
    namespace: 0,
    timestamp: 1,
    expiry: 2,
    length: null,
    data: null,
  };
  expect(notification(json(METADATA))).toMatchObject(expected);
  expect(notification(METADATA)).toMatchObject(expected);
  expect(notification(json({ ...METADATA, l: 3 }), utf8ToBytes('abc'), 5, 'more')).toMatchObject({
    data: Uint8Array.of(97, 98, 99),
    isTooLong: false,
  });
  expect(notification(json({ ...METADATA, l: 5000, B: true }))).toMatchObject({ length: 5000, isTooLong: true });
  expect(notification({ ...METADATA, B: 1 })).toMatchObject({ isTooLong: true });
});

test.each([
  [json({ ...METADATA, l: 4 }), utf8ToBytes('abc')],
  [json({ ...METADATA, '@': '05' })],
  [json({ ...METADATA, '#': 'two words' })],
  [json({ ...METADATA, n: null })],
  [json({ ...METADATA, t: 'soon' })],
  [json([])],
  [utf8ToBytes('{')],
  [7],
  [],
])('a malformed notification is refused: %#', (...parts) => {
  expect(() => notification(...parts)).toThrow(WireError);
});

test('whatever is opened or read is refused with one error, if at all', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.json().map((text) => sealed(encodeBt([utf8ToBytes(text)]))),
    fc.dictionary(fc.constantFrom('@', '#', 'n', 't', 'B'), fc.nat()).map((dict) => sealed(encodeBt([dict]))),
  );
  const read = (what: () => unknown) => {
    try {
      what();
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  };
  fc.assert(fc.property(anything, (bytes) => read(() => openNotification(bytes, KEY))));
  fc.assert(fc.property(fc.json(), fc.nat(3), (text, count) => read(() => readPushReplies(utf8ToBytes(text), count))));
});

test('a group member signs as such', () => {
  const auth = {
    signature: new Uint8Array(64).fill(1),
    ed25519Key: null,
    subaccount: { token: new Uint8Array(36).fill(2), signature: new Uint8Array(64).fill(3) },
  };
  const signer = { accountId: `03${'cd'.repeat(32)}`, sign: () => auth };
  const request = buildUnsubscribe(signer, { service: { name: 'firebase', info: { token: 'x' } }, timestamp: 5000 });
  expect(request).toEqual({
    pubkey: signer.accountId,
    subaccount: Buffer.alloc(36, 2).toString('base64'),
    subaccount_sig: Buffer.alloc(64, 3).toString('base64'),
    signature: Buffer.alloc(64, 1).toString('base64'),
    sig_ts: 5,
    service: 'firebase',
    service_info: { token: 'x' },
  });
});

test('what no server would take is not built', () => {
  const signer = accountSigner(ACCOUNT, ed25519KeyPair(KEY));
  const given = {
    namespaces: [0],
    withData: true,
    service: { name: 'firebase', info: {} },
    encryptionKey: KEY,
    timestamp: 1,
  };
  expect(buildSubscribe(signer, { ...given, namespaces: [5, -10, 5] })).toMatchObject({ namespaces: [-10, 5] });
  expect(() => buildSubscribe(signer, { ...given, namespaces: [] })).toThrow(WireError);
  expect(() => buildSubscribe(signer, { ...given, encryptionKey: new Uint8Array(31) })).toThrow(WireError);
  expect(() => buildSubscribe(signer, { ...given, service: { name: 'x'.repeat(33), info: {} } })).toThrow(WireError);
});

test('replies tell what became of each registration', () => {
  const read = (value: unknown, count = 1) => readPushReplies(utf8ToBytes(JSON.stringify(value)), count);
  expect(read({ success: true, added: true, message: 'ok' })).toEqual([{ kind: 'added' }]);
  expect(
    read(
      [
        { success: true, updated: true },
        { success: true, removed: true },
        { success: true, removed: false },
      ],
      3,
    ),
  ).toEqual([{ kind: 'renewed' }, { kind: 'removed' }, { kind: 'unknown' }]);
  expect(read({ error: 4, message: 'signature' })).toEqual([{ kind: 'refused', code: 4, message: 'signature' }]);
  expect(() => read([{ success: true }], 2)).toThrow(WireError);
  expect(() => read({ success: 'yes' })).toThrow(WireError);
  expect(() => readPushReplies(utf8ToBytes('no'), 1)).toThrow(WireError);
});
