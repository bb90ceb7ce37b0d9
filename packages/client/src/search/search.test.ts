import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SearchQuery } from '../engine.ts';
import { Database } from '../store/database.ts';
import { PLAIN_MESSAGE } from '../store/message-table.ts';
import { ProfileStore } from '../store/profile-store.ts';

const US = `05${'aa'.repeat(32)}`;
const BEN = `05${'bb'.repeat(32)}`;
const CLEO = `05${'cc'.repeat(32)}`;
const NOTHING = { body: '', quote: null, details: {}, mentionsUs: false };

let folder: string;
let database: Database;
let store: ProfileStore;
let nextTime = 1000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-search-'));
  database = Database.open(join(folder, 'profile.db'), new Uint8Array(32).fill(1), 'create');
  store = new ProfileStore(database, US);
  for (const id of [BEN, CLEO]) {
    database.run('INSERT INTO conversations (id, last_activity_at) VALUES (@id, 1)', { id });
  }
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function add(body: string, { author = BEN, conversationId = BEN, at = nextTime++ } = {}): number {
  const outgoing = author === US;
  return store.messages.insert({
    ...PLAIN_MESSAGE,
    conversationId,
    author,
    outgoing,
    sentAt: at,
    placedAt: at,
    delivery: outgoing ? 'stored' : null,
    body,
  });
}

const find = (text: string, query: Partial<SearchQuery> = {}) => store.search.find({ text, ...query });
const found = (text: string, query: Partial<SearchQuery> = {}) => find(text, query).map(({ message }) => message.body);

/** How many blobs of the index hold these bytes. */
function tracesOf(word: string): number {
  const sql = 'SELECT count(*) AS count FROM message_text_data WHERE instr(block, CAST(@word AS BLOB)) > 0';
  return database.get(sql, { word })?.count as number;
}

test('finds messages that have all words, the last one as a beginning, newest first', () => {
  add('Meet me at the harbour');
  add('The harbour is closed, meet me elsewhere', { conversationId: CLEO, author: CLEO });
  add('No meeting today');
  expect(found('harbour meet')).toEqual(['The harbour is closed, meet me elsewhere', 'Meet me at the harbour']);
  expect(found('meet')).toHaveLength(3);
  expect(found('meet harb')).toHaveLength(2);
  expect(found('harb meet')).toEqual([]);
  expect(found('harbour', { limit: 1 })).toEqual(['The harbour is closed, meet me elsewhere']);
});

test('newest is by the time of the message, not by when it came', () => {
  add('tide late', { at: 900 });
  add('tide early', { at: 100 });
  expect(found('tide')).toEqual(['tide late', 'tide early']);
});

test('case, accents and the way they are written make no difference', () => {
  add('Wir treffen uns im CAFÉ Größe');
  for (const word of ['cafe', 'Café', 'cafe\u0301', 'große', 'GROSSE'.toLowerCase().replace('ss', 'ß')]) {
    expect(found(word), word).toHaveLength(1);
  }
});

test('finds words inside languages without spaces', () => {
  add('今日は東京に行きました');
  add('我们明天在北京见面');
  add('สวัสดีครับ');
  add('오늘 서울에서 만나요');
  expect(found('東京')).toHaveLength(1);
  expect(found('京')).toHaveLength(2);
  expect(found('京東')).toEqual([]);
  expect(found('สวัสดี')).toHaveLength(1);
  expect(found('서울')).toHaveLength(1);
  expect(found('北京')).toEqual(['我们明天在北京见面']);
});

test('filters by conversation, author, time and attachment, alone or together', () => {
  add('plan a', { at: 100 });
  add('plan b', { at: 200, author: US });
  const withFile = add('plan c', { at: 300, author: CLEO, conversationId: CLEO });
  store.attachments.add(withFile, [
    {
      isPreview: false,
      contentType: 'image/png',
      fileName: null,
      size: 1,
      width: null,
      height: null,
      isVoice: false,
      caption: null,
      pointer: null,
      blob: null,
      isWanted: false,
    },
  ]);
  expect(found('plan', { conversationId: BEN })).toEqual(['plan b', 'plan a']);
  expect(found('plan', { author: US })).toEqual(['plan b']);
  expect(found('plan', { after: 100, before: 300 })).toEqual(['plan b', 'plan a']);
  expect(found('plan', { hasAttachment: true })).toEqual(['plan c']);
  expect(found('plan', { hasAttachment: false, after: 200 })).toEqual(['plan b']);
  expect(found('', { hasAttachment: true })).toEqual(['plan c']);
  expect(found(' ')).toEqual([]);
});

test('shows the part of a long text with the words, and where they are', () => {
  add(`${'before '.repeat(100)}the Lighthouse keeper ${'after '.repeat(100)}`);
  const [hit] = find('lighthouse keep');
  expect(hit!.snippet.length).toBeLessThan(300);
  expect(hit!.marks.map(([start, end]) => hit!.snippet.slice(start, end)).join(' ')).toBe('Lighthouse keeper');
});

test('nothing in a text is an operator, and no text makes it fail', () => {
  add('NOT a "quoted" (thing) * OR body:x ^ - {y} \u{FDD0}mark\u{FDD1}');
  expect(found('"quoted" OR')).toHaveLength(1);
  expect(found('body:x')).toHaveLength(1);
  expect(found('NEAR(')).toEqual([]);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (text) => {
      for (const { snippet, marks } of find(text)) {
        for (const [start, end] of marks) expect(start <= end && end <= snippet.length).toBe(true);
      }
    }),
  );
});

test('what is deleted, changed or disappears leaves no trace in the index', () => {
  const words = ['zanzibarone', 'zanzibartwo', 'zanzibarthree', 'zanzibarstays'];
  const [removed, erased, edited] = words.map((word) => add(`a ${word} b`));
  expect(words.map(tracesOf).every((count) => count > 0)).toBe(true);
  store.messages.remove(removed!);
  store.messages.setContent(erased!, NOTHING, null, true);
  store.messages.setContent(edited!, { ...NOTHING, body: 'something else' }, 5000, false);
  expect(found('zanzibar')).toEqual(['a zanzibarstays b']);
  expect(found('something')).toEqual(['something else']);
  expect(['one', 'two', 'three'].map((suffix) => tracesOf(`zanzibar${suffix}`))).toEqual([0, 0, 0]);
  for (const suffix of ['one', 'two', 'three']) expect(tracesOf(suffix), suffix).toBe(0);
  database.checkWholly();
});

test('many hits are found like few', () => {
  database.transaction(() => {
    for (let number = 0; number < 3000; number++) add(`common ${number}`, { author: number % 3 === 0 ? US : BEN });
  });
  expect(found('common', { limit: 3 })).toEqual(['common 2999', 'common 2998', 'common 2997']);
  expect(found('common', { limit: 2, author: US })).toEqual(['common 2997', 'common 2994']);
  expect(found('common', { limit: 2, conversationId: CLEO })).toEqual([]);
});
