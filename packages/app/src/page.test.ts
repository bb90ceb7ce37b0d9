/// <reference lib="dom" />
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanId, idProblem } from '../page/features/new-conversation/account-id-input.ts';
import { type Loaded, withMessage, withNewestPage, withOlderPage } from '../page/features/thread/merge-messages.ts';
import { firstUnreadOf, rowsOf } from '../page/features/thread/rows.ts';
import { isolated, withoutTurns } from '../page/parts/directions.ts';

const NOON = new Date(2026, 10, 23, 12).getTime();
const MINUTE = 60_000;

type Message = Loaded['messages'][number];

function message(id: number, sentAt = NOON + id * MINUTE, direction: Message['direction'] = 'in'): Message {
  const author = direction === 'in' ? 'them' : 'us';
  return { id: String(id), conversationId: 'c', direction, author, sentAt, body: '', delivery: null, failure: null };
}

function ids(loaded: Loaded): string {
  return loaded.messages.map(({ id }) => id).join(' ');
}

describe('what of a conversation is loaded', () => {
  test('a new message takes its place by time, a known one is replaced', () => {
    const loaded = { messages: [message(1), message(3)], before: null };
    expect(ids(withMessage(loaded, message(4)))).toBe('1 3 4');
    expect(ids(withMessage(loaded, message(2)))).toBe('1 2 3');
    expect(ids(withMessage(loaded, message(0)))).toBe('0 1 3');
    const changed = withMessage(loaded, { ...message(3), body: 'new' });
    expect(ids(changed)).toBe('1 3');
    expect(changed.messages[1]?.body).toBe('new');
  });

  test('a message older than what is loaded comes with its own page', () => {
    const loaded = { messages: [message(5)], before: 'cursor' };
    expect(withMessage(loaded, message(2))).toBe(loaded);
  });

  test('after a gap the newest page joins what it overlaps, and replaces what it does not', () => {
    const loaded = { messages: [message(1), message(2), message(3)], before: 'old' };
    const near = { messages: [message(3), message(4)], before: 'near' };
    const far = { messages: [message(8), message(9)], before: 'far' };
    expect(withNewestPage(null, near)).toBe(near);
    expect(ids(withNewestPage(loaded, near))).toBe('1 2 3 4');
    expect(withNewestPage(loaded, near).before).toBe('old');
    expect(withNewestPage(loaded, far)).toBe(far);
  });

  test('however pages are cut, walking back gives every message once and in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), (count, size) => {
        const all = Array.from({ length: count }, (_, id) => message(id));
        const pageBefore = (end: number): Loaded => {
          const start = Math.max(0, end - size);
          return { messages: all.slice(start, end), before: start > 0 ? String(start) : null };
        };
        let loaded = pageBefore(count);
        while (loaded.before !== null) loaded = withOlderPage(loaded, pageBefore(Number(loaded.before)));
        expect(loaded.messages).toEqual(all);
      }),
    );
  });
});

describe('rows of a thread', () => {
  const shape = (messages: readonly Message[], unread: string | null = null) =>
    rowsOf(messages, unread)
      .map(({ first, last }) => `${first ? '┌' : '│'}${last ? '┘' : ' '}`)
      .join('');

  test('messages of one author within five minutes stand together', () => {
    expect(shape([message(1), message(2), message(3)])).toBe('┌ │ │┘');
    expect(shape([message(1), message(7)])).toBe('┌┘┌┘');
    expect(shape([message(1), message(2, undefined, 'out'), message(3)])).toBe('┌┘┌┘┌┘');
  });

  test('a day and the unread line part them', () => {
    const midnight = new Date(2026, 10, 23).getTime();
    const rows = rowsOf([message(1, midnight - MINUTE), message(2, midnight), message(3, midnight + MINUTE)], null);
    expect(rows.map(({ newDay }) => newDay)).toEqual([true, true, false]);
    expect(shape([message(1), message(2), message(3)], '3')).toBe('┌ │┘┌┘');
  });

  test('the unread line stands before the oldest unread received message', () => {
    const messages = [message(1), message(2), message(3, undefined, 'out'), message(4)];
    expect(firstUnreadOf(messages, 0)).toBeNull();
    expect(firstUnreadOf(messages, 1)).toBe('4');
    expect(firstUnreadOf(messages, 2)).toBe('2');
    expect(firstUnreadOf(messages, 9)).toBe('1');
    expect(firstUnreadOf([], 1)).toBeNull();
  });
});

describe('a typed account id', () => {
  const id = `05${'ab'.repeat(32)}`;

  test.each([
    [
      'as copied, with white space and capitals',
      ` ${id
        .toUpperCase()
        .match(/.{1,4}/g)!
        .join(' ')}\n`,
      null,
    ],
    ['still too short', id.slice(0, 20), 'length'],
    ['one digit too long', `${id}0`, 'length'],
    ['of a group', `03${id.slice(2)}`, 'prefix'],
    ['with a wrong digit', `${id.slice(0, -1)}g`, 'digits'],
    ['begun with its first digit', '0', 'length'],
  ])('%s', (_name, text, problem) => {
    expect(idProblem(cleanId(text))).toBe(problem);
  });
});

describe('texts of another direction', () => {
  test('stand isolated in a sentence, and only they', () => {
    expect(isolated('נור')).toBe('\u2068נור\u2069');
    expect(isolated('نور Noor')).toBe('\u2068نور Noor\u2069');
    expect(isolated('Łukasz 李 👩‍👩‍👧 3')).toBe('Łukasz 李 👩‍👩‍👧 3');
  });

  test('cannot turn what stands around them', () => {
    expect(withoutTurns('\u202Egnp.exe')).toBe('gnp.exe');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'נ', '\u202e', '\u2066', '\u2069') }), (text) => {
        expect(isolated(text)).toMatch(/^(\u2068[^\u202a-\u202e\u2066-\u2069]*\u2069|[^\u202a-\u202e\u2066-\u2069]*)$/);
      }),
    );
  });
});
