import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acceptContent,
  CallMessage_Type,
  type ContentInit,
  classifyContent,
  countCodePoints,
  cutToCodePoints,
  decodeContent,
  encodeContent,
  isBlank,
} from './index.ts';

const OWN = `05${'aa'.repeat(32)}`;
const FRIEND = `05${'bb'.repeat(32)}`;
const SENT_AT = 1_767_225_600_123;

/** The verdict over a content after it went over the wire. */
function accept(content: ContentInit, sender = FRIEND) {
  return acceptContent(decodeContent(encodeContent(content)), { sender, sentAt: SENT_AT, ownAccountId: OWN });
}

function dropReason(content: ContentInit, sender = FRIEND): string | undefined {
  const verdict = accept(content, sender);
  return verdict.kind === 'dropped' ? verdict.reason : undefined;
}

test('a text from a friend is visible', () => {
  expect(accept({ dataMessage: { body: 'hi' }, sigTimestamp: BigInt(SENT_AT) })).toEqual({
    kind: 'visible',
    conversation: FRIEND,
    body: 'hi',
    quote: null,
    preview: null,
    attachments: [],
    invitation: null,
    expiry: { mode: 'off', seconds: 0 },
    profile: null,
    replaces: null,
    contactToken: null,
  });
});

test('the first kind in the order wins', () => {
  const everything: Required<Pick<ContentInit, 'dataMessage' | 'receiptMessage' | 'typingMessage' | 'callMessage'>> = {
    dataMessage: { body: 'x' },
    receiptMessage: { type: 1, timestamp: [1n] },
    typingMessage: { timestamp: 1n, action: 0 },
    callMessage: { type: CallMessage_Type.PRE_OFFER, uuid: 'u' },
  };
  const { dataMessage: _data, ...withoutData } = everything;
  const { receiptMessage: _receipt, ...withoutReceipt } = withoutData;
  const { typingMessage: _typing, ...onlyCall } = withoutReceipt;
  const kinds = [everything, withoutData, withoutReceipt, onlyCall, {}].map(
    (content) => classifyContent(decodeContent(encodeContent(content)))?.kind,
  );
  expect(kinds).toEqual(['dataMessage', 'receiptMessage', 'typingMessage', 'callMessage', undefined]);
  expect(dropReason({ sigTimestamp: BigInt(SENT_AT) })).toBe('unsupported');
});

test('the signed time is the time on the envelope, or absent', () => {
  const dataMessage = { body: 'hi' };
  expect(dropReason({ dataMessage })).toBeUndefined();
  expect(dropReason({ dataMessage, sigTimestamp: 0n })).toBeUndefined();
  expect(dropReason({ dataMessage, sigTimestamp: BigInt(SENT_AT) })).toBeUndefined();
  for (const sigTimestamp of [1n, BigInt(SENT_AT) + 1n, BigInt(SENT_AT) + 2n ** 53n, 2n ** 64n - 1n]) {
    expect(dropReason({ dataMessage, sigTimestamp })).toBe('timestamp');
  }
});

test('our own account may only tell us what concerns its other devices', () => {
  const uuid = 'u';
  const allowed: ContentInit[] = [
    { dataMessage: { body: 'x', syncTarget: FRIEND } },
    { dataMessage: { flags: 2, syncTarget: FRIEND } },
    { unsendRequest: { timestamp: 1n, author: OWN } },
    { callMessage: { type: CallMessage_Type.ANSWER, sdps: ['s'], uuid } },
    { callMessage: { type: CallMessage_Type.END_CALL, uuid } },
  ];
  const refused: ContentInit[] = [
    { receiptMessage: { type: 1, timestamp: [1n] } },
    { typingMessage: { timestamp: BigInt(SENT_AT), action: 0 } },
    { dataExtractionNotification: { type: 1 } },
    { messageRequestResponse: { isApproved: true } },
    { callMessage: { type: CallMessage_Type.OFFER, sdps: ['s'], uuid } },
    { callMessage: { type: CallMessage_Type.PRE_OFFER, uuid } },
  ];
  for (const content of allowed) expect(dropReason(content, OWN)).toBeUndefined();
  for (const content of refused) {
    expect(dropReason(content, OWN)).toBe('not-from-own-account');
    expect(dropReason(content)).toBeUndefined();
  }
});

test('only our own account can write in our name', () => {
  expect(dropReason({ dataMessage: { body: 'x', syncTarget: OWN } })).toBe('sync-target');
  expect(
    dropReason({ dataMessage: { reaction: { id: 1n, author: OWN, emoji: '👍', action: 0 }, syncTarget: OWN } }),
  ).toBe('sync-target');
  expect(accept({ dataMessage: { body: 'x', syncTarget: FRIEND } }, OWN)).toMatchObject({ conversation: FRIEND });
  expect(accept({ dataMessage: { body: 'x', syncTarget: OWN } }, OWN)).toMatchObject({ conversation: OWN });
  expect(accept({ dataMessage: { body: 'x' } }, OWN)).toMatchObject({ conversation: OWN });
  expect(accept({ dataMessage: { body: 'x', syncTarget: '' } })).toMatchObject({ conversation: FRIEND });
  expect(dropReason({ dataMessage: { body: 'x', syncTarget: 'somebody' } }, OWN)).toBe('sync-target');
});

