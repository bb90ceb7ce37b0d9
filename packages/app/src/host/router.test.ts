import { callTRPCProcedure } from '@trpc/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeDoor } from '../testing/fake-door.ts';
import { OWN_ID, PHRASE } from '../testing/fake-engine.ts';
import { Messenger } from './messenger.ts';
import { router } from './router.ts';

const INES = `05${'8c'.repeat(32)}`;

describe('the router', () => {
  let messenger: Messenger;
  let door: FakeDoor;

  beforeEach(async () => {
    door = new FakeDoor({ exists: true });
    messenger = await Messenger.start(door, 'Noor');
  });
  afterEach(() => messenger.close());

  function page() {
    return router.createCaller({ messenger });
  }

  test('mirrors the engine', async () => {
    expect(await page().status()).toMatchObject({ state: 'ready', networkName: 'Field desk', suggestedName: 'Noor' });
    expect(await page().account.get()).toMatchObject({ accountId: OWN_ID, name: 'Noor' });
    expect(await page().account.revealPhrase()).toBe(PHRASE);
    expect((await page().route.get()).relays).toHaveLength(3);
    await page().account.setName({ name: 'Noor B.' });
    expect((await page().account.get()).name).toBe('Noor B.');
    await page().settings.set({ theme: 'dark' });
    await page().settings.set({ phraseConfirmed: true });
    expect(await page().settings.get()).toMatchObject({ theme: 'dark', language: 'en', phraseConfirmed: true });

    expect((await page().conversations.open({ accountId: INES })).id).toBe(INES);
    const sent = await page().messages.send({ conversationId: INES, draft: { body: 'Hello' } });
    door.engine!.deliver(sent.id, 'failed');
    expect((await page().messages.retry({ messageId: sent.id })).delivery).toBe('sending');
    door.engine!.add(INES, 'in', 'Hello yourself');
    expect((await page().conversations.get({ id: INES }))?.unread).toBe(1);
    await page().conversations.markRead({ id: INES });
    expect((await page().conversations.list())[0]?.unread).toBe(0);
    const newest = await page().messages.page({ conversationId: INES, limit: 1 });
    expect(newest.messages.map(({ body }) => body)).toEqual(['Hello yourself']);
    const older = await page().messages.page({ conversationId: INES, before: newest.before! });
    expect(older.messages.map(({ body }) => body)).toEqual(['Hello']);
  });

  test('changes begin with everything, and settings of one window reach the others', async () => {
    const changes = (await page().changes())[Symbol.asyncIterator]();
    expect((await changes.next()).value).toEqual({ kind: 'everything' });
    await page().settings.set({ theme: 'light' });
    expect((await changes.next()).value).toEqual({ kind: 'account' });
    door.engine!.describe(INES, {});
    expect((await changes.next()).value).toEqual({ kind: 'conversation', conversationId: INES });
    const message = door.engine!.add(INES, 'in', 'Hi');
    expect((await changes.next()).value).toEqual({ kind: 'message', message, isNew: true });
  });

  test.each([
    ['account.create', { name: 'x'.repeat(401), proxy: null }],
    ['account.create', { proxy: null }],
    ['account.create', { name: 'Noor' }],
    ['account.create', { name: 'Noor', proxy: { kind: 'socks4', host: 'h', port: 1 } }],
    ['account.restore', { phrase: PHRASE, name: '' }],
    ['settings.set', { theme: 'pink' }],
    ['settings.set', { language: '../../etc' }],
    ['messages.page', { conversationId: INES, limit: 201 }],
    ['messages.page', { conversationId: INES, limit: 1.5 }],
    ['messages.send', { conversationId: INES, draft: { body: 'x'.repeat(40_001) } }],
    ['messages.send', { conversationId: '', draft: { body: 'x' } }],
    ['account.setPassphrase', { current: null, next: '' }],
  ])('%s refuses wrong input', async (path, input) => {
    const type = path.endsWith('page') ? 'query' : 'mutation';
    const call = callTRPCProcedure({
      router,
      path,
      type,
      getRawInput: async () => input,
      ctx: { messenger },
      signal: undefined,
      batchIndex: 0,
    });
    await expect(call).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});
