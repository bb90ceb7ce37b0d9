import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanAnimation } from '../page/features/thread/files/animation.ts';
import { withoutFilmNotes } from '../page/features/thread/files/film.ts';

const ascii = (text: string) => Buffer.from(text, 'latin1');
const SECRET = 'N 52.37 E 4.89, my phone';

function big(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function little(value: number, size = 4): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value, 0, size);
  return bytes;
}

/** A chunk of RIFF. */
function riff(name: string, ...parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts);
  return Buffer.concat([ascii(name), little(payload.length), payload, Buffer.alloc(payload.length % 2)]);
}

/** A chunk of PNG; nobody here looks at its checksum. */
function png(name: string, payload: Uint8Array): Buffer {
  return Buffer.concat([big(payload.length), ascii(name), payload, big(0xc0ffee)]);
}

/** A box of MP4. */
function box(name: string, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([big(content.length + 8), ascii(name), content]);
}

/** Every beginning of a file but the whole, and noise after a true beginning. */
function isReadWhole(whole: Uint8Array, read: (bytes: Uint8Array) => unknown): void {
  for (let length = 0; length < whole.length; length++) expect(read(whole.subarray(0, length))).toBeNull();
  fc.assert(
    fc.property(fc.nat(whole.length), fc.uint8Array({ maxLength: 300 }), (length, noise) => {
      read(Uint8Array.from([...whole.subarray(0, length), ...noise]));
    }),
  );
}

describe('an animated WebP', () => {
  const canvas = (flags: number) => riff('VP8X', Uint8Array.of(flags, 0, 0, 0), little(639, 3), little(479, 3));
  const loop = riff('ANIM', Buffer.alloc(6));
  const frame = (...more: readonly Uint8Array[]) =>
    riff('ANMF', Buffer.alloc(16, 1), riff('ALPH', Buffer.alloc(3, 2)), riff('VP8 ', Buffer.alloc(5, 3)), ...more);
  const file = (...chunks: readonly Uint8Array[]) => riff('RIFF', ascii('WEBP'), ...chunks);

  test('keeps its pictures and loses its notes', () => {
    const noted = file(
      canvas(0x3e),
      riff('ICCP', ascii(SECRET)),
      loop,
      frame(riff('note', ascii(SECRET))),
      frame(),
      riff('EXIF', ascii(SECRET)),
      riff('XMP ', ascii(SECRET)),
    );
    expect(cleanAnimation(Buffer.concat([noted, ascii(SECRET)]))).toEqual({
      bytes: new Uint8Array(file(canvas(0x12), loop, frame(), frame())),
      contentType: 'image/webp',
      width: 640,
      height: 480,
    });
  });

  test('that is broken is not taken for one, nor is a still', () => {
    isReadWhole(file(canvas(0x02), loop, frame()), cleanAnimation);
    expect(cleanAnimation(file(canvas(0), riff('VP8 ', Buffer.alloc(5))))).toBeNull();
    expect(cleanAnimation(file(riff('VP8 ', Buffer.alloc(5))))).toBeNull();
    expect(cleanAnimation(file(canvas(0x02), loop))).toBeNull();
  });
});

