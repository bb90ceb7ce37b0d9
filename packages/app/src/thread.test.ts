import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMOJI_GROUPS, findEmoji } from '../page/features/emoji/emoji-list.ts';
import { wantedOf } from '../page/features/search/search-filters.ts';
import { kindOf } from '../page/features/thread/files/attachment-kind.ts';
import { honestName, safeName } from '../page/features/thread/files/file-name.ts';
import { withoutNotes } from '../page/features/thread/files/gif.ts';
import { barsOf } from '../page/features/thread/files/waveform.ts';
import { mentionAt, withIds, withNames } from '../page/features/thread/text/mentions.ts';
import { disguisedHost, type Piece, parseText } from '../page/features/thread/text/parse-text.ts';

const INES = { id: `05${'8c'.repeat(32)}`, name: 'Ines' };
const INES_M = { id: `05${'01'.repeat(32)}`, name: 'Ines Marchetti' };

/** What one reads of pieces: marks of emphasis are gone, everything else is there. */
function textOf(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => ('pieces' in piece ? textOf(piece.pieces) : piece.kind === 'mention' ? `@${piece.id}` : piece.text))
    .join('');
}

function kinds(text: string): string {
  return parseText(text)
    .map(({ kind }) => kind)
    .join(' ');
}

describe('the text of a message', () => {
  test.each([
    ['plain words', 'text'],
    ['*strong* and _emphasis_ and ~struck~', 'strong text emphasis text struck'],
    ['**strong** __too__', 'strong text emphasis'],
    ['snake_case_name and 2*3*4 and ~/path', 'text'],
    ['* a list\n* of two', 'text'],
    ['*not over\ntwo lines*', 'text'],
    ['`code *as it is*`', 'code'],
    ['```js\nlet a = 1;\n```', 'block'],
    ['see https://desk.example/a_b_c, now', 'text link text'],
    ['javascript:alert(1) data:text/html,x', 'text'],
    [`hello @${INES.id}!`, 'text mention text'],
    [`@${INES.id}ff`, 'text'],
    ['https://', 'text'],
    ['<img src=x onerror=alert(1)>', 'text'],
  ])('%j is %s', (text, expected) => expect(kinds(text)).toBe(expected));

  test('emphasis may hold a link and other emphasis', () => {
    const [strong] = parseText('*very _important_ https://desk.example*');
    expect(strong).toMatchObject({
      kind: 'strong',
      pieces: [{ kind: 'text' }, { kind: 'emphasis' }, {}, { kind: 'link' }],
    });
  });

  test('a mention is read in any case of letters', () => {
    expect(parseText(`@${INES.id.toUpperCase()}`)).toEqual([{ kind: 'mention', id: INES.id }]);
  });

  test('nothing that was written is lost, whatever it is', () => {
    const written = fc.array(
      fc.constantFrom('*', '_', '~', '`', '```', '\n', ' ', 'a', 'é', '@', INES.id, 'https://a.b/c', '<', '&', '👍'),
      { maxLength: 40 },
    );
    const letters = (text: string) => text.replaceAll(/[*_~`\n\s]/g, '').toLowerCase();
    fc.assert(
      fc.property(written, (parts) => {
        const text = parts.join('');
        expect(letters(textOf(parseText(text)))).toBe(letters(text));
      }),
    );
  });

  test('long hostile texts are read quickly', () => {
    const began = performance.now();
    for (const text of ['*a '.repeat(3_300), '`'.repeat(10_000), '*_~'.repeat(3_300), 'https://'.repeat(1_200)])
      parseText(text);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test.each([
    ['https://desk.example/a', null],
    ['HTTPS://Desk.Example:443/a', null],
    ['https://bank.example@evil.example/', 'evil.example'],
    ['https://аpple.com/', 'xn--pple-43d.com'],
  ])('the host of %s', (text, host) => expect(disguisedHost(new URL(text).href, text)).toBe(host));
});

describe('mentions', () => {
  test('names stand for ids while one writes', () => {
    const text = 'Ask @Ines Marchetti, not @Ines';
    const sent = withIds(text, [INES, INES_M]);
    expect(sent).toBe(`Ask @${INES_M.id}, not @${INES.id}`);
    expect(withNames(sent, [INES, INES_M])).toEqual({ text, picked: [INES, INES_M] });
  });

  test('a name that was not picked stays a name', () => {
    expect(withIds('mail @Ines', [])).toBe('mail @Ines');
  });

  test.each([
    ['@', 1, { start: 0, typed: '' }],
    ['ask @In', 7, { start: 4, typed: 'In' }],
    ['ask @In now', 11, null],
    ['noor@desk', 9, null],
    ['ask @In now', 7, { start: 4, typed: 'In' }],
  ])('in %j at %i', (text, cursor, expected) => expect(mentionAt(text, cursor)).toEqual(expected));
});

describe('names of files', () => {
  test.each([
    ['ledger.pdf', { stem: 'ledger', extension: '.pdf', runs: false, misleading: false }],
    ['invoice.pdf.exe', { stem: 'invoice.pdf', extension: '.exe', runs: true, misleading: true }],
    ['archive.tar.gz', { stem: 'archive.tar', extension: '.gz', runs: false, misleading: false }],
    ['invoice\u202efdp.exe', { stem: 'invoice⟨U+202E⟩fdp', extension: '.exe', runs: true, misleading: true }],
    ['no extension', { stem: 'no extension', extension: '', runs: false, misleading: false }],
    ['photo.jpg   .scr', { extension: '.scr', runs: true, misleading: true }],
    ['page.HTML', { extension: '.HTML', runs: true }],
    ['👩‍👩‍👧.png', { extension: '.png', misleading: false }],
  ])('%j is shown as what it is', (name, expected) => expect(honestName(name)).toMatchObject(expected));

  test.each([
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\Users\\x.txt', 'C__Users_x.txt'],
    ['.bashrc', 'bashrc'],
    ['a\u202eb\u0000.txt', 'ab.txt'],
    ['name.exe. ', 'name.exe'],
    ['', 'file'],
    ['...', 'file'],
  ])('%j is saved as %j', (name, safe) => expect(safeName(name)).toBe(safe));

  test('no name shows or saves a character that hides or turns', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const { stem, extension } = honestName(name);
        expect(`${stem}${extension}${safeName(name)}`).not.toMatch(/(?![\u200c\u200d])[\p{Cc}\p{Cf}]/u);
        expect(safeName(name)).not.toMatch(/[/\\:*?"<>|]|^\.|^$/);
      }),
    );
  });
});

describe('an animation', () => {
  const header = [...Buffer.from('GIF89a'), 2, 0, 2, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6];
  const loop = [0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0'), 3, 1, 0, 0, 0];
  const xmp = [0x21, 0xff, 11, ...Buffer.from('XMP DataXMP'), 4, 1, 2, 3, 4, 0];
  const comment = [0x21, 0xfe, 5, ...Buffer.from('where'), 0];
  const picture = [0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 2, 0x4c, 1, 0];
  const end = [0x3b];

  test('keeps its pictures and loses its notes', () => {
    const gif = Uint8Array.from([...header, ...loop, ...comment, ...picture, ...xmp, ...picture, ...end, 9, 9, 9]);
    expect(withoutNotes(gif)).toEqual(Uint8Array.from([...header, ...loop, ...picture, ...picture, ...end]));
  });

  test('that is broken is not taken for one', () => {
    const whole = Uint8Array.from([...header, ...loop, ...comment, ...picture, ...end]);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        expect(withoutNotes(whole.subarray(0, length))).toBeNull();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        withoutNotes(Uint8Array.from([...header, ...noise]));
      }),
    );
  });
});

