import { expect, test } from 'vitest';
import type { Change } from '../engine.ts';
import { sampleMessage } from '../testing/sample-message.ts';
import { ChangeFeed } from './change-feed.ts';

function message(id: number, conversationId: string, body = ''): Change {
  const value = sampleMessage({ id: String(id), conversationId, author: conversationId, sentAt: id, body });
  return { kind: 'message', message: value };
}

async function readAll(changes: AsyncIterable<Change>): Promise<Change[]> {
  const all: Change[] = [];
  for await (const change of changes) all.push(change);
  return all;
}

test('a reader gets what changes after it began, in order, until it stops', async () => {
  const feed = new ChangeFeed();
  feed.emit({ kind: 'account' });
  const reading = feed.read();
  feed.emit({ kind: 'route' }, message(1, 'a'));
  expect(await reading.next()).toMatchObject({ value: { kind: 'route' } });
  expect(await reading.next()).toMatchObject({ value: { kind: 'message' } });
  const waiting = reading.next();
  feed.emit({ kind: 'account' });
  expect(await waiting).toMatchObject({ value: { kind: 'account' } });
  await reading.return?.();
  feed.emit({ kind: 'route' });
  expect(await reading.next()).toMatchObject({ done: true });
});

test('a slow reader sees the newest state of each message once', async () => {
  const feed = new ChangeFeed();
  const reading = feed.read();
  feed.emit(message(1, 'a', 'waiting'), message(2, 'a'), message(1, 'a', 'stored'));
  expect(await reading.next()).toMatchObject({ value: { message: { id: '1', body: 'stored' } } });
  expect(await reading.next()).toMatchObject({ value: { message: { id: '2' } } });
});

test('a very slow reader misses no conversation and holds no more than there are conversations', async () => {
  const feed = new ChangeFeed(10);
  const stop = new AbortController();
  const reading = feed.read(stop.signal);
  for (let id = 0; id < 10_000; id++) feed.emit(message(id, `conversation ${id % 25}`));
  feed.emit({ kind: 'route' });
  const seen: Change[] = [];
  for (;;) {
    const next = await reading.next();
    if (next.done) break;
    seen.push(next.value);
    if (next.value.kind === 'route') stop.abort();
  }
  expect(seen.length).toBeLessThan(60);
  const named = seen.flatMap((change) => {
    if (change.kind === 'message') return [change.message.conversationId];
    return change.kind === 'conversation' ? [change.conversationId] : [];
  });
  expect(new Set(named).size).toBe(25);
});

test.each(['signal', 'close'])('reading ends with the %s, also for who waits', async (how) => {
  const feed = new ChangeFeed();
  const stop = new AbortController();
  const reading = readAll(feed.read(stop.signal));
  if (how === 'signal') stop.abort();
  else feed.close();
  expect(await reading).toEqual([]);
  expect(await readAll(feed.read(AbortSignal.abort()))).toEqual([]);
});

test('a new message stays new for who has not heard of it, and is told as new once', async () => {
  const reading = new ChangeFeed();
  const reader = reading.read();
  const { message: value } = message(1, 'a', 'first') as Change & { kind: 'message' };
  reading.emit({ kind: 'message', message: value, isNew: true }, message(1, 'a', 'changed'));
  expect(await reader.next()).toMatchObject({ value: { isNew: true, message: { body: 'changed' } } });
  reading.emit(message(1, 'a', 'again'));
  expect((await reader.next()).value).not.toHaveProperty('isNew');
});
