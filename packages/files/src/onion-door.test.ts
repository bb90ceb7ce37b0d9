import { randomBytes } from 'node:crypto';
import { bytesToBase64, hexToBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { ed25519PublicToX25519, xchachaOpen } from '@sotto/wire/crypto';
import {
  buildLayer,
  buildOnion,
  decodeV4Reply,
  encodePayload,
  encodeV4Request,
  type V4Request,
} from '@sotto/wire/onion';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './testing/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server[Symbol.asyncDispose]());

const serverKey = () => ed25519PublicToX25519(hexToBytes(server.running.publicKey))!;

async function post(path: string, body: Uint8Array): Promise<Response> {
  return await fetch(`${server.url}${path}`, { method: 'POST', body: body as Uint8Array<ArrayBuffer> });
}

/** What an exit node would post for a plaintext, and the key of the answer. */
function layerOf(plaintext: Uint8Array) {
  const layer = buildLayer(serverKey(), plaintext, 'xchacha20', randomBytes);
  const routing = { ephemeral_key: Buffer.from(layer.ephemeralKey).toString('hex'), enc_type: 'xchacha20', host: 'h' };
  return { body: encodePayload(layer.ciphertext, JSON.stringify(routing)), replyKey: layer.replyKey };
}

async function askV4(request: V4Request) {
  const { body, replyKey } = layerOf(encodeV4Request(request));
  const answer = await post('/oxen/v4/lsrpc', body);
  expect(answer.status).toBe(200);
  return decodeV4Reply(open(replyKey, new Uint8Array(await answer.arrayBuffer())));
}

function open(replyKey: { readonly key: Uint8Array }, sealed: Uint8Array): Uint8Array {
  const plaintext = xchachaOpen(replyKey.key, sealed.subarray(0, 24), sealed.subarray(24));
  expect(plaintext).not.toBeNull();
  return plaintext!;
}

test('files go in and come out through v4, and are the same as those of the direct door', async () => {
  const body = randomBytes(300_000);
  const up = await askV4({ method: 'POST', endpoint: '/file', headers: {}, body });
  expect(up.status).toBe(200);
  const { id } = (up.content as { value: { id: string } }).value;
  const down = await askV4({ method: 'GET', endpoint: `/file/${id}`, headers: {}, body: null });
  expect(down.headers.get('content-type')).toBe('application/octet-stream');
  expect(Buffer.compare(down.body, body)).toBe(0);
  const direct = await fetch(`${server.url}/file/${id}`);
  expect(Buffer.compare(Buffer.from(await direct.arrayBuffer()), body)).toBe(0);
});

test('errors travel inside, with their body', async () => {
  const answer = await askV4({ method: 'GET', endpoint: '/file/1', headers: {}, body: null });
  expect(answer.status).toBe(404);
  expect(answer.content).toEqual({ kind: 'json', value: { status_code: 404 } });
  const nested = await askV4({ method: 'POST', endpoint: '/oxen/v4/lsrpc', headers: {}, body: randomBytes(10) });
  expect(nested.status).toBe(404);
});

test('what is no v4 request gets the protocol’s answer', async () => {
  const { body, replyKey } = layerOf(utf8ToBytes('nonsense'));
  const answer = await post('/oxen/v4/lsrpc', body);
  const reply = decodeV4Reply(open(replyKey, new Uint8Array(await answer.arrayBuffer())));
  expect(reply.status).toBe(400);
  expect(reply.content).toEqual({ kind: 'text', text: 'Invalid v4 onion request' });
});

test.each(['/oxen/v3/lsrpc', '/loki/v3/lsrpc'])('old clients are served at %s', async (path) => {
  const content = bytesToBase64(randomBytes(20));
  const asked = { method: 'POST', endpoint: 'files', body: JSON.stringify({ file: content }) };
  const first = layerOf(utf8ToBytes(JSON.stringify(asked)));
  const uploaded = JSON.parse(await v3Text(path, first)) as { result: string };
  const second = layerOf(utf8ToBytes(JSON.stringify({ method: 'GET', endpoint: `files/${uploaded.result}` })));
  expect(JSON.parse(await v3Text(path, second))).toEqual({ status_code: 200, result: content });
  expect(JSON.parse(await v3Text(path, layerOf(utf8ToBytes('{}'))))).toEqual({ status_code: 400 });
});

async function v3Text(path: string, { body, replyKey }: ReturnType<typeof layerOf>): Promise<string> {
  const answer = await post(path, body);
  return Buffer.from(open(replyKey, Buffer.from(await answer.text(), 'base64'))).toString('utf8');
}

test('what does not open is an open 400', async () => {
  for (const body of [randomBytes(0), randomBytes(3), randomBytes(100), layerOf(randomBytes(5)).body.subarray(1)]) {
    expect((await post('/oxen/v4/lsrpc', body)).status).toBe(400);
  }
  const foreign = buildOnion({
    path: [{ ed25519Key: randomBytes(32), x25519Key: serverKey() }],
    destination: { kind: 'node', ed25519Key: randomBytes(32), x25519Key: serverKey(), body: randomBytes(3) },
    random: randomBytes,
  });
  expect((await post('/oxen/v4/lsrpc', foreign.body)).status).toBe(200);
});
