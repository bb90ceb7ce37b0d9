import { WireError } from '@sotto/wire';
import { type Account, parseAccountId, wipeAccount } from '@sotto/wire/account';
import { checkedName, phraseOfAccount } from '../account/account.ts';
import { Activity } from '../conversation/activity.ts';
import { ChangeFeed } from '../conversation/change-feed.ts';
import { acceptanceContent, copyContent, MAXIMUM_BODY, textContent } from '../conversation/compose.ts';
import { Inbox } from '../conversation/inbox.ts';
import { Outbox } from '../conversation/outbox.ts';
import { Poller } from '../conversation/poller.ts';
import {
  type AccountInfo,
  type Change,
  type Conversation,
  type Engine,
  EngineError,
  type Message,
  type MessagePage,
  type RouteInfo,
  type Settings,
} from '../engine.ts';
import type { SwarmAccess } from '../network/swarm-access.ts';
import type { Polling } from '../profile/options.ts';
import { runTogether } from '../run-together.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Surroundings } from '../surroundings.ts';

const DEFAULT_PAGE = 50;
const LONGEST_PAGE = 200;

/** The network floor, with what the engine shows of it. */
export interface MessengerNetwork extends SwarmAccess {
  route(accountId: string): RouteInfo;
  run(signal: AbortSignal): Promise<void>;
}

/** What a messenger is made of. It wipes `account` and calls `onClosed` when it closes. */
export interface MessengerParts extends Surroundings {
  readonly store: ProfileStore;
  readonly account: Account;
  readonly network: MessengerNetwork;
  readonly polling: Polling;
  readonly onClosed: () => void;
}

/** A running messenger: the four floors put together. */
export class Messenger implements Engine {
  readonly #parts: MessengerParts;
  readonly #ownId: string;
  readonly #feed = new ChangeFeed();
  readonly #activity: Activity;
  readonly #outbox: Outbox;
  readonly #poller: Poller;
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;
  #closing: Promise<void> | null = null;

