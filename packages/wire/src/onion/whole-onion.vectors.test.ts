import { expect, test } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { buildOnion } from './build-onion.ts';
import { layerKey, nonceBytes, openWithKey } from './cipher.ts';
import { parseEdgeBody, type SealedLayer } from './edge-body.ts';
import { ALL_TYPES, encryptionTypeNamed } from './encryption-type.ts';
import { decodeHopMessage, encodeHopMessage } from './hop-message.ts';
import { asJsonObject } from './json-text.ts';
import { buildLayer, peelLayer } from './layer.ts';
import { openNodeReply, sealNodeReply } from './node-reply.ts';
import { decodePayload, encodePayload } from './payload.ts';
import { serverUrl } from './server-address.ts';
import { openServerBody, sealServerReply } from './server-body.ts';
import { decodeV4Request, encodeV4Request } from './v4-request.ts';
import { describeLayer, keyPairOf, orNull, scripted, type VectorCase, vectorCases } from './vector-cases.ts';

const cases = vectorCases('onion_snode', 'onion_server');

test('node_response', () => {
  for (const { name, in: given, out } of vectorCases('node_response')) {
    const node = keyPairOf(given.node);
    const client = keyPairOf(given.client);
    const body = out.rpc_body_is_json
      ? { kind: 'json' as const, text: JSON.stringify(out.rpc_body) }
      : { kind: 'text' as const, text: out.rpc_body };
    const form = { answerAsJson: out.flag_json, answerAsBase64: out.flag_base64 };
    const nodeKey = layerKey(out.enc_type, 'server', node, client.publicKey);
    const sealed = sealNodeReply(nodeKey, { status: out.rpc_status, body }, scripted(out.nonce), form);
    expect(bytesToHex(sealed), name).toBe(out.http_body);

    const clientKey = layerKey(out.enc_type, 'client', client, node.publicKey);
    const raw = out.flag_base64 ? Buffer.from(Buffer.from(sealed).toString(), 'base64') : sealed;
    expect(bytesToHex(openWithKey(clientKey, raw)!), name).toBe(out.plaintext);
    if (!out.flag_base64 || (out.flag_json && out.rpc_body_is_json)) continue;
    expect(openNodeReply(clientKey, sealed), name).toEqual({ status: out.rpc_status, body: body.text });
  }
});

test('every hop reads its layer and passes on the next', () => {
  for (const { name, in: given, out } of cases) {
    const edge = parseEdgeBody(hexToBytes(out.request_body_to_guard));
    let layer: SealedLayer = edge;
    let { hopNumber } = edge;
    for (const [index, hop] of out.hops.entries()) {
      const keys = keyPairOf(given.path[index] ?? given.destination);
      expect(bytesToHex(layer.ciphertext), name).toBe(hop.ciphertext);
      expect(bytesToHex(layer.ephemeralKey), name).toBe(hop.ephemeral_key);
      expect(layer.encryptionType, name).toBe(hop.enc_type);
      const request = peelLayer(keys, layer, ALL_TYPES);
      expect(describeLayer(request, hexToBytes(hop.plaintext)), name).toEqual(hop.parsed);
      if (request.kind === 'relay-node') {
        const message = { ...request, hopNumber: ++hopNumber };
        const encoded = encodeHopMessage(message);
        expect(bytesToHex(encoded), name).toBe(out.hops[index + 1].received_hop_message);
        layer = decodeHopMessage(encoded);
      } else if (request.kind === 'relay-server') {
        expect(serverUrl(request), name).toBe(out.proxied_url);
        expect(bytesToHex(request.payload), name).toBe(out.http_post_body_to_server);
      } else {
        expect('body' in request && bytesToHex(request.body), name).toBe(out.final_rpc_body);
      }
    }
  }
});

test('the layers are rebuilt byte for byte from the ephemeral secrets, the nonces and the JSON texts', () => {
  for (const { name, in: given, out } of cases) {
    const secrets = given.ephemerals_guard_to_destination.map((pair: { x25519_sec: string }) => pair.x25519_sec);
    const recipients = [...given.path, given.destination];
    const plaintexts = [...out.hops.map((hop: { plaintext: string }) => hop.plaintext)];
    if (given.destination_kind === 'server') plaintexts.push(out.server_plaintext);
    const layers = sealedLayers(given, out);
    for (const [index, layer] of layers.entries()) {
      const built = buildLayer(
        hexToBytes(recipients[index].x25519_pub),
        hexToBytes(plaintexts[index]),
        layer.encryptionType,
        scripted(secrets[index], bytesToHex(nonceOf(layer))),
      );
      expect(bytesToHex(built.ciphertext), name).toBe(bytesToHex(layer.ciphertext));
      expect(bytesToHex(built.ephemeralKey), name).toBe(bytesToHex(layer.ephemeralKey));
      if (index === layers.length - 1) expect(bytesToHex(built.replyKey.key), name).toBe(out.final_key);
    }
    const edge = hexToBytes(out.request_body_to_guard);
    const { ciphertext } = decodePayload(edge);
    const json = Buffer.from(edge.subarray(4 + ciphertext.length)).toString();
    expect(bytesToHex(encodePayload(ciphertext, json)), name).toBe(out.request_body_to_guard);
  }
});

