import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHex, concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { decodeBt } from './decode.ts';
import { encodeBt } from './encode.ts';
import { decodeNotification, encodeNotification, type MessageNotification } from './notification.ts';
import { decodePushBatch, encodePushBatches, type PushedMessage } from './push-batch.ts';
import { BtDictReader, BtListReader } from './reader.ts';
import { decodeStreamRequest, encodeStreamRequest, type StreamRequest } from './stream-request.ts';
import type { BtInput, BtValue } from './value.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytes = (latin1: string): Uint8Array => new Uint8Array(Buffer.from(latin1, 'latin1'));

const binary = fc.uint8Array({ maxLength: 40 });
const key = fc.uint8Array({ maxLength: 30 }).map(text);
const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
const { value } = fc.letrec<{ value: BtValue; list: BtValue[]; dict: Map<string, BtValue> }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, integer, binary, tie('list'), tie('dict')),
  list: fc.array(tie('value'), { maxLength: 5 }),
  dict: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 5 })
    .map((entries) => new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))),
}));

/** Bytes that get further into a parser than random ones: an encoding with some bytes replaced, added or removed. */
const almostBt = fc
  .tuple(value, fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...'ilde:-0123456789x')), { maxLength: 3 }))
  .map(([original, changes]) => {
    const damaged = [...text(encodeBt(original))];
    for (const [place, removed, added] of changes) damaged.splice(place % damaged.length, removed, added);
    return bytes(damaged.join(''));
  });
const foreign = fc.oneof(almostBt, fc.uint8Array({ maxLength: 100 }));

function onlyWireError(attempt: () => unknown): void {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    expect((error as WireError).code).toBe('bt');
  }
}

describe('decoder', () => {
  test('gives back what was encoded, keys in ascending order', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(decodeBt(encodeBt(original))).toEqual(original);
        const decoded = decodeBt(encodeBt(original));
        if (decoded instanceof Map) expect([...decoded.keys()]).toEqual([...(original as Map<string, BtValue>).keys()]);
      }),
    );
  });

  test('any bytes give a value that encodes to its canonical form, or a WireError', () => {
    fc.assert(
      fc.property(foreign, (input) => {
        onlyWireError(() => {
          const decoded = decodeBt(input);
          expect(decodeBt(encodeBt(decoded))).toEqual(decoded);
        });
      }),
      { numRuns: 2000 },
    );
  });

  test('nesting is limited', () => {
    expect(decodeBt(bytes('l'.repeat(64) + 'e'.repeat(64)))).toBeInstanceOf(Array);
    for (const nested of ['l'.repeat(65) + 'e'.repeat(65), 'l'.repeat(1_000_000), 'd0:'.repeat(300_000)]) {
      expect(() => decodeBt(bytes(nested))).toThrow(WireError);
      expect(() => new BtListReader(bytes(`l${nested}e`)).skip()).toThrow(WireError);
    }
  });

  test('strings are plain views of the input, even of a Buffer', () => {
    const input = Buffer.from('l3:abce');
    const [item] = decodeBt(input) as Uint8Array[];
    expect(Object.getPrototypeOf(item)).toBe(Uint8Array.prototype);
    input[3] = 0x78;
    expect(text(item!)).toBe('xbc');
  });

  test('a long row of leading zeros is read in one go', () => {
    expect(decodeBt(bytes(`i${'0'.repeat(100_000)}7e`))).toBe(7n);
    expect(decodeBt(bytes(`${'0'.repeat(100_000)}1:a`))).toEqual(bytes('a'));
  });
});