describe('an animated PNG', () => {
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const header = png('IHDR', Buffer.concat([big(640), big(480), Buffer.alloc(5)]));
  const pictures = [png('fcTL', Buffer.alloc(26)), png('IDAT', Buffer.alloc(9)), png('fdAT', Buffer.alloc(9))];
  const animated = png('acTL', Buffer.alloc(8));
  const end = png('IEND', Buffer.alloc(0));
  const file = (...chunks: readonly Uint8Array[]) => Buffer.concat([signature, ...chunks]);

  test('keeps its pictures and loses its notes', () => {
    const notes = ['tEXt', 'iTXt', 'zTXt', 'eXIf', 'iCCP', 'tIME', 'noTe'].map((name) => png(name, ascii(SECRET)));
    expect(cleanAnimation(file(header, ...notes, animated, ...pictures, ...notes, end, ascii(SECRET)))).toEqual({
      bytes: new Uint8Array(file(header, animated, ...pictures, end)),
      contentType: 'image/png',
      width: 640,
      height: 480,
    });
  });

  test('that is broken is not taken for one, nor is a still', () => {
    isReadWhole(file(header, animated, ...pictures, end), cleanAnimation);
    expect(cleanAnimation(file(header, ...pictures, end))).toBeNull();
    expect(cleanAnimation(file(animated, header, ...pictures, end))).toBeNull();
  });

  test('that says a size that cannot be is sent without one', () => {
    for (const [width, height] of [
      [0, 480],
      [640, 0],
      [640, 2 ** 32 - 1],
    ] as const) {
      const sized = file(
        png('IHDR', Buffer.concat([big(width), big(height), Buffer.alloc(5)])),
        animated,
        ...pictures,
        end,
      );
      expect(cleanAnimation(sized)).toEqual({ bytes: new Uint8Array(sized), contentType: 'image/png' });
    }
  });
});

