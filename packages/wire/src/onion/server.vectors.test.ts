import { expect } from 'vitest';
import { bytesToHex, hexToBytes, utf8ToBytes } from '../bytes/index.ts';
import { openServerBody } from './server-body.ts';
import { decodeV3Request, encodeV3Reply } from './v3.ts';
import { decodeV4Reply, encodeV4Reply, INVALID_V4_REPLY, type V4Answer } from './v4-reply.ts';
import { decodeV4Request, encodeV4Request, type ReceivedV4Request } from './v4-request.ts';
import { keyPairOf, mayRefuse, orNull, testEach } from './vector-cases.ts';

testEach('server_body', (vector) => {
  const { in: given, out } = vector;
  const opened = orNull(() => openServerBody(keyPairOf(given.server), hexToBytes(given.request)));
  if (mayRefuse(vector, opened)) return;
  const parts = opened && { remote_pubkey: bytesToHex(opened.ephemeralKey), payload: bytesToHex(opened.payload) };
  expect(parts).toEqual(out.ok ? { remote_pubkey: out.remote_pubkey, payload: out.payload } : null);
});

testEach('client_v4_request', ({ in: given, out }) => {
  const body = given.body === null ? null : hexToBytes(given.body);
  expect(bytesToHex(encodeV4Request({ ...given, body }))).toBe(out.plaintext);
});

testEach('client_v4_response', (vector) => {
  const reply = orNull(() => decodeV4Reply(hexToBytes(vector.in.plaintext)));
  if (mayRefuse(vector, reply)) return;
  expect(
    reply && {
      ok: true,
      code: reply.status,
      headers: Object.fromEntries(reply.headers),
      body_bytes: bytesToHex(reply.body),
      body: contentOf(reply.content),
    },
  ).toEqual(vector.out.ok ? vector.out : null);
});

testEach('server_v4', (vector) => {
  const { in: given, out } = vector;
  const request = orNull(() => decodeV4Request(hexToBytes(given.plaintext)));
  const reference = decodeV4Reply(hexToBytes(out.reference_reply_plaintext));
  if (!mayRefuse(vector, request)) expect(request !== null).toBe(out.accepted);
  if (request && out.subrequest_seen) expect(seen(request)).toEqual(out.subrequest_seen);
  if (mayRefuse(vector, request) && out.accepted) return;

  const ours = request ? runSubrequest(request) : INVALID_V4_REPLY;
  const headers = Object.fromEntries(reference.headers);
  const reply = decodeV4Reply(encodeV4Reply(ours ?? { status: reference.status, headers, body: reference.body }));
  expect([reply.status, Object.fromEntries(reply.headers)]).toEqual([out.code, out.headers]);
  expect([reference.status, headers]).toEqual([out.code, out.headers]);
  expect(reply.content).toEqual(reference.content);
  if (out.body !== undefined) expect(bytesToHex(reply.body)).toBe(out.body);
  if (out.body_text !== undefined) expect(Buffer.from(reply.body).toString()).toBe(out.body_text);
});

testEach('server_v3', (vector) => {
  const { in: given, out } = vector;
  const request = orNull(() => decodeV3Request(hexToBytes(given.plaintext), given.server));
  if (mayRefuse(vector, request)) return;
  if (out.subrequest_seen) expect(request && seen(request)).toEqual(out.subrequest_seen);
  const reference = hexToBytes(out.reference_reply_plaintext);
  const ours = request ? runSubrequest(request) : INVALID_V4_REPLY;
  const { status, body } = ours ?? { status: out.status_code ?? 200, body: reference };
  const reply = encodeV3Reply(status, body, given.server);
  expect(Buffer.from(reply).toString()).toBe(Buffer.from(reference).toString());
  expect(out.plain_status_only ? status : undefined).toBe(out.status_code);
  if (out.body !== undefined) expect(bytesToHex(reply)).toBe(out.body);
});

function contentOf(content: ReturnType<typeof decodeV4Reply>['content']): unknown {
  switch (content.kind) {
    case 'json':
      return content.value;
    case 'text':
      return { plainText: content.text };
    case 'bytes':
      return null;
  }
}

function seen({ method, endpoint, headers, body }: ReceivedV4Request): object {
  return {
    method,
    query: endpoint.includes('?') ? endpoint.slice(endpoint.indexOf('?') + 1) : '',
    content_type: headers.get('content-type'),
    x_test_header: headers.get('x-test') ?? '',
    body: bytesToHex(body),
  };
}

/** The small application over which the reference servers made the vectors; null for what it does not have. */
function runSubrequest(request: ReceivedV4Request): V4Answer | null {
  const text = { 'content-type': 'text/plain; charset=utf-8' };
  const json = { 'content-type': 'application/json' };
  switch (request.endpoint.split('?')[0]) {
    case '/echo': {
      const { method: m, query: q, content_type: ct, x_test_header: h, body } = seen(request) as Record<string, string>;
      const len = request.body.length;
      return { status: 200, headers: json, body: utf8ToBytes(`${JSON.stringify({ body, ct, h, len, m, q })}\n`) };
    }
    case '/bin':
      return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: hexToBytes('0001ff') };
    case '/text':
      return { status: 200, headers: text, body: utf8ToBytes('hello') };
    case '/forbidden':
      return { status: 403, headers: text, body: utf8ToBytes('no') };
    case '/created':
      return { status: 201, headers: json, body: utf8ToBytes('{"ok":1}\n') };
    default:
      return null;
  }
}
