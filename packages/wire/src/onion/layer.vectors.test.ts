import { expect, test } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { layerKey, openWithKey } from './cipher.ts';
import { parseEdgeBody } from './edge-body.ts';
import { ALL_TYPES } from './encryption-type.ts';
import { decodeHopMessage, MAX_HOP_NUMBER } from './hop-message.ts';
import { parseInnerRequest } from './inner-request.ts';
import { peelLayer } from './layer.ts';
import { decodePayload } from './payload.ts';
import { isAllowedTarget } from './server-address.ts';
import { describeLayer, keyPairOf, orNull, vectorCases } from './vector-cases.ts';

test('combined_payload', () => {
  for (const { name, in: given, out, lenient } of vectorCases('combined_payload')) {
    const payload = orNull(() => decodePayload(hexToBytes(given.payload)));
    if (lenient && payload === null) continue;
    const parts = payload && { ciphertext: bytesToHex(payload.ciphertext), json: payload.json };
    expect(parts, name).toEqual(out.ok ? { ciphertext: out.ciphertext, json: out.json } : null);
  }
});

test('inner_request', () => {
  for (const { name, in: given, out, lenient } of vectorCases('inner_request')) {
    const plaintext = hexToBytes(given.plaintext);
    const request = orNull(() => parseInnerRequest(plaintext));
    if (lenient && request === null) continue;
    expect(request ? describeLayer(request, plaintext) : { verdict: 'invalid_json' }, name).toEqual(out);
  }
});

test('target_allowed', () => {
  for (const { name, in: given, out, lenient } of vectorCases('target_allowed')) {
    const allowed = isAllowedTarget(given.target);
    if (!lenient || allowed) expect(allowed, name).toBe(out.allowed);
  }
});

test('node_layer', () => {
  for (const { name, in: given, out } of vectorCases('node_layer')) {
    const node = keyPairOf(given.node);
    const ephemeralKey = hexToBytes(given.ephemeral_key);
    const ciphertext = hexToBytes(given.ciphertext);
    const layer = { ciphertext, ephemeralKey, encryptionType: given.enc_type };
    const plaintext = orNull(() => openWithKey(layerKey(given.enc_type, 'server', node, ephemeralKey), ciphertext));
    expect(describeLayer(peelLayer(node, layer, ALL_TYPES), plaintext), name).toEqual(out);
    // Our nodes refuse aes-cbc, whatever it holds.
    const verdict = describeLayer(peelLayer(node, layer), plaintext);
    expect(verdict, name).toEqual(given.enc_type === 'aes-cbc' ? { verdict: 'invalid_ciphertext' } : out);
  }
});

test('edge_body', () => {
  for (const { name, in: given, out } of vectorCases('edge_body')) {
    const request = orNull(() => parseEdgeBody(hexToBytes(given.body)));
    expect(
      request && {
        ok: true,
        ciphertext: bytesToHex(request.ciphertext),
        ephemeral_key: bytesToHex(request.ephemeralKey),
        enc_type: request.encryptionType,
        hop_no: request.hopNumber,
      },
      name,
    ).toEqual(out.ok ? out : null);
  }
});

test('hop_message', () => {
  for (const { name, in: given, out } of vectorCases('hop_message')) {
    const message = orNull(() => decodeHopMessage(hexToBytes(given.message)));
    expect(
      message && {
        ok: true,
        data: bytesToHex(message.ciphertext),
        enc_type: message.encryptionType,
        ephemeral_key: bytesToHex(message.ephemeralKey),
        hop_no: message.hopNumber,
        hop_limit_exceeded: message.hopNumber > MAX_HOP_NUMBER,
      },
      name,
    ).toEqual(out.ok ? out : null);
  }
});