test('buildOnion makes the same request as another client that uses xchacha20 everywhere', () => {
  for (const { name, in: given, out } of cases) {
    const layers = sealedLayers(given, out);
    const alike = layers.every(({ encryptionType }) => encryptionType === 'xchacha20');
    const request = given.destination_kind === 'server' ? v4RequestOf(given.payload) : null;
    const ours = request ? encodeV4Request(request) : encodePayload(hexToBytes(given.payload), '{"headers":""}');
    // Others may order the members of the JSON differently, or still speak v3.
    if (!alike || bytesToHex(ours) !== (out.server_plaintext ?? out.hops.at(-1).plaintext)) continue;
    const secrets = given.ephemerals_guard_to_destination.map((pair: { x25519_sec: string }) => pair.x25519_sec);
    const draws = layers.map((layer, index) => [secrets[index], bytesToHex(nonceOf(layer))]);
    const { protocol, host, port } = out.hops.at(-1).parsed;
    const node = nodeOf(given.destination);
    const onion = buildOnion({
      path: given.path.map(nodeOf),
      destination: request
        ? { kind: 'server', x25519Key: node.x25519Key, protocol, host, port, request }
        : { kind: 'node', ...node, body: hexToBytes(given.payload) },
      random: scripted(...draws.toReversed().flat()),
    });
    expect(bytesToHex(onion.body), name).toBe(out.request_body_to_guard);
    const reply = onion.openReply(hexToBytes(out.response.http_body));
    if (out.response.rpc_status !== undefined) expect(reply.status, name).toBe(out.response.rpc_status);
    else expect(reply.body, name).toEqual(v4BodyOf(out.response.v4_plaintext));
  }
});

test('the destination answers with the same bytes, which the client can open', () => {
  for (const { name, in: given, out } of cases) {
    const { response } = out;
    const ephemeral = keyPairOf(given.ephemerals_guard_to_destination.at(-1));
    const type = sealedLayers(given, out).at(-1)!.encryptionType;
    const key = layerKey(type, 'client', ephemeral, hexToBytes(given.destination.x25519_pub));
    expect(bytesToHex(key.key), name).toBe(out.final_key);
    const plaintext = hexToBytes(response.plaintext ?? response.v4_plaintext ?? response.v3_plaintext);
    if (given.destination_kind !== 'server') {
      expect(openNodeReply(key, hexToBytes(response.http_body)).status, name).toBe(response.rpc_status);
      continue;
    }
    const opened = openServerBody(keyPairOf(given.destination), hexToBytes(out.http_post_body_to_server));
    expect(bytesToHex(opened.payload), name).toBe(given.payload);
    const form = response.v3_plaintext === undefined ? 'raw' : 'base64';
    const sealed = sealServerReply(opened.replyKey, plaintext, form, scripted(response.nonce));
    expect(bytesToHex(sealed), name).toBe(response.http_body);
  }
});

/** All layers, guard first; for a server the innermost is in what the exit posts. */
function sealedLayers(given: VectorCase['in'], out: VectorCase['out']): SealedLayer[] {
  const layers = out.hops.map((hop: { ciphertext: string; ephemeral_key: string; enc_type: string }) => ({
    ciphertext: hexToBytes(hop.ciphertext),
    ephemeralKey: hexToBytes(hop.ephemeral_key),
    encryptionType: encryptionTypeNamed(hop.enc_type)!,
  }));
  if (given.destination_kind !== 'server') return layers;
  const { ciphertext, json } = decodePayload(hexToBytes(out.http_post_body_to_server));
  const { ephemeral_key, enc_type = 'aes-gcm' } = asJsonObject(json);
  const ephemeralKey = hexToBytes(String(ephemeral_key));
  return [...layers, { ciphertext, ephemeralKey, encryptionType: encryptionTypeNamed(enc_type)! }];
}

function nonceOf(layer: SealedLayer): Uint8Array {
  return layer.ciphertext.subarray(0, nonceBytes(layer.encryptionType));
}

function nodeOf(keys: { ed25519_pub?: string; x25519_pub: string }) {
  return { ed25519Key: hexToBytes(keys.ed25519_pub ?? ''), x25519Key: hexToBytes(keys.x25519_pub) };
}

/** The request in a v4 payload, with the header names as written; null if the payload is v3. */
function v4RequestOf(payload: string) {
  const text = Buffer.from(hexToBytes(payload)).toString('latin1');
  const received = orNull(() => decodeV4Request(hexToBytes(payload)));
  if (received === null) return null;
  const length = Number.parseInt(text.slice(1), 10);
  const start = text.indexOf(':') + 1;
  const { headers } = JSON.parse(text.slice(start, start + length));
  return { method: received.method, endpoint: received.endpoint, headers, body: received.body };
}

function v4BodyOf(plaintext: string): Uint8Array {
  const text = Buffer.from(hexToBytes(plaintext)).toString('latin1');
  const metadataEnd = text.indexOf(':') + 1 + Number.parseInt(text.slice(1), 10);
  return new Uint8Array(Buffer.from(text.slice(text.indexOf(':', metadataEnd) + 1, -1), 'latin1'));
}
