import { expect } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { layerKey, openWithKey } from './cipher.ts';
import { parseEdgeBody } from './edge-body.ts';
import { ALL_TYPES, encryptionTypeNamed } from './encryption-type.ts';
import { decodeHopMessage, MAX_HOP_NUMBER } from './hop-message.ts';
import { parseInnerRequest } from './inner-request.ts';
import { peelLayer } from './layer.ts';
import { decodePayload } from './payload.ts';
import { isAllowedTarget } from './server-address.ts';
import { describeLayer, keyPairOf, mayRefuse, orNull, testEach } from './vector-cases.ts';

testEach('combined_payload', (vector) => {
  const { in: given, out } = vector;
  const payload = orNull(() => decodePayload(hexToBytes(given.payload)));
  if (mayRefuse(vector, payload)) return;
  const parts = payload && { ciphertext: bytesToHex(payload.ciphertext), json: payload.json };
  expect(parts).toEqual(out.ok ? { ciphertext: out.ciphertext, json: out.json } : null);
});

testEach('inner_request', (vector) => {
  const plaintext = hexToBytes(vector.in.plaintext);
  const request = orNull(() => parseInnerRequest(plaintext));
  if (mayRefuse(vector, request)) return;
  expect(request ? describeLayer(request, plaintext) : { verdict: 'invalid_json' }).toEqual(vector.out);
});

testEach('target_allowed', (vector) => {
  const allowed = isAllowedTarget(vector.in.target);
  if (!mayRefuse(vector, allowed || null)) expect(allowed).toBe(vector.out.allowed);
});

testEach('node_layer', (vector) => {
  const { in: given, out } = vector;
  const node = keyPairOf(given.node);
  const ephemeralKey = hexToBytes(given.ephemeral_key);
  const ciphertext = hexToBytes(given.ciphertext);
  const encryptionType = encryptionTypeNamed(given.enc_type)!;
  const plaintext = orNull(() => openWithKey(layerKey(encryptionType, 'server', node, ephemeralKey), ciphertext));
  const layer = { ciphertext, ephemeralKey, encryptionType };
  const peeled = peelLayer(node, layer, ALL_TYPES);
  if (!mayRefuse(vector, peeled.kind.startsWith('invalid') ? null : peeled)) {
    expect(describeLayer(peeled, plaintext)).toEqual(out);
  }
  // Our nodes refuse aes-cbc, whatever it holds, and treat the others like everybody.
  const verdict = describeLayer(peelLayer(node, layer), plaintext);
  const refused = { verdict: 'invalid_ciphertext' };
  expect(verdict).toEqual(encryptionType === 'aes-cbc' ? refused : describeLayer(peeled, plaintext));
});

testEach('edge_body', (vector) => {
  const { in: given, out } = vector;
  const request = orNull(() => parseEdgeBody(hexToBytes(given.body)));
  if (mayRefuse(vector, request)) return;
  expect(
    request && {
      ok: true,
      ciphertext: bytesToHex(request.ciphertext),
      ephemeral_key: bytesToHex(request.ephemeralKey),
      enc_type: request.encryptionType,
      hop_no: request.hopNumber,
    },
  ).toEqual(out.ok ? out : null);
});

testEach('hop_message', (vector) => {
  const { in: given, out } = vector;
  const message = orNull(() => decodeHopMessage(hexToBytes(given.message)));
  if (mayRefuse(vector, message)) return;
  expect(
    message && {
      ok: true,
      data: bytesToHex(message.ciphertext),
      enc_type: message.encryptionType,
      ephemeral_key: bytesToHex(message.ephemeralKey),
      hop_no: message.hopNumber,
      hop_limit_exceeded: message.hopNumber > MAX_HOP_NUMBER,
    },
  ).toEqual(out.ok ? out : null);
});