test('a body of white space alone is nothing to show', () => {
  expect(dropReason({ dataMessage: { body: ' \n\t\u00a0' } })).toBe('blank');
  expect(dropReason({ dataMessage: {} })).toBe('blank');
  expect(dropReason({ dataMessage: { attachments: [{ id: 0n, url: 'http://x/1', size: 1 }] } })).toBeUndefined();
  expect(dropReason({ dataMessage: { attachments: [{ id: 0n, url: '', size: 1 }] } })).toBe('blank');
  expect(dropReason({ dataMessage: { communityInvitation: { url: 'u', name: 'n' } } })).toBeUndefined();
  expect(dropReason({ dataMessage: { communityInvitation: { url: 'u', name: '' } } })).toBe('blank');
});

test('a long body is cut by code points', () => {
  expect(accept({ dataMessage: { body: '🦊'.repeat(10_000) } })).toMatchObject({ body: '🦊'.repeat(10_000) });
  expect(accept({ dataMessage: { body: `${'🦊'.repeat(10_000)}x` } })).toMatchObject({ body: '🦊'.repeat(10_000) });
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 20 }), (body, limit) => {
      const cut = cutToCodePoints(body, limit);
      expect(cut).toBe([...body].slice(0, limit).join(''));
      expect(countCodePoints(cut)).toBe(Math.min(limit, countCodePoints(body)));
    }),
  );
  expect(isBlank('x ')).toBe(false);
});

test('attachments above 32 drop the message; those without URL or size are left out', () => {
  const attachment = { id: 0n, url: 'http://x/1', size: 1 };
  expect(accept({ dataMessage: { attachments: Array(32).fill(attachment) } })).toMatchObject({
    attachments: { length: 32 },
  });
  expect(dropReason({ dataMessage: { body: 'x', attachments: Array(33).fill(attachment) } })).toBe(
    'too-many-attachments',
  );
  const mixed = [attachment, { id: 0n, size: 5 }, { id: 0n, url: 'http://x/2' }];
  expect(accept({ dataMessage: { attachments: mixed } })).toMatchObject({ attachments: { length: 1 } });
});

test('flags say timer update, or drop the message', () => {
  expect(accept({ dataMessage: { flags: 2, body: 'ignored' }, expirationType: 1, expirationTimer: 300 })).toEqual({
    kind: 'timer-update',
    conversation: FRIEND,
    expiry: { mode: 'after-read', seconds: 300 },
    profile: null,
  });
  expect(accept({ dataMessage: { flags: 3 } })).toMatchObject({ kind: 'timer-update' });
  for (const flags of [1, 4, 8, 2 ** 32 - 4]) expect(dropReason({ dataMessage: { flags, body: 'x' } })).toBe('flags');
});

test('how a message disappears depends on its timer, type and conversation', () => {
  const expiry = (expirationType: 0 | 1 | 2, expirationTimer: number, sender = FRIEND) =>
    (accept({ dataMessage: { body: 'x' }, expirationType, expirationTimer }, sender) as { expiry: unknown }).expiry;
  expect(expiry(1, 60)).toEqual({ mode: 'after-read', seconds: 60 });
  expect(expiry(2, 60)).toEqual({ mode: 'after-send', seconds: 60 });
  expect(expiry(0, 60)).toEqual({ mode: 'off', seconds: 0 });
  expect(expiry(2, 0)).toEqual({ mode: 'off', seconds: 0 });
  expect(expiry(1, 60, OWN)).toEqual({ mode: 'after-send', seconds: 60 });
});

test('reactions need an emoji and name their target', () => {
  const reaction = { id: 5n, author: OWN, emoji: '👍', action: 0 as const };
  expect(accept({ dataMessage: { reaction } })).toEqual({
    kind: 'reaction',
    conversation: FRIEND,
    target: { author: OWN, sentAt: 5 },
    emoji: '👍',
    removed: false,
    profile: null,
  });
  expect(accept({ dataMessage: { reaction: { ...reaction, action: 1 } } })).toMatchObject({ removed: true });
  expect(dropReason({ dataMessage: { reaction: { ...reaction, emoji: '' } } })).toBe('no-emoji');
  expect(dropReason({ dataMessage: { reaction: { ...reaction, id: 2n ** 60n } } })).toBe('no-target');
});

test('quotes and previews are kept when they mean something', () => {
  const url = 'https://example.org/page';
  const visible = (dataMessage: NonNullable<ContentInit['dataMessage']>) => accept({ dataMessage });
  expect(visible({ body: 'x', quote: { id: 7n, author: OWN } })).toMatchObject({ quote: { author: OWN, sentAt: 7 } });
  expect(visible({ body: `see ${url}`, preview: [{ url, title: 'Page' }] })).toMatchObject({ preview: { url } });
  expect(visible({ body: `see ${url}`, preview: [{ url }] })).toMatchObject({ preview: null });
  expect(visible({ body: 'see', preview: [{ url, title: 'Page' }] })).toMatchObject({ preview: null });
});

