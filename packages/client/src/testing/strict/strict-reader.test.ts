import { concatBytes } from '@sotto/wire/bytes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CLIENTS, field as f, type Habits, sealAs } from '../foreign-client.ts';
import { ALICE, alice, BOB, bob, eve, Party } from '../party.ts';
import { accountOf, texts } from '../person.ts';
import { readStrictly } from './strict-reader.ts';

let party: Party;

beforeEach(() => {
  party = new Party();
});

afterEach(() => party.end());

test('whatever we write, of every kind, keeps every rule of the chapter', async () => {
  const [a, b] = await party.acquainted();
  for (const { engine } of [a, b]) engine.setSettings({ readReceipts: true, typingIndicators: true });
  const file = await a.engine.keepFile(new Uint8Array(900).fill(1));
  const voice = await a.engine.keepFile(new Uint8Array(80).fill(2));
  const preview = { url: 'https://sotto.test/', title: 'Sotto', image: null };
  a.engine.send(bob, {
    body: 'see https://sotto.test/',
    quotedMessageId: texts(a, bob).at(-1)!.id,
    attachments: [
      { file, contentType: 'image/png', fileName: 'a.png', width: 3, height: 4, caption: 'A' },
      { file: voice, contentType: 'audio/ogg', isVoiceMessage: true },
    ],
    preview,
  });
  a.engine.send(bob, '🙂'.repeat(2000));
  a.engine.send(bob, 'x'.repeat(40));
  const unsent = a.engine.send(bob, 'to be deleted');
  a.engine.send(alice, 'a note');
  a.engine.send(eve, 'May I?');
  await a.engine.setPicture(Uint8Array.of(0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0, 0));
  await party.settle();
  a.engine.edit(texts(a, bob).find(({ body }) => body.startsWith('xx'))!.id, 'edited');
  a.engine.deleteForEveryone([unsent.id]);
  b.engine.react(texts(b, alice).at(-1)!.id, '👍🏽', true);
  b.engine.noteTyping(alice);
  b.engine.markRead(alice);
  const [received] = texts(b, alice).flatMap(({ attachments }) => attachments);
  b.engine.noteSaved(received!.id);
  b.engine.setDisappearing(alice, { mode: 'after-send', seconds: 86_400 });
  b.engine.send(alice, 'for a day');
  b.engine.noteSaved(received!.id);
  a.engine.setDisappearing(bob, { mode: 'after-read', seconds: 3600 });
  a.engine.send(bob, 'for an hour');
  await party.clock.advance(5000);
  const written = party.written();
  expect(new Set(written.map(({ kind }) => kind))).toEqual(
    new Set([
      'message',
      'reaction',
      'timer',
      'receipt',
      'typing',
      'media-saved',
      'unsend',
      'request-accepted',
    ] as const),
  );
  // No two things that an account says have the same time, but the copy of each (messages §5.1).
  const said = written.filter(({ isCopy }) => !isCopy).map(({ sender, sentAt }) => `${sender} ${sentAt}`);
  expect(new Set(said).size).toBe(said.length);
});

test('the strict reader refuses what breaks a rule', () => {
  const timestamp = 1_790_000_000_000;
  const seal = (content: Uint8Array, habits: Habits = CLIENTS.desktop) =>
    sealAs(habits, {
      content,
      timestamp,
      sender: accountOf(ALICE),
      recipient: bob,
      ephemeralSeed: new Uint8Array(32).fill(1),
    });
  const read = (data: Uint8Array, ttl = 1_209_600_000) => readStrictly(data, accountOf(BOB), ttl);
  const time = f(15, timestamp);
  const text = f(1, f(1, 'Hi'));
  expect(read(seal(concatBytes(text, time)))).toEqual({
    kind: 'message',
    sender: alice,
    sentAt: timestamp,
    isCopy: false,
  });
  const bad: [Uint8Array, string][] = [
    [seal(text), 'sigTimestamp is missing'],
    [seal(concatBytes(text, f(15, timestamp + 1))), 'timestamp of the envelope'],
    [seal(concatBytes(text, f(9, f(1, 5), f(2, alice)), time)), 'exactly one message'],
    [seal(concatBytes(f(1, f(1, ' '), f(105, alice)), time)), 'syncTarget'],
    [seal(concatBytes(f(1, f(1, ' ')), time)), 'says something'],
    [seal(concatBytes(f(1, f(1, 'Hi'), f(1, 'Ho')), time)), 'there twice'],
    [seal(concatBytes(f(1, f(1, 5)), time)), 'wire type'],
    [seal(concatBytes(f(1, f(1, Uint8Array.of(0xff))), time)), 'not valid'],
    [seal(concatBytes(text, f(12, 2), time)), 'type and timer'],
    [seal(concatBytes(f(9, f(1, 5), f(2, bob)), time)), 'only the author'],
    [seal(concatBytes(text, f(99, 1), time)), 'no field 99'],
    [seal(concatBytes(text, time), CLIENTS.older), 'no field 10'],
    [seal(concatBytes(text, time), CLIENTS.unpadded), 'is missing'],
    [seal(concatBytes(text, time), { ...CLIENTS.desktop, pad: CLIENTS.older.pad }), 'to its block'],
    [seal(concatBytes(text, time), { ...CLIENTS.desktop, pad: CLIENTS.unpadded.pad }), 'begins with 80'],
    [seal(concatBytes(text, time), CLIENTS.android), 'no field 2'],
  ];
  for (const [data, why] of bad) expect(() => read(data), why).toThrow(why);
  expect(() => read(seal(concatBytes(text, time)), 5)).toThrow('is stored for');
});