describe('encoder', () => {
  test('takes the convenient types', () => {
    const encoded = encodeBt({ b: true, a: 'ü€', z: undefined, n: -5, B: new Map([['k', false]]), l: [1n, ''] });
    expect(Buffer.from(encoded).toString()).toBe('d1:Bd1:ki0ee1:a5:ü€1:bi1e1:lli1e0:e1:ni-5ee');
  });

  test('keeps its place while it grows', () => {
    const big = new Uint8Array(100_000).fill(7);
    expect(decodeBt(encodeBt([big, 'x'.repeat(3000), 'ü'.repeat(3000), big]))).toEqual([
      big,
      bytes('x'.repeat(3000)),
      new Uint8Array(utf8ToBytes('ü'.repeat(3000))),
      big,
    ]);
  });

  test.each<[string, unknown]>([
    ['a fraction', 1.5],
    ['an unsafe integer', 2 ** 53],
    ['NaN', Number.NaN],
    ['an integer that is too large', 2n ** 64n],
    ['an integer that is too small', -(2n ** 63n) - 1n],
    ['null', null],
    ['undefined in a list', [undefined]],
    ['a key beyond latin1', { '€': 1 }],
    ['a function', () => 1],
  ])('refuses %s', (_what, wrong) => {
    expect(() => encodeBt(wrong as BtInput)).toThrow(WireError);
  });

  test('refuses what contains itself', () => {
    const circle: BtInput[] = [];
    circle.push(circle);
    expect(() => encodeBt(circle)).toThrow(WireError);
  });
});

