import { expect } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { buildOnion } from './build-onion.ts';
import { type LayerKey, layerKey, nonceBytes, openWithKey } from './cipher.ts';
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
import { describeLayer, keyPairOf, orNull, scripted, testEach, type VectorCase } from './vector-cases.ts';

testEach('node_response', ({ in: given, out }) => {
  const type = encryptionTypeNamed(out.enc_type)!;
  const node = keyPairOf(given.node);
  const client = keyPairOf(given.client);
  const nodeKey = layerKey(type, 'server', node, client.publicKey);
  checkNodeReply(nodeKey, layerKey(type, 'client', client, node.publicKey), out);
});

/** The node seals the same bytes, and the client, where it asks for such a form, reads them. */
function checkNodeReply(nodeKey: LayerKey, clientKey: LayerKey, response: VectorCase['out']): void {
  const { flag_json, flag_base64, rpc_body, rpc_body_is_json, rpc_status } = response;
  const kind = rpc_body_is_json ? 'json' : 'text';
  const text = rpc_body_is_json ? sortedJson(rpc_body) : rpc_body;
  const form = { answerAsJson: flag_json, answerAsBase64: flag_base64 };
  const answer = { status: rpc_status, body: { kind, text } } as const;
  const sealed = sealNodeReply(nodeKey, answer, scripted(response.nonce), form);
  expect(bytesToHex(sealed)).toBe(response.http_body);

  const raw = flag_base64 ? Buffer.from(Buffer.from(sealed).toString(), 'base64') : sealed;
  expect(bytesToHex(openWithKey(clientKey, raw)!)).toBe(response.plaintext);
  if (!flag_base64 || (flag_json && rpc_body_is_json)) return;
  expect(openNodeReply(clientKey, sealed)).toEqual({ status: rpc_status, body: text });
}

for (const kind of ['onion_snode', 'onion_server'] as const) {
  testEach(kind, checkHops, `${kind}, every hop reads its layer and passes on the next`);
  testEach(kind, checkRebuilding, `${kind}, rebuilt from the ephemeral secrets, the nonces and the JSON texts`);
  testEach(kind, checkBuilding, `${kind}, buildOnion makes the request of another client that uses xchacha20 alone`);
}

testEach(
  'onion_snode',
  (vector) => {
    const clientKey = finalKey(vector);
    const ephemeral = vector.in.ephemerals_guard_to_destination.at(-1);
    const node = keyPairOf(vector.in.destination);
    const nodeKey = layerKey(clientKey.encryptionType, 'server', node, hexToBytes(ephemeral.x25519_pub));
    checkNodeReply(nodeKey, clientKey, vector.out.response);
  },
  'onion_snode, the answer of the node',
);

testEach(
  'onion_server',
  (vector) => {
    const { in: given, out } = vector;
    const { response } = out;
    const isV3 = response.v3_plaintext !== undefined;
    const opened = openServerBody(keyPairOf(given.destination), hexToBytes(out.http_post_body_to_server));
    expect(bytesToHex(opened.payload)).toBe(given.payload);
    const plaintext = isV3 ? response.v3_plaintext : response.v4_plaintext;
    const form = isV3 ? 'base64' : 'raw';
    const sealed = sealServerReply(opened.replyKey, hexToBytes(plaintext), form, scripted(response.nonce));
    expect(bytesToHex(sealed)).toBe(response.http_body);
    const raw = isV3 ? Buffer.from(Buffer.from(sealed).toString(), 'base64') : sealed;
    expect(bytesToHex(openWithKey(finalKey(vector), raw)!)).toBe(plaintext);
  },
  'onion_server, the answer of the server',
);

function checkHops({ in: given, out }: VectorCase): void {
  const edge = parseEdgeBody(hexToBytes(out.request_body_to_guard));
  let layer: SealedLayer = edge;
  let { hopNumber } = edge;
  for (const [index, hop] of out.hops.entries()) {
    const keys = keyPairOf(given.path[index] ?? given.destination);
    expect(bytesToHex(layer.ciphertext)).toBe(hop.ciphertext);
    expect(bytesToHex(layer.ephemeralKey)).toBe(hop.ephemeral_key);
    expect(layer.encryptionType).toBe(encryptionTypeNamed(hop.enc_type));
    const request = peelLayer(keys, layer, ALL_TYPES);
    expect(describeLayer(request, hexToBytes(hop.plaintext))).toEqual(hop.parsed);
    if (request.kind === 'relay-node') {
      const message = { ...request, hopNumber: ++hopNumber };
      const encoded = encodeHopMessage(message);
      expect(bytesToHex(encoded)).toBe(out.hops[index + 1].received_hop_message);
      layer = decodeHopMessage(encoded);
    } else if (request.kind === 'relay-server') {
      expect(serverUrl(request)).toBe(out.proxied_url);
      expect(bytesToHex(request.payload)).toBe(out.http_post_body_to_server);
    } else {
      expect('body' in request && bytesToHex(request.body)).toBe(out.final_rpc_body);
    }
  }
}