  constructor(parts: MessengerParts) {
    this.#parts = parts;
    this.#ownId = parts.account.accountId;
    this.#activity = new Activity(parts.polling, parts.clock, parts.random);
    const shared = { ...parts, feed: this.#feed, swarms: parts.network, activity: this.#activity };
    this.#outbox = new Outbox(shared);
    this.#poller = new Poller({ ...shared, inbox: new Inbox(shared) });
    parts.network.onConnection(() => this.#feed.emit({ kind: 'route' }));
    this.#work = this.#run();
  }

  account(): AccountInfo {
    return { accountId: this.#ownId, name: this.#parts.store.account.profile().name };
  }

  settings(): Settings {
    return this.#parts.store.settings.read();
  }

  route(conversationId = this.#ownId): RouteInfo {
    this.#requireOpen();
    return this.#parts.network.route(readAccountId(conversationId));
  }

  conversations(): readonly Conversation[] {
    return this.#parts.store.conversations.list();
  }

  conversation(conversationId: string): Conversation | null {
    return this.#parts.store.conversations.get(conversationId);
  }

  messages(conversationId: string, page: { readonly before?: string; readonly limit?: number } = {}): MessagePage {
    const limit = Math.min(Math.max(Math.trunc(page.limit ?? DEFAULT_PAGE) || DEFAULT_PAGE, 1), LONGEST_PAGE);
    const result = this.#parts.store.messages.page(conversationId, page.before, limit);
    this.#activity.note();
    return result;
  }

  recoveryPhrase(): string {
    this.#requireOpen();
    return phraseOfAccount(this.#parts.account);
  }

  openConversation(accountId: string): Conversation {
    const { store } = this.#parts;
    const id = readAccountId(accountId);
    const isNew = !store.conversations.has(id);
    if (isNew) {
      store.conversations.ensure(id, this.#parts.network.now());
      this.#feed.emit({ kind: 'conversation', conversationId: id });
    }
    this.#activity.note();
    return store.conversations.get(id)!;
  }

  send(conversationId: string, body: string): Message {
    const id = readAccountId(conversationId);
    if (body.trim() === '') throw new EngineError('empty', 'a message must not be empty');
    if (isLongerThan(body, MAXIMUM_BODY)) {
      throw new EngineError('too-long', `a message has at most ${MAXIMUM_BODY} characters`);
    }
    const message = this.#parts.store.transaction(() => this.#queue(id, body));
    this.#announce(message);
    this.#outbox.poke();
    return message;
  }

  retry(messageId: string): Message {
    const { store } = this.#parts;
    const message = store.transaction(() => {
      const known = /^\d{1,15}$/.test(messageId) ? store.messages.get(Number(messageId)) : null;
      if (known?.direction !== 'out') throw new EngineError('not-found', 'there is no such message');
      if (known.delivery !== 'failed') return known;
      this.#addToOutbox(known);
      return store.messages.setDelivery(Number(known.id), 'waiting');
    });
    this.#announce(message);
    this.#outbox.poke();
    return message;
  }

  markRead(conversationId: string): void {
    if (this.#parts.store.messages.markRead(conversationId, Number.MAX_SAFE_INTEGER)) {
      this.#feed.emit({ kind: 'conversation', conversationId });
    }
    this.#activity.note();
  }

  setName(name: string): void {
    this.#parts.store.account.setName(checkedName(name), this.#parts.network.now());
    this.#feed.emit({ kind: 'account' });
  }

  setSettings(settings: Partial<Settings>): void {
    this.#parts.store.settings.write(settings);
    this.#feed.emit({ kind: 'account' });
  }

  changes(signal?: AbortSignal): AsyncIterable<Change> {
    return this.#feed.read(signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #run(): Promise<void> {
    try {
      await runTogether(this.#stop.signal, [
        (signal) => this.#parts.network.run(signal),
        (signal) => this.#outbox.run(signal),
        (signal) => this.#poller.run(signal),
      ]);
    } catch (error) {
      this.#parts.log.warn({ error: (error as Error).name }, 'the engine closes because of an unexpected error');
      // Callers see that it is closed, instead of one that does nothing.
      void this.close();
    }
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
    this.#feed.close();
    wipeAccount(this.#parts.account);
    this.#parts.onClosed();
  }

  /** Message, conversation and outbox entry, for one transaction. */
  #queue(conversationId: string, body: string): Message {
    const { store, network } = this.#parts;
    const now = network.now();
    store.conversations.ensure(conversationId, now);
    this.#approve(conversationId, now);
    const sentAt = store.account.nextTimestamp(this.#ownId, now);
    const message = store.messages.insert({
      conversationId,
      author: this.#ownId,
      sentAt,
      notAfter: sentAt,
      body,
      delivery: 'waiting',
      unread: false,
    });
    store.messages.markRead(conversationId, sentAt);
    store.conversations.touch(conversationId, sentAt);
    this.#addToOutbox(message);
    return message;
  }

  #addToOutbox({ id, conversationId, body, sentAt }: Message): void {
    const copy = copyContent(body, sentAt, conversationId);
    const toSelf = conversationId === this.#ownId;
    this.#parts.store.outbox.add({
      queue: conversationId,
      recipient: conversationId,
      content: toSelf ? copy : textContent(body, sentAt, this.#parts.store.account.profile()),
      sentAt,
      messageId: Number(id),
      copy: toSelf ? null : copy,
    });
  }

  /** Writing to somebody approves them; who had asked is told first (messages §5.11). */
  #approve(conversationId: string, now: number): void {
    const { store } = this.#parts;
    const { approved, approvedUs } = store.conversations.approval(conversationId);
    if (approved) return;
    store.conversations.approve(conversationId);
    if (!approvedUs || conversationId === this.#ownId) return;
    const sentAt = store.account.nextTimestamp(this.#ownId, now);
    store.outbox.add({
      queue: conversationId,
      recipient: conversationId,
      content: acceptanceContent(sentAt, this.#parts.store.account.profile()),
      sentAt,
      messageId: null,
      copy: null,
    });
  }

  #announce(message: Message): void {
    this.#activity.note();
    this.#feed.emit({ kind: 'message', message }, { kind: 'conversation', conversationId: message.conversationId });
  }

  #requireOpen(): void {
    if (this.#closing) throw new EngineError('closed', 'the profile is closed');
  }
}

function readAccountId(text: string): string {
  try {
    return parseAccountId(text);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new EngineError('bad-account-id', 'an account id has 66 hex digits and begins with 05');
  }
}

/** Counts code points, and not more of them than needed (messages §5.2). */
function isLongerThan(text: string, most: number): boolean {
  if (text.length <= most) return false;
  let count = 0;
  for (const _ of text) if (++count > most) return true;
  return false;
}
