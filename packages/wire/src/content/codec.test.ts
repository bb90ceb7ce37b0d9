import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hexToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { Content_ExpirationType, type ContentInit, decodeContent, encodeContent } from './index.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 50 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const optional = { requiredKeys: [] as [] };

const dataMessages = fc.record(
  {
    body: text,
    attachments: fc.array(fc.record({ id: uint64, size: uint32, key: fc.uint8Array(), url: text }), { maxLength: 4 }),
    flags: uint32,
    profileKey: fc.uint8Array({ maxLength: 40 }),
    quote: fc.record({ id: uint64, author: text }),
    profile: fc.record({ displayName: text, lastUpdateSeconds: uint64 }, optional),
    syncTarget: text,
    blocksCommunityMessageRequests: fc.boolean(),
  },
  optional,
);

const contents: fc.Arbitrary<ContentInit> = fc.record(
  {
    dataMessage: dataMessages,
    receiptMessage: fc.record({ type: fc.constant(1 as const), timestamp: fc.array(uint64, { maxLength: 5 }) }),
    typingMessage: fc.record({ timestamp: uint64, action: fc.constantFrom(0, 1) }),
    unsendRequest: fc.record({ timestamp: uint64, author: text }),
    expirationType: fc.constantFrom(0, 1, 2),
    expirationTimer: uint32,
    sigTimestamp: uint64,
  },
  optional,
);

test('a content comes back as it was written', () => {
  fc.assert(
    fc.property(contents, (content) => {
      const bytes = encodeContent(content);
      const decoded = decodeContent(bytes);
      expect(decoded).toMatchObject(content);
      expect(encodeContent(decoded)).toEqual(bytes);
    }),
  );
});

test('random and damaged bytes are refused with the one error, in bounded time', () => {
  const damaged = fc.tuple(contents, fc.nat(), fc.nat({ max: 255 })).map(([content, at, byte]) => {
    const bytes = new Uint8Array(encodeContent(content));
    if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      try {
        decodeContent(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        expect((error as WireError).code).toBe('content');
      }
    }),
    { numRuns: 1000 },
  );
});

test('the worst 76,800 bytes take well under a second', () => {
  const repeated = (hex: string) => hexToBytes(hex.repeat(Math.floor((76_800 * 2) / hex.length)));
  const wrapped = (number: number, inner: Uint8Array) => {
    const length = inner.length;
    const tag = [(number << 3) | 2, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
    return Uint8Array.from([...tag, ...inner]);
  };
  const worst = [
    repeated('0a00'), // empty data messages, one after another
    wrapped(1, repeated('1200').subarray(0, 76_000)), // attachments
    wrapped(5, repeated('1001').subarray(0, 76_000)), // receipt timestamps
    repeated('7801'), // one field again and again
    repeated('9a0600'), // unknown fields
    repeated('9b069c06'), // unknown groups
    repeated('9b06'), // groups that never end, each inside the other
    repeated('ff'),
  ];
  const before = process.threadCpuUsage();
  for (const bytes of worst) {
    try {
      decodeContent(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  }
  expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(2000);
});

test('unknown fields are skipped and not written again', () => {
  // Field 99 outside and field 120/50 inside, around a body.
  const content = decodeContent(hexToBytes('9a0603616263' + '0a0b' + '0a026869' + 'c20704' + '92030161' + '7801'));
  expect(content.dataMessage?.body).toBe('hi');
  expect(Buffer.from(encodeContent(content)).toString('hex')).toBe('0a070a026869c20700' + '7801');
  expect(JSON.stringify(content, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toMatch(
    /unknown/,
  );
});

test('a known field of another wire type is skipped, wherever it stands', () => {
  // body as a varint beside a real one; sigTimestamp as bytes; a quote as fixed64.
  expect(decodeContent(hexToBytes('0a060801' + '0a026869')).dataMessage?.body).toBe('hi');
  expect(decodeContent(hexToBytes('7a0101')).sigTimestamp).toBe(0n);
  expect(decodeContent(hexToBytes('0a0941' + '0102030405060708')).dataMessage?.quote).toBeUndefined();
});

test('an unknown value of an optional enum is an absent field', () => {
  const content = decodeContent(hexToBytes('60097801'));
  expect(content.expirationType).toBe(Content_ExpirationType.UNKNOWN);
  expect(Object.hasOwn(content, 'expirationType')).toBe(false);
});

test('nested lengths cannot reach beyond their parent', () => {
  // The data message has 2 bytes, its body claims 4.
  expect(() => decodeContent(hexToBytes('0a020a04' + '61616161'))).toThrow(WireError);
  // The packed index 81 goes on after the end of its field; what follows would still parse if it did.
  const call = `0806${'1a0181'}${`121211${'61'.repeat(17)}`}${'2a0175'}`;
  expect(() => decodeContent(hexToBytes(`1a1c${call}`))).toThrow(WireError);
  expect(decodeContent(hexToBytes(`1a1c${call.replace('1a0181', '1a0101')}`)).callMessage?.sdpMLineIndexes).toEqual([
    1,
  ]);
});

test('varints of more than ten bytes are malformed', () => {
  expect(() => decodeContent(hexToBytes(`78${'80'.repeat(10)}01`))).toThrow(WireError);
  expect(() => decodeContent(hexToBytes(`9806${'80'.repeat(10)}01`))).toThrow(WireError);
});

test('required fields count together when a message comes in two pieces', () => {
  const { unsendRequest } = decodeContent(hexToBytes('4a020801' + '4a03120161'));
  expect(unsendRequest).toMatchObject({ timestamp: 1n, author: 'a' });
});

test('text that is not UTF-8 is read', () => {
  expect(decodeContent(hexToBytes('0a040a02ff61')).dataMessage?.body).toBe('\ufffda');
});

test('sizes above what a swarm stores are refused both ways', () => {
  const body = 'a'.repeat(76_800);
  expect(() => encodeContent({ dataMessage: { body } })).toThrow(WireError);
  expect(() => decodeContent(new Uint8Array(76_801))).toThrow(WireError);
  const largest = encodeContent({ dataMessage: { body: body.slice(8) } });
  expect(largest).toHaveLength(76_800);
  expect(decodeContent(largest).dataMessage?.body).toHaveLength(76_792);
});

test('a content without a required field is not written', () => {
  expect(() => encodeContent({ unsendRequest: { timestamp: 1n } })).toThrow(WireError);
  expect(() => encodeContent({ dataMessage: { attachments: [{ url: 'x' }] } })).toThrow(WireError);
  expect(() => encodeContent({ expirationTimer: -1 })).toThrow(WireError);
});