test('typing counts only at its own time', () => {
  expect(accept({ typingMessage: { timestamp: BigInt(SENT_AT), action: 0 } })).toEqual({
    kind: 'typing',
    typing: true,
  });
  expect(accept({ typingMessage: { timestamp: BigInt(SENT_AT), action: 1 } })).toEqual({
    kind: 'typing',
    typing: false,
  });
  expect(dropReason({ typingMessage: { timestamp: 1n, action: 0 } })).toBe('timestamp');
});

test('receipts name messages by their sent times', () => {
  expect(accept({ receiptMessage: { type: 1, timestamp: [1n, 2n ** 63n, 2n] } })).toEqual({
    kind: 'receipt',
    sentTimes: [1, 2],
  });
  expect(dropReason({ receiptMessage: { type: 1 } })).toBe('no-target');
});

test('only the author takes a message back', () => {
  expect(accept({ unsendRequest: { timestamp: 9n, author: FRIEND } })).toEqual({
    kind: 'unsend',
    target: { author: FRIEND, sentAt: 9 },
  });
  expect(dropReason({ unsendRequest: { timestamp: 9n, author: OWN } })).toBe('foreign-author');
  expect(dropReason({ unsendRequest: { timestamp: 2n ** 60n, author: FRIEND } })).toBe('no-target');
});

test('calls need a session description where one belongs', () => {
  const call = (type: 1 | 2 | 3 | 4 | 5 | 6, sdps: string[]) => ({ callMessage: { type, sdps, uuid: 'u' } });
  expect(dropReason(call(CallMessage_Type.OFFER, []))).toBe('no-session-description');
  expect(dropReason(call(CallMessage_Type.PROVISIONAL_ANSWER, ['s']))).toBe('unsupported');
  expect(accept(call(CallMessage_Type.OFFER, ['s']))).toMatchObject({ kind: 'call', call: { uuid: 'u' } });
  expect(accept(call(CallMessage_Type.PRE_OFFER, []))).toMatchObject({ kind: 'call' });
});

test('data extraction tells what was done', () => {
  expect(accept({ dataExtractionNotification: { type: 2, timestamp: 4n } })).toMatchObject({
    what: 'media-saved',
    target: 4,
  });
  expect(accept({ dataExtractionNotification: { type: 1 } })).toMatchObject({ what: 'screenshot', target: null });
});

test('a request is accepted, never refused', () => {
  expect(accept({ messageRequestResponse: { isApproved: true } })).toEqual({
    kind: 'request-accepted',
    byLink: false,
    profile: null,
  });
  expect(accept({ messageRequestResponse: { isApproved: true, sotto: { byLink: true } } })).toMatchObject({
    kind: 'request-accepted',
    byLink: true,
  });
  expect(dropReason({ messageRequestResponse: { isApproved: false } })).toBe('not-approved');
});

test('group updates are handed on as they are', () => {
  const groupUpdateMessage = { promoteMessage: { groupIdentitySeed: new Uint8Array(32), name: 'g' } };
  expect(accept({ dataMessage: { groupUpdateMessage } })).toMatchObject({
    kind: 'group-update',
    update: { promoteMessage: { name: 'g' } },
  });
});

test('a profile comes with visible messages of others', () => {
  const url = 'http://filev2.getsession.org/file/1';
  const profile = { displayName: 'Bo', profilePicture: url, lastUpdateSeconds: 7n };
  const profileKey = new Uint8Array(32).fill(1);
  const received = (data: NonNullable<ContentInit['dataMessage']>, sender = FRIEND) =>
    (accept({ dataMessage: { body: 'x', ...data } }, sender) as { profile: unknown }).profile;
  const picture = { url, key: profileKey };
  expect(received({ profile, profileKey })).toEqual({ name: 'Bo', picture, updatedAt: 7 });
  expect(received({ profile, profileKey }, OWN)).toBeNull();
  expect(received({ profileKey })).toBeNull();
  expect(received({ profile })).toEqual({ name: 'Bo', picture: null, updatedAt: 7 });
  expect(received({ profile, profileKey: profileKey.subarray(1) })).toMatchObject({ picture: null });
  expect(received({ profile: { displayName: 'é'.repeat(51) } })).toMatchObject({ name: null, updatedAt: 0 });
  expect(received({ profile: { lastUpdateSeconds: 1_767_225_600_123n } })).toMatchObject({ updatedAt: 1_767_225_600 });
});

test('what only our own clients tell: a token, and what a message takes the place of unless that is later', () => {
  const sotto = { replaces: BigInt(SENT_AT - 1), contactToken: Uint8Array.of(1, 2) };
  const edit = { dataMessage: { body: 'better', sotto }, sigTimestamp: BigInt(SENT_AT) };
  expect(accept(edit)).toMatchObject({ replaces: SENT_AT - 1, contactToken: Uint8Array.of(1, 2) });
  for (const replaces of [BigInt(SENT_AT), 2n ** 60n, 0n]) {
    expect(accept({ dataMessage: { body: 'x', sotto: { replaces } } })).toMatchObject({
      replaces: null,
      contactToken: null,
    });
  }
});
