import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBt } from '../bt/index.ts';
import { concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { parseEdgeBody } from './edge-body.ts';
import { AUTHENTICATED_TYPES, type EncryptionType } from './encryption-type.ts';
import { decodeHopMessage, encodeHopMessage } from './hop-message.ts';
import { parseInnerRequest } from './inner-request.ts';
import { buildLayer, peelLayer } from './layer.ts';
import { decodePayload, encodePayload } from './payload.ts';
import { openServerBody } from './server-body.ts';
import { seededRandom, type TestNode, testNodes } from './test-nodes.ts';
import { decodeV3Request } from './v3.ts';
import { decodeV4Reply, encodeV4Reply } from './v4-reply.ts';
import { decodeV4Request, encodeV4Request } from './v4-request.ts';

const random = seededRandom('parsers');
const [node] = testNodes(1, random) as [TestNode];

const PARSERS = {
  decodePayload,
  parseInnerRequest,
  parseEdgeBody,
  decodeHopMessage,
  openServerBody: (bytes: Uint8Array) => openServerBody(node.x25519, bytes),
  decodeV4Request,
  decodeV4Reply,
  decodeV3Request: (bytes: Uint8Array) => decodeV3Request(bytes, 'community'),
};

/** Bytes that are random, or that come close to what a parser wants. */
const KEY = 'ab'.repeat(32);
const member = fc.constantFrom(
  ...'headers json host target port protocol destination ephemeral_key enc_type hop_no code method endpoint body __proto__'.split(
    ' ',
  ),
);
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(KEY, 'xchacha20', 'gcm', '/oxen/v4/lsrpc', 'example.org', 443, 200, {}, { a: 'b' }),
);
const json = fc.dictionary(member, value).map((object) => JSON.stringify(object));
const foreign = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.tuple(fc.uint8Array({ maxLength: 60 }), json).map(([bytes, text]) => encodePayload(bytes, text)),
  json.map(utf8ToBytes),
  json.map((text) => utf8ToBytes(`l${Buffer.byteLength(text)}:${text}2:hie`)),
  fc
    .tuple(fc.uint8Array(), fc.uint8Array({ minLength: 30, maxLength: 33 }), fc.integer())
    .map(([ciphertext, ephemeralKey, hopNumber]) =>
      encodeHopMessage({ ciphertext, ephemeralKey, hopNumber, encryptionType: 'aes-gcm' }),
    ),
);