test('every emoji has a category that the page names, and is found by its name', () => {
  expect(EMOJI_GROUPS.map(({ slug }) => slug)).toEqual([
    'smileys_emotion',
    'people_body',
    'animals_nature',
    'food_drink',
    'travel_places',
    'activities',
    'objects',
    'symbols',
    'flags',
  ]);
  expect(findEmoji('thumbs up').map(({ emoji }) => emoji)).toEqual(['👍']);
  expect(findEmoji('qqq')).toEqual([]);
});

test('what a file is shown as depends on its type', () => {
  const kind = (contentType: string, isVoiceMessage = false) => kindOf({ contentType, isVoiceMessage });
  expect(kind('image/PNG; x=1')).toBe('picture');
  expect(kind('image/svg+xml')).toBe('file');
  expect(kind('video/mp4')).toBe('film');
  expect(kind('audio/ogg')).toBe('sound');
  expect(kind('audio/ogg', true)).toBe('voice');
  expect(kind('text/html')).toBe('file');
});

test('the waveform is as loud as its loudest sample', () => {
  const samples = Float32Array.from({ length: 400 }, (_, at) => (at < 200 ? 0.25 : -0.5));
  const bars = barsOf(samples);
  expect(bars).toHaveLength(40);
  expect(bars[0]).toBe(0.5);
  expect(bars.at(-1)).toBe(1);
  expect(barsOf(new Float32Array(3))).toHaveLength(40);
});

test('a search for days takes them whole, in local time', () => {
  const wanted = wantedOf('x', { author: '', from: '2026-11-22', until: '2026-11-23', hasAttachment: true });
  expect(wanted).toEqual({
    text: 'x',
    after: new Date(2026, 10, 22).getTime(),
    before: new Date(2026, 10, 24).getTime(),
    hasAttachment: true,
  });
});