function checkRebuilding({ in: given, out }: VectorCase): void {
  const secrets = given.ephemerals_guard_to_destination.map((pair: { x25519_sec: string }) => pair.x25519_sec);
  const recipients = [...given.path, given.destination];
  const plaintexts = [...out.hops.map((hop: { plaintext: string }) => hop.plaintext)];
  if (given.destination_kind === 'server') plaintexts.push(out.server_plaintext);
  const layers = sealedLayers(given, out);
  expect(layers).toHaveLength(recipients.length);
  for (const [index, layer] of layers.entries()) {
    const built = buildLayer(
      hexToBytes(recipients[index].x25519_pub),
      hexToBytes(plaintexts[index]),
      layer.encryptionType,
      scripted(secrets[index], bytesToHex(nonceOf(layer))),
    );
    expect(bytesToHex(built.ciphertext)).toBe(bytesToHex(layer.ciphertext));
    expect(bytesToHex(built.ephemeralKey)).toBe(bytesToHex(layer.ephemeralKey));
    if (index === layers.length - 1) expect(bytesToHex(built.replyKey.key)).toBe(out.final_key);
  }
  const edge = hexToBytes(out.request_body_to_guard);
  const { ciphertext } = decodePayload(edge);
  const json = Buffer.from(edge.subarray(4 + ciphertext.length)).toString();
  expect(bytesToHex(encodePayload(ciphertext, json))).toBe(out.request_body_to_guard);
}

function checkBuilding({ in: given, out }: VectorCase): void {
  const layers = sealedLayers(given, out);
  const alike = layers.every(({ encryptionType }) => encryptionType === 'xchacha20');
  const request = given.destination_kind === 'server' ? v4RequestOf(given.payload) : null;
  const ours = request ? encodeV4Request(request) : encodePayload(hexToBytes(given.payload), '{"headers":""}');
  // Others use other ciphers, may order the members of the JSON differently, or still speak v3.
  if (!alike || bytesToHex(ours) !== (out.server_plaintext ?? out.hops.at(-1).plaintext)) return;
  const secrets = given.ephemerals_guard_to_destination.map((pair: { x25519_sec: string }) => pair.x25519_sec);
  const draws = layers.map((layer, index) => [secrets[index], bytesToHex(nonceOf(layer))]);
  const { protocol, host, port } = out.hops.at(-1).parsed;
  const node = nodeOf(given.destination);
  const { hopNumber } = parseEdgeBody(hexToBytes(out.request_body_to_guard));
  const onion = buildOnion({
    path: given.path.map(nodeOf),
    ...(hopNumber > 0 && { hopNumber }),
    destination: request
      ? { kind: 'server', x25519Key: node.x25519Key, protocol, host, port, request }
      : { kind: 'node', ...node, body: hexToBytes(given.payload) },
    random: scripted(...draws.toReversed().flat()),
  });
  expect(bytesToHex(onion.body)).toBe(out.request_body_to_guard);
  const { response } = out;
  const reply = onion.openReply(hexToBytes(response.http_body));
  if (response.rpc_status !== undefined) expect(reply.status).toBe(response.rpc_status);
  else expect(reply.body).toEqual(v4BodyOf(response.v4_plaintext));
}

/** The key of the innermost layer on the client's side. */
function finalKey({ in: given, out }: VectorCase): LayerKey {
  const type = sealedLayers(given, out).at(-1)!.encryptionType;
  const ephemeral = keyPairOf(given.ephemerals_guard_to_destination.at(-1));
  const key = layerKey(type, 'client', ephemeral, hexToBytes(given.destination.x25519_pub));
  expect(bytesToHex(key.key)).toBe(out.final_key);
  return key;
}

/** Compact JSON, members in order of their names, as the nodes that made the vectors write it. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, member) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

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