describe.each(Object.entries(PARSERS))('%s', (_name, parse) => {
  test('throws nothing but WireError onion', () => {
    fc.assert(
      fc.property(foreign, (bytes) => {
        try {
          parse(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          expect((error as WireError).code).toBe('onion');
        }
      }),
    );
  });
});

describe('JSON', () => {
  const payload = (text: Uint8Array) => () => decodePayload(concatBytes(new Uint8Array(4), text));

  test('that nests millions deep is refused at once instead of keeping the parser busy', () => {
    for (const opening of ['[', '{"a":', '[{"":[']) {
      const text = utf8ToBytes(opening.repeat(1_500_000));
      expect(payload(text)).toThrow('nests too deeply');
    }
    const reply = utf8ToBytes('['.repeat(1_500_000));
    const answer = { status: 200, headers: { 'content-type': 'application/json' }, body: reply };
    expect(() => decodeV4Reply(encodeV4Reply(answer))).toThrow('nests too deeply');
  });

  test('with masses of members is refused as routing and accepted as content', () => {
    const text = utf8ToBytes(`[${'[],'.repeat(5000)}1]`);
    expect(payload(text)).toThrow('too many members');
    const answer = { status: 200, headers: { 'content-type': 'application/json' }, body: text };
    expect(decodeV4Reply(encodeV4Reply(answer)).content).toMatchObject({ kind: 'json' });
  });

  test('brackets in strings do not count, however quotes in them are escaped', () => {
    for (const text of ['['.repeat(5000), `"${'['.repeat(5000)}`, `\\"${'{'.repeat(5000)}\\`, '\\\\']) {
      expect(decodePayload(encodePayload(new Uint8Array(), JSON.stringify([text]))).json).toEqual([text]);
    }
    expect(payload(utf8ToBytes(`["\\\\",${'['.repeat(5000)}`))).toThrow('nests too deeply');
    expect(payload(utf8ToBytes('["abc\\"'))).toThrow('not one JSON text');
  });

  test('a byte order mark, a NUL after the text and invalid UTF-8 are refused', () => {
    for (const text of ['\ufeff{}', '{}\0', '{} {}', '']) expect(payload(utf8ToBytes(text))).toThrow(WireError);
    expect(payload(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not UTF-8');
    // An encoded surrogate is not UTF-8 either.
    expect(payload(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toThrow('not UTF-8');
  });
});

test('half a surrogate pair and numbers beyond all bounds are no JSON; whole pairs and large numbers are', () => {
  const read = (text: string) => decodePayload(encodePayload(new Uint8Array(), text)).json;
  for (const text of ['["\\ud800"]', '{"\\uDC00":1}', '["\\ud800\\ud800"]', '[1e999]', '[-1E+999]']) {
    expect(() => read(text)).toThrow('not one JSON text');
  }
  expect(read('["\\ud83d\\ude00", "\\\\ud800", 1e300, 1e-999]')).toEqual(['😀', '\\ud800', 1e300, 0]);
});

test('the port of a server is 0 to 65535', () => {
  const read = (port: string) =>
    parseInnerRequest(encodePayload(new Uint8Array(), `{"host":"h","target":"/oxen/v4/lsrpc","port":${port}}`));
  for (const port of [0, 1, 65_535]) expect(read(String(port))).toMatchObject({ port });
  for (const port of ['-1', '65536', '443.5', '"443"', 'null', 'true']) expect(() => read(port)).toThrow(WireError);
});

test('a hop number is an integer of 32 bits', () => {
  const message = {
    ciphertext: new Uint8Array(1),
    ephemeralKey: new Uint8Array(32),
    encryptionType: 'aes-gcm',
  } as const;
  const read = (hopNumber: number) => decodeHopMessage(encodeHopMessage({ ...message, hopNumber })).hopNumber;
  expect([-(2 ** 31), 0, 16, 2 ** 31 - 1].map(read)).toEqual([1, 1, 16, 2 ** 31 - 1]);
  expect(() => read(2 ** 31)).toThrow(WireError);
});

describe('round trips', () => {
  test('the combined payload', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.dictionary(fc.string(), fc.string()), (ciphertext, content) => {
        const decoded = decodePayload(encodePayload(ciphertext, JSON.stringify(content)));
        expect(decoded.ciphertext).toEqual(ciphertext);
        expect(JSON.stringify(decoded.json)).toBe(JSON.stringify(content));
      }),
    );
  });

  test('the hop message', () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const type = fc.constantFrom<EncryptionType>('xchacha20', 'aes-gcm', 'aes-cbc');
    fc.assert(
      fc.property(
        fc.uint8Array(),
        key,
        type,
        fc.integer({ min: 1 }),
        (ciphertext, ephemeralKey, encryptionType, hopNumber) => {
          const message = { ciphertext, ephemeralKey, encryptionType, hopNumber };
          const encoded = encodeHopMessage(message);
          expect(decodeHopMessage(encoded)).toEqual(message);
          const dict = { data: ciphertext, enc_type: encryptionType, ephemeral_key: ephemeralKey, hop_no: hopNumber };
          expect(encoded).toEqual(encodeBt(dict));
        },
      ),
    );
  });

  test('a v4 request with any padding says the same', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2000 }), fc.string({ unit: 'binary' }), fc.uint8Array(), (padding, path, body) => {
        const request = { method: 'PUT', endpoint: `/${path}`, headers: { a: path }, body };
        const plain = encodeV4Request(request);
        const padded = encodeV4Request(request, padding);
        expect(decodeV4Request(padded)).toEqual(decodeV4Request(plain));
        expect(padded.length - plain.length).toBeGreaterThanOrEqual(padding);
      }),
    );
  });

  test('a layer of every cipher that is emitted opens for its node, and for no other or changed', () => {
    const type = fc.constantFrom(...AUTHENTICATED_TYPES);
    const [stranger] = testNodes(1, random) as [TestNode];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), type, fc.nat(), (body, encryptionType, at) => {
        const plaintext = encodePayload(body, '{"headers":""}');
        const { replyKey: _, ...layer } = buildLayer(node.x25519Key, plaintext, encryptionType, random);
        expect(peelLayer(node.x25519, layer)).toMatchObject({ kind: 'final', body });
        expect(peelLayer(stranger.x25519, layer).kind).toBe('invalid-ciphertext');
        layer.ciphertext[at % layer.ciphertext.length]! ^= 1;
        expect(peelLayer(node.x25519, layer).kind).toBe('invalid-ciphertext');
      }),
    );
  });
});

test('peelLayer never throws for what a stranger sent', () => {
  const type = fc.constantFrom<EncryptionType>('xchacha20', 'aes-gcm', 'aes-cbc');
  const key = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constant(new Uint8Array(32)));
  fc.assert(
    fc.property(fc.uint8Array(), key, type, (ciphertext, ephemeralKey, encryptionType) => {
      const { kind } = peelLayer(node.x25519, { ciphertext, ephemeralKey, encryptionType });
      expect(kind).toBe('invalid-ciphertext');
    }),
  );
  fc.assert(
    fc.property(foreign, (plaintext) => {
      const layer = buildLayer(node.x25519Key, plaintext, 'xchacha20', random);
      expect(['final', 'relay-node', 'relay-server', 'invalid-json']).toContain(peelLayer(node.x25519, layer).kind);
    }),
  );
});