describe('reader', () => {
  test('reads every value that the decoder reads', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), (items) => {
        const list = new BtListReader(encodeBt(items));
        const skipping = new BtListReader(encodeBt(items));
        for (const item of items) {
          expect(list.readValue()).toEqual(item);
          expect(skipping.readEncoded()).toEqual(encodeBt(item));
        }
        expect(list.next).toBe('end');
        list.finish();
        skipping.finish();
      }),
    );
  });

  test('finds all keys of a sorted dict in order, and none that is not there', () => {
    fc.assert(
      fc.property(fc.dictionary(key, fc.integer()), fc.array(key), (entries, others) => {
        const dict = new BtDictReader(encodeBt(entries));
        for (const asked of [...new Set([...Object.keys(entries), ...others])].sort()) {
          const found = dict.skipTo(asked);
          expect(found).toBe(Object.hasOwn(entries, asked));
          if (found) expect(dict.readNumber()).toBe(entries[asked]);
        }
      }),
    );
  });

  test('looking does not consume', () => {
    const dict = new BtDictReader(bytes('d1:ai1e1:bli2eee'));
    expect(dict.nextKey).toBe('a');
    expect(dict.next).toBe('integer');
    expect(dict.nextKey).toBe('a');
    expect(dict.skipTo('a')).toBe(true);
    expect(dict.skipTo('a')).toBe(true);
    expect(dict.readNumber()).toBe(1);
    expect(dict.next).toBe('list');
    const inner = dict.readList();
    expect(dict.next).toBe('end');
    expect(dict.nextKey).toBeNull();
    dict.finish();
    expect(inner.readNumber()).toBe(2);
  });

  test('a key that was found but not read is skipped on the way to a later one', () => {
    const dict = new BtDictReader(bytes('d1:ai1e1:bi2ee'));
    expect(dict.skipTo('a')).toBe(true);
    expect(dict.at('b').readNumber()).toBe(2);
  });

  test('missing keys, wrong types and leftovers are refused', () => {
    expect(() => new BtDictReader(bytes('d1:ai1ee')).at('b')).toThrow(WireError);
    expect(() => new BtDictReader(bytes('de')).readNumber()).toThrow(WireError);
    expect(() => new BtListReader(bytes('li1ee')).readBytes()).toThrow(WireError);
    expect(() => new BtListReader(bytes('l2:abe')).readFixedBytes(3)).toThrow(WireError);
    expect(() => new BtListReader(bytes('l1:\xffe')).readText()).toThrow(WireError);
    expect(() => new BtListReader(bytes('li1ee')).readDict()).toThrow(WireError);
    expect(() => new BtListReader(bytes('li1ee')).finish()).toThrow(WireError);
    expect(() => new BtListReader(bytes('de'))).toThrow(WireError);
    expect(() => new BtListReader(new Uint8Array(0))).toThrow(WireError);
  });

  test('any bytes and any order of calls give values or a WireError', () => {
    const step = fc.constantFrom<(reader: BtDictReader | BtListReader) => unknown>(
      (reader) => reader.next,
      (reader) => reader.readBytes(),
      (reader) => reader.readText(),
      (reader) => reader.readNumber('int16'),
      (reader) => reader.readBigInt('uint64'),
      (reader) => reader.readBoolean(),
      (reader) => reader.readValue(),
      (reader) => reader.readList(),
      (reader) => reader.readDict(),
      (reader) => reader.skip(),
      (reader) => reader.finish(),
      (reader) => reader instanceof BtDictReader && reader.skipTo('m'),
      (reader) => reader instanceof BtDictReader && reader.nextKey,
    );
    fc.assert(
      fc.property(foreign, fc.array(step, { maxLength: 12 }), (input, steps) => {
        onlyWireError(() => {
          const reader = input[0] === 0x64 ? new BtDictReader(input) : new BtListReader(input);
          for (const take of steps) onlyWireError(() => take(reader));
        });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('payloads of node traffic', () => {
  const account = fc.uint8Array({ minLength: 33, maxLength: 33 });
  const time = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const namespace = fc.integer({ min: -32768, max: 32767 });
  const message: fc.Arbitrary<PushedMessage> = fc.record({
    account,
    hash: fc.string({ unit: 'binary' }),
    timestamp: time,
    expiry: time,
    data: binary,
    namespace,
  });
  const notification: fc.Arbitrary<MessageNotification> = fc.record({
    account,
    hash: fc.string({ unit: 'binary' }),
    namespace,
    timestamp: time,
    expiry: time,
    data: fc.option(binary),
  });
  const request: fc.Arbitrary<StreamRequest> = fc.oneof(
    fc.record({
      type: fc.constant('command' as const),
      id: time,
      endpoint: fc.string({ unit: 'binary' }),
      body: binary,
    }),
    fc.record({ type: fc.constantFrom('reply' as const, 'error' as const), id: time, body: binary }),
  );

  test('batches are read as they were written, in as many blobs as the limit needs', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), fc.integer({ min: 1, max: 2000 }), (messages, limit) => {
        const blobs = encodePushBatches(messages, limit);
        expect(blobs.flatMap(decodePushBatch)).toEqual(messages);
        for (const blob of blobs) {
          if (decodePushBatch(blob).length > 1) expect(blob.length).toBeLessThanOrEqual(limit + 3);
        }
      }),
    );
  });

  test('an account may be written in hex', () => {
    const plain = new Uint8Array(33).fill(5);
    const blob = (written: BtInput) => concatBytes(Uint8Array.of(1), encodeBt([[written, 'h', 1, 2, 'd']]));
    expect(decodePushBatch(blob(bytesToHex(plain)))).toEqual(decodePushBatch(blob(plain)));
    expect(decodePushBatch(blob(`${'05'.repeat(32)}xx`))).toEqual([]);
  });

  test('notifications and stream requests are read as they were written', () => {
    fc.assert(
      fc.property(notification, (original) => {
        expect(decodeNotification(encodeNotification(original))).toEqual(original);
      }),
    );
    fc.assert(
      fc.property(request, fc.uint8Array({ maxLength: 20 }), (original, following) => {
        const frame = encodeStreamRequest(original);
        expect(decodeStreamRequest(concatBytes(frame, following))).toEqual({ request: original, size: frame.length });
        for (let size = 0; size < frame.length; size++) expect(decodeStreamRequest(frame.subarray(0, size))).toBeNull();
      }),
    );
  });

  test.each([
    '0:',
    '00000000:',
    ':',
    'x',
    '1x',
    '10000001:',
    '999999999',
    '3:i1e',
    '5:l1:Ce',
    '4:leee',
    '9:l1:Xi0e0:e',
  ])('the stream frame %s is refused', (frame) => {
    expect(() => decodeStreamRequest(bytes(frame))).toThrow(WireError);
  });

  test('any bytes give a payload or a WireError', () => {
    fc.assert(
      fc.property(foreign, (input) => {
        onlyWireError(() => decodePushBatch(concatBytes(Uint8Array.of(1), input)));
        onlyWireError(() => decodePushBatch(input));
        onlyWireError(() => decodeNotification(input));
        onlyWireError(() => decodeStreamRequest(concatBytes(bytes(`${input.length}:`), input)));
        onlyWireError(() => decodeStreamRequest(input));
      }),
      { numRuns: 1000 },
    );
  });
});