describe('a film', () => {
  const times = Buffer.alloc(8, 7);
  const version0 = Buffer.alloc(4);
  const rest = Buffer.alloc(20, 5);
  const handler = (kind: string) => box('hdlr', Buffer.alloc(8), ascii(kind), Buffer.alloc(13));
  const track = (kind: string, date: Uint8Array, ...more: readonly Uint8Array[]) =>
    box(
      'trak',
      box('tkhd', version0, date, rest),
      ...more,
      box(
        'mdia',
        box('mdhd', Uint8Array.of(1, 0, 0, 0), date, date, rest),
        handler(kind),
        box('minf', box('stbl', rest)),
      ),
    );
  const film = (kind: string, date: Uint8Array, note: (name: string) => Uint8Array) =>
    Buffer.concat([
      box('ftyp', ascii('mp42isom')),
      note('uuid'),
      box('moov', box('mvhd', version0, date, rest), track(kind, date, note('udta'), note('meta')), note('udta')),
      Buffer.concat([big(1), ascii('mdat'), big(0), big(21), ascii('media')]),
      note('sefd'),
    ]);
  const noted = (name: string) => box(name, ascii(SECRET));
  const blank = () => box('free', Buffer.alloc(SECRET.length));

  test('keeps its pictures where they are, and loses its notes and times', () => {
    const given = film('vide', times, noted);
    const cleaned = withoutFilmNotes(given);
    expect(cleaned).toEqual(new Uint8Array(film('vide', Buffer.alloc(8), blank)));
    expect(given.includes(SECRET)).toBe(true);
  });

  test('loses the tracks that tell where its camera was, with all they have in the stream', () => {
    const [first, second, third] = ['N 52.37', 'N 52.38', 'N 52.39'].map(ascii);
    const stream = Buffer.concat([ascii('PICTURE'), first!, second!, ascii('SOUND'), third!]);
    const start = 16 + 8;
    const table = (name: string, ...entries: readonly number[]) => box(name, version0, ...entries.map(big));
    const tables = (sizes: Uint8Array) =>
      box('stbl', sizes, table('stsc', 2, 1, 2, 1, 2, 1, 1), table('stco', 2, start + 7, start + 26));
    const filmOf = (sizes: Uint8Array) =>
      Buffer.concat([
        box('ftyp', ascii('mp42isom')),
        box('mdat', stream),
        box('moov', track('vide', times), box('trak', box('mdia', handler('meta'), box('minf', tables(sizes))))),
      ]);
    for (const sizes of [table('stsz', 0, 3, 7, 7, 7), table('stsz', 7, 3)]) {
      const cleaned = Buffer.from(withoutFilmNotes(filmOf(sizes))!);
      expect(cleaned.toString('latin1')).toContain(`mdatPICTURE${'\0'.repeat(14)}SOUND${'\0'.repeat(7)}`);
      expect(cleaned.includes('meta')).toBe(false);
    }
    expect(withoutFilmNotes(filmOf(table('stsz', 4000, 3)))).toBeNull();
    expect(withoutFilmNotes(filmOf(table('stsz', 0, 300)))).toBeNull();
    expect(withoutFilmNotes(filmOf(table('stss', 0)))).toBeNull();
    expect(withoutFilmNotes(Buffer.concat([filmOf(table('stsz', 7, 3)), box('moof', rest)]))).toBeNull();
  });

  test('loses the names of the device that are among what playing needs', () => {
    const name = ascii('MyCam 11');
    const padded = (text: Uint8Array) => Buffer.concat([text, Buffer.alloc(32 - text.length)]);
    const filmBy = (maker: Uint8Array) => {
      const entry = box('avc1', Buffer.alloc(42, 3), padded(maker), Buffer.alloc(4, 3), box('avcC', rest));
      const hdlr = box('hdlr', Buffer.alloc(8), ascii('vide'), Buffer.alloc(12, 3), maker);
      const minf = box('minf', box('stbl', box('stsd', version0, big(1), entry)));
      return Buffer.concat([box('ftyp', ascii('mp42')), box('moov', box('trak', box('mdia', hdlr, minf)))]);
    };
    expect(withoutFilmNotes(filmBy(name))).toEqual(new Uint8Array(filmBy(Buffer.alloc(name.length))));
  });

  test('whose tracks are nowhere, or in a form that is not read, is left as it is', () => {
    const start = box('ftyp', ascii('qt  '));
    expect(withoutFilmNotes(Buffer.concat([start, box('mdat', rest), box('moov', box('cmov', rest))]))).toBeNull();
    expect(withoutFilmNotes(Buffer.concat([start, box('meta', rest), box('mdat', rest)]))).toBeNull();
  });

  test('whose tables are wrong damages nothing, and takes no time', () => {
    const start = 16 + 8;
    const many = 300_000;
    const table = (name: string, ...entries: readonly number[]) => box(name, version0, ...entries.map(big));
    const entries = (name: string, each: (index: number) => readonly number[]) =>
      box(name, version0, big(many), Buffer.concat(Array.from({ length: many }, (_, at) => each(at).map(big)).flat()));
    const filmOf = (stream: Uint8Array, ...tables: readonly Uint8Array[]) =>
      Buffer.concat([
        box('ftyp', ascii('mp42isom')),
        box('mdat', stream),
        box(
          'moov',
          track('vide', times),
          box('trak', box('mdia', handler('meta'), box('minf', box('stbl', ...tables)))),
        ),
      ]);
    const one = table('stsc', 1, 1, 1, 1);
    const stream = Buffer.alloc(100, 9);
    const place = (at: number) => filmOf(stream, table('stsz', 7, 1), one, table('stco', 1, at));
    expect(withoutFilmNotes(place(start))).not.toBeNull();
    // Its samples would be in what says how to play it, or the same twice; or some are nowhere.
    expect(withoutFilmNotes(place(start + 95))).toBeNull();
    expect(withoutFilmNotes(place(4))).toBeNull();
    expect(withoutFilmNotes(filmOf(stream, table('stsz', 7, 2), one, table('stco', 2, start, start)))).toBeNull();
    expect(withoutFilmNotes(filmOf(stream, table('stsz', 0, 2, 7, 7), one, table('stco', 1, start)))).toBeNull();
    const chunks = entries('stco', (index) => [start + index]);
    const runs = entries('stsc', () => [1, 1, 1]);
    expect(withoutFilmNotes(filmOf(Buffer.alloc(many, 9), table('stsz', 1, many), runs, chunks))).not.toBeNull();
  });

  test('that is broken, or is none at all, is left to the person', () => {
    expect(withoutFilmNotes(film('meta', times, noted))).toBeNull();
    expect(withoutFilmNotes(ascii(SECRET))).toBeNull();
    const whole = film('soun', times, noted);
    fc.assert(
      fc.property(fc.nat(whole.length), fc.uint8Array({ maxLength: 300 }), (length, noise) => {
        withoutFilmNotes(Uint8Array.from([...whole.subarray(0, length), ...noise]));
      }),
    );
    expect(withoutFilmNotes(whole.subarray(0, -1))).toBeNull();
  });
});
