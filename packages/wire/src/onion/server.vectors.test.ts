import { expect, test } from 'vitest';
import { bytesToHex, hexToBytes, utf8ToBytes } from '../bytes/index.ts';
import { openServerBody } from './server-body.ts';
import { decodeV3Request, encodeV3Reply } from './v3.ts';
import { decodeV4Reply, encodeV4Reply, INVALID_V4_REPLY, type V4Answer } from './v4-reply.ts';
import { decodeV4Request, encodeV4Request, type ReceivedV4Request } from './v4-request.ts';
import { keyPairOf, orNull, vectorCases } from './vector-cases.ts';

test('server_body', () => {
  for (const { name, in: given, out } of vectorCases('server_body')) {
    const opened = orNull(() => openServerBody(keyPairOf(given.server), hexToBytes(given.request)));
    const parts = opened && { remote_pubkey: bytesToHex(opened.ephemeralKey), payload: bytesToHex(opened.payload) };
    expect(parts, name).toEqual(out.ok ? { remote_pubkey: out.remote_pubkey, payload: out.payload } : null);
  }
});

test('client_v4_request', () => {
  for (const { name, in: given, out } of vectorCases('client_v4_request')) {
    const body = given.body === null ? null : hexToBytes(given.body);
    expect(bytesToHex(encodeV4Request({ ...given, body })), name).toBe(out.plaintext);
  }
});

test('client_v4_response', () => {
  for (const { name, in: given, out, lenient } of vectorCases('client_v4_response')) {
    const reply = orNull(() => decodeV4Reply(hexToBytes(given.plaintext)));
    if (lenient && reply === null) continue;
    expect(
      reply && {
        ok: true,
        code: reply.status,
        headers: Object.fromEntries(reply.headers),
        body_bytes: bytesToHex(reply.body),
        body: contentOf(reply.content),
      },
      name,
    ).toEqual(out.ok ? out : null);
  }
});

test('server_v4', () => {
  for (const { name, in: given, out, lenient } of vectorCases('server_v4')) {
    const request = orNull(() => decodeV4Request(hexToBytes(given.plaintext)));
    if (lenient && request === null) continue;
    const answer = request ? runSubrequest(request) : INVALID_V4_REPLY;
    const reply = decodeV4Reply(encodeV4Reply(answer));
    const reference = decodeV4Reply(hexToBytes(out.reference_reply_plaintext));
    expect(request !== null, name).toBe(out.accepted);
    expect([reply.status, Object.fromEntries(reply.headers)], name).toEqual([out.code, out.headers]);
    expect(reply.content, name).toEqual(reference.content);
    if (request && out.subrequest_seen) expect(seen(request), name).toEqual(out.subrequest_seen);
    if (out.body !== undefined) expect(bytesToHex(reply.body), name).toBe(out.body);
    if (out.body_text !== undefined) expect(Buffer.from(reply.body).toString(), name).toBe(out.body_text);
  }
});

test('server_v3', () => {
  for (const { name, in: given, out, lenient } of vectorCases('server_v3')) {
    const request = orNull(() => decodeV3Request(hexToBytes(given.plaintext), given.server));
    if (lenient && request === null) continue;
    const answer = request ? runSubrequest(request) : INVALID_V4_REPLY;
    const reply = encodeV3Reply(answer.status, answer.body, given.server);
    expect(Buffer.from(reply).toString(), name).toBe(Buffer.from(out.reference_reply_plaintext, 'hex').toString());
    if (request && out.subrequest_seen) expect(seen(request), name).toEqual(out.subrequest_seen);
    if (out.plain_status_only) expect(answer.status, name).toBe(out.status_code);
  }
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
    query: endpoint.split('?')[1] ?? '',
    content_type: headers.get('content-type'),
    x_test_header: headers.get('x-test') ?? '',
    body: bytesToHex(body),
  };
}

/** The small application over which the reference servers made the vectors. */
function runSubrequest(request: ReceivedV4Request): V4Answer {
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
      return { status: 404, headers: text, body: utf8ToBytes('not found') };
  }
}
