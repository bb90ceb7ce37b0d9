import { expect, test } from 'vitest';
import { signFileRequest } from '../attachment/index.ts';
import { base64ToBytes, bytesToHex, hexToBytes, utf8ToBytes } from '../bytes/index.ts';
import { ed25519Sign, ed25519Verify, xchachaOpen } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { accountSigner } from '../rpc/index.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import { openNotification } from './notification.ts';
import { buildSubscribe, buildUnsubscribe } from './registration.ts';

interface Case {
  readonly kind: string;
  readonly [name: string]: unknown;
}

interface Body {
  readonly pubkey: string;
  readonly session_ed25519: string;
  readonly namespaces: readonly number[];
  readonly data: boolean;
  readonly sig_ts: number;
  readonly service: string;
  readonly service_info: Readonly<Record<string, unknown>>;
  readonly enc_key: string;
}

const signerOf = (secret: unknown, body: Body) => {
  const secretKey = hexToBytes(String(secret));
  return accountSigner(body.pubkey, { publicKey: secretKey.subarray(32), secretKey });
};

const serviceOf = ({ service, service_info }: Body) => ({ name: service, info: service_info });

function checkSignature({ ed25519_sk, signed_text, signature_base64 }: Case, built: Readonly<Record<string, unknown>>) {
  const secretKey = hexToBytes(String(ed25519_sk));
  const text = utf8ToBytes(String(signed_text));
  expect(built.signature).toBe(signature_base64);
  expect(ed25519Sign(text, secretKey)).toEqual(new Uint8Array(base64ToBytes(String(signature_base64))));
  expect(ed25519Verify(text, base64ToBytes(String(built.signature)), secretKey.subarray(32))).toBe(true);
}

const CHECKS: Readonly<Record<string, (vector: Case) => void>> = {
  subscribe(vector) {
    const body = vector.body as Body;
    const built = buildSubscribe(signerOf(vector.ed25519_sk, body), {
      namespaces: body.namespaces.toReversed(),
      withData: body.data,
      service: serviceOf(body),
      encryptionKey: hexToBytes(body.enc_key),
      timestamp: body.sig_ts * 1000 + 999,
    });
    expect(built).toEqual(body);
    checkSignature(vector, built);
  },

  unsubscribe(vector) {
    const body = vector.body as Body;
    const signer = signerOf(vector.ed25519_sk, body);
    const built = buildUnsubscribe(signer, { service: serviceOf(body), timestamp: body.sig_ts * 1000 });
    expect(built).toEqual(body);
    checkSignature(vector, built);
  },

  notification({ enc_key, enc_payload_base64, expected_unpadded, metadata, body }) {
    const [key, payload] = [hexToBytes(String(enc_key)), base64ToBytes(String(enc_payload_base64))];
    const padded = bytesToHex(xchachaOpen(key, payload.subarray(0, 24), payload.subarray(24))!);
    expect(padded.length % 512).toBe(0);
    expect(padded.replace(/(00)+$/, '')).toBe(expected_unpadded);
    const fields = metadata as Readonly<Record<string, unknown>>;
    const opened = openNotification(payload, key);
    expect({ ...opened, data: opened.data && bytesToHex(opened.data) }).toEqual({
      accountId: fields['@'],
      hash: fields['#'],
      namespace: fields.n,
      timestamp: fields.t ?? null,
      expiry: fields.z ?? null,
      length: fields.l ?? null,
      isTooLong: fields.B ?? false,
      data: body ?? null,
    });
  },

  notification_invalid({ enc_key, enc_payload_base64, expected }) {
    const open = () => openNotification(base64ToBytes(String(enc_payload_base64)), hexToBytes(String(enc_key)));
    expect(open).toThrow(WireError);
    expect(open).toThrow((expected as { error: string }).error);
  },

  version_check_headers({ ed25519_sk, blinded_ed25519_pk, path, headers, signed_text }) {
    const expected = headers as Record<string, string>;
    const seed = hexToBytes(String(ed25519_sk)).subarray(0, 32);
    const request = { method: 'GET', path: String(path), body: new Uint8Array() };
    expect(signFileRequest(seed, Number(expected['X-FS-Timestamp']), request)).toEqual(expected);
    expect(expected['X-FS-Pubkey']).toBe(`07${blinded_ed25519_pk}`);
    const signature = base64ToBytes(expected['X-FS-Signature']!);
    expect(ed25519Verify(utf8ToBytes(String(signed_text)), signature, hexToBytes(String(blinded_ed25519_pk)))).toBe(
      true,
    );
  },
};

for (const [index, vector] of loadVectors<{ cases: readonly Case[] }>('push').cases.entries()) {
  test(`${index}: ${vector.kind}`, () => {
    const check = CHECKS[vector.kind];
    if (!check) throw new Error(`unknown kind of vector: ${vector.kind}`);
    check(vector);
  });
}
