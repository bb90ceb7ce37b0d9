import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { EngineError } from '../engine.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { ByteReader } from './byte-reader.ts';
import { type NewEntry, readEntries, writeEntries } from './entries.ts';
import { openStream, sealStream } from './sealed-stream.ts';

const PASSPHRASE = 'correct horse';
const CONTENT = Buffer.alloc(200_000, 'content ');

async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function all(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return await buffer(source);
}

const open = (bytes: Uint8Array, passphrase = PASSPHRASE) => all(openStream(inPieces(bytes, 7777), passphrase));
const coded = (code: string) => expect.objectContaining({ name: 'EngineError', code });

describe('a sealed stream', () => {
  let sealed: Buffer;

  beforeAll(async () => {
    sealed = await all(sealStream(inPieces(CONTENT), PASSPHRASE, seededRandom('seal')));
  });

  test('comes back with its passphrase, however it was typed', async () => {
    expect((await open(sealed)).equals(CONTENT)).toBe(true);
    const accents = await all(sealStream(inPieces(Buffer.from('x')), 'cafe\u0301', seededRandom('a')));
    expect(String(await open(accents, 'caf\u00e9'))).toBe('x');
    const aligned = await all(sealStream(inPieces(CONTENT.subarray(0, 131_072)), PASSPHRASE, seededRandom('b')));
    expect(await open(aligned)).toHaveLength(131_072);
  });

  test('says nothing in clear', () => {
    expect(sealed.includes('content')).toBe(false);
  });

  test('with another passphrase says that', async () => {
    await expect(open(sealed, 'correct horses')).rejects.toEqual(coded('wrong-passphrase'));
  });

  test.each([
    ['another file', () => Buffer.from('%PDF-1.7 something')],
    ['an empty file', () => Buffer.alloc(0)],
    ['a newer version', () => changed(8)],
    ['a cost that nobody can bear', () => changed(9)],
    ['a changed first chunk', () => changed(sealed.length - 150_000)],
    ['a changed last chunk', () => changed(sealed.length - 1)],
    ['a header that is cut off', () => sealed.subarray(0, 40)],
    ['nothing behind the header', () => sealed.subarray(0, 60)],
    ['a missing end', () => sealed.subarray(0, sealed.length - 1)],
    ['a missing last chunk', () => sealed.subarray(0, 55 + 17 + 2 * 65_553)],
    ['something added', () => Buffer.concat([sealed, Buffer.from('x')])],
    ['a chunk twice', () => Buffer.concat([sealed.subarray(0, 72 + 65_553), sealed.subarray(72)])],
  ])('refuses %s', async (_, make) => {
    await expect(open(make())).rejects.toEqual(coded('bad-backup'));
  });

  function changed(at: number): Buffer {
    const copy = Buffer.from(sealed);
    copy[at]! ^= 0x81;
    return copy;
  }
});

describe('entries', () => {
  const entries = fc.array(
    fc.record({
      kind: fc.constantFrom<NewEntry['kind']>('manifest', 'database', 'file'),
      name: fc.string({ maxLength: 40 }).filter((name) => Buffer.from(name).toString() === name),
      bytes: fc.uint8Array({ maxLength: 300 }),
    }),
    { maxLength: 6 },
  );

  test('come back in their order, whatever the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 50 }), async (wanted, pieceSize) => {
        const source = (async function* () {
          for (const { kind, name, bytes } of wanted) yield { kind, name, size: bytes.length, content: [bytes] };
        })();
        const stream = await all(writeEntries(source));
        const found: unknown[] = [];
        for await (const { kind, name, content } of readEntries(inPieces(stream, pieceSize))) {
          found.push({ kind, name, bytes: new Uint8Array(await all(content)) });
        }
        expect(found).toEqual(wanted);
      }),
    );
  });

  test('of garbage end in one typed error, or are what they say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        try {
          let size = 0;
          for await (const entry of readEntries(inPieces(bytes, 13))) {
            for await (const piece of entry.content) size += piece.length;
          }
          expect(size).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
          expect(error).toMatchObject({ code: 'bad-backup' });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('that nobody reads are skipped', async () => {
    const source = (async function* () {
      yield { kind: 'file' as const, name: 'a', size: 3, content: [Buffer.from('abc')] };
      yield { kind: 'file' as const, name: 'b', size: 1, content: [Buffer.from('d')] };
    })();
    const names: string[] = [];
    for await (const { name } of readEntries(writeEntries(source))) names.push(name);
    expect(names).toEqual(['a', 'b']);
  });
});

test('a reader gives what is there, and lets its source end', async () => {
  let isClosed = false;
  const source = (async function* () {
    try {
      yield Buffer.from('abc');
      yield Buffer.from('defg');
    } finally {
      isClosed = true;
    }
  })();
  const reader = new ByteReader(source);
  expect(String(Buffer.from(await reader.read(5)))).toBe('abcde');
  await reader.close();
  expect(isClosed).toBe(true);
});
