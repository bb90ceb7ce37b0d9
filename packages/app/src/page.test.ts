/// <reference lib="dom" />
import { sampleMessage } from '@sotto/client/testing/sample-message';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanId, idProblem } from '../page/features/new-conversation/account-id-input.ts';
import { readAddress } from '../page/features/new-conversation/address.ts';
import { isMuted } from '../page/features/person/muted.ts';
import { moved, sideOf, wholeCrop, zoomed } from '../page/features/settings/profile/crop.ts';
import {
  type Loaded,
  withMessage,
  withNewerPage,
  withNewestPage,
  withOlderPage,
  withoutMessage,
} from '../page/features/thread/merge-messages.ts';
import { firstUnreadOf, rowsOf } from '../page/features/thread/rows.ts';
import { isolated, withoutTurns } from '../page/parts/directions.ts';

const NOON = new Date(2026, 10, 23, 12).getTime();
const MINUTE = 60_000;

type Message = Loaded['messages'][number];

function message(id: number, sentAt = NOON + id * MINUTE, direction: Message['direction'] = 'in'): Message {
  const author = direction === 'in' ? 'them' : 'us';
  return sampleMessage({ id: String(id), direction, author, sentAt }) as Message;
}

function ids(loaded: Loaded): string {
  return loaded.messages.map(({ id }) => id).join(' ');
}

describe('what of a conversation is loaded', () => {
  test('a new message takes its place by time, a known one is replaced', () => {
    const loaded = { messages: [message(1), message(3)], before: null, atNewest: true };
    expect(ids(withMessage(loaded, message(4)))).toBe('1 3 4');
    expect(ids(withMessage(loaded, message(2)))).toBe('1 2 3');
    expect(ids(withMessage(loaded, message(0)))).toBe('0 1 3');
    const changed = withMessage(loaded, { ...message(3), body: 'new' });
    expect(ids(changed)).toBe('1 3');
    expect(changed.messages[1]?.body).toBe('new');
  });

  test('a message older than what is loaded comes with its own page', () => {
    const loaded = { messages: [message(5)], before: 'cursor', atNewest: true };
    expect(withMessage(loaded, message(2))).toBe(loaded);
  });

  test('while an older part is shown, newer messages come with their own page', () => {
    const part = { messages: [message(4), message(5)], before: 'cursor', atNewest: false };
    expect(withMessage(part, message(9))).toBe(part);
    const on = withNewerPage(part, { messages: [message(4), message(5), message(6)], before: 'cursor' });
    expect(ids(on)).toBe('4 5 6');
    expect(on.atNewest).toBe(false);
    const end = withNewerPage(on, { messages: [message(5), message(6)], before: 'cursor' });
    expect(ids(end)).toBe('4 5 6');
    expect(end.atNewest).toBe(true);
  });

  test('a removed message is gone', () => {
    const loaded = { messages: [message(1), message(2)], before: null, atNewest: true };
    expect(ids(withoutMessage(loaded, '1'))).toBe('2');
  });

  test('after a gap the newest page joins what it overlaps, and replaces what it does not', () => {
    const loaded = { messages: [message(1), message(2), message(3)], before: 'old', atNewest: true };
    const near = { messages: [message(3), message(4)], before: 'near' };
    const far = { messages: [message(8), message(9)], before: 'far' };
    expect(withNewestPage(null, near)).toEqual({ ...near, atNewest: true });
    expect(ids(withNewestPage(loaded, near))).toBe('1 2 3 4');
    expect(withNewestPage(loaded, near).before).toBe('old');
    expect(withNewestPage(loaded, far)).toEqual({ ...far, atNewest: true });
    // What disappeared meanwhile is not kept, whether the page goes back further or to the beginning.
    expect(ids(withNewestPage(loaded, { messages: [message(1), message(3)], before: 'near' }))).toBe('1 3');
    expect(withNewestPage(loaded, { ...near, before: null })).toEqual({ ...near, before: null, atNewest: true });
  });

  test('however pages are cut, walking back gives every message once and in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), (count, size) => {
        const all = Array.from({ length: count }, (_, id) => message(id));
        const pageBefore = (end: number): Loaded => {
          const start = Math.max(0, end - size);
          return { messages: all.slice(start, end), before: start > 0 ? String(start) : null, atNewest: true };
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

describe('the square of a picture', () => {
  const size = fc.record({ width: fc.integer({ min: 1, max: 9_000 }), height: fc.integer({ min: 1, max: 9_000 }) });
  const step = fc.double({ min: -3, max: 3, noNaN: true });

  test('stays inside of the image, however one drags and zooms', () => {
    fc.assert(
      fc.property(size, fc.array(fc.tuple(step, step, fc.double({ min: 0, max: 9, noNaN: true }))), (image, steps) => {
        let crop = wholeCrop(image);
        for (const [right, down, zoom] of steps) crop = moved(image, zoomed(image, crop, zoom), right, down);
        const half = sideOf(image, crop) / 2;
        expect(crop.x - half).toBeGreaterThanOrEqual(-1e-6);
        expect(crop.y - half).toBeGreaterThanOrEqual(-1e-6);
        expect(crop.x + half).toBeLessThanOrEqual(image.width + 1e-6);
        expect(crop.y + half).toBeLessThanOrEqual(image.height + 1e-6);
      }),
    );
  });

  test('begins with as much as fits, in the middle', () => {
    expect(wholeCrop({ width: 900, height: 600 })).toEqual({ x: 450, y: 300, zoom: 1 });
    expect(sideOf({ width: 900, height: 600 }, { x: 0, y: 0, zoom: 2 })).toBe(300);
  });
});

describe('what somebody typed to reach a person', () => {
  const account = `05${'ab'.repeat(32)}`;

  test.each([
    ['', { kind: 'empty' }],
    [`${account}\n`, { kind: 'id', id: account, problem: null }],
    ['05ab', { kind: 'id', problem: 'length' }],
    [`04${account.slice(2)}`, { kind: 'id', problem: 'prefix' }],
    [' Sotto:YBND rfg8 ', { kind: 'link', link: 'sotto:ybndrfg8' }],
    ['SOTTO:NETWORK/YBND', { kind: 'network' }],
    ['Alice-2', { kind: 'name', name: 'alice-2' }],
    ['abba', { kind: 'name', name: 'abba' }],
    ['x'.repeat(66), { kind: 'id', problem: 'digits' }],
    ['alice!', { kind: 'id', problem: 'digits' }],
  ])('%j', (text, address) => expect(readAddress(text)).toMatchObject(address));
});

describe('a muted conversation', () => {
  test('is quiet until its time', () => {
    expect(isMuted({ mutedUntil: null }, 5)).toBe(false);
    expect(isMuted({ mutedUntil: 5 }, 5)).toBe(false);
    expect(isMuted({ mutedUntil: 6 }, 5)).toBe(true);
  });
});
