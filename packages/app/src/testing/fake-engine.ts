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
} from '@sotto/client';
import { Feed } from '../host/feed.ts';

export const OWN_ID = '05ca03b8e369aeeb69fd260c2957d37b232db17a60db7a39bca9f0c0a6be135c1a';
export const PHRASE = 'amaze buffet cake entrance symptoms tiger lamb maze nestle python dusted faxed faxed';

const CONNECTED: RouteInfo = {
  state: 'connected',
  relays: [
    { role: 'guard', address: '127.0.0.1:22104', key: 'aa'.repeat(32) },
    { role: 'middle', address: '127.0.0.1:22107', key: 'bb'.repeat(32) },
    { role: 'exit', address: '127.0.0.1:22101', key: 'cc'.repeat(32) },
  ],
  roundTripMs: 118,
  builtAt: 1,
  networkName: 'Field desk',
  nodes: 9,
  mailboxCopies: 3,
  oneSite: true,
  directoryExpired: false,
};

/** An engine without keys, database or network, for tests of the host and the page. */
export class FakeEngine implements Engine {
  readonly #feed = new Feed<Change>({ kind: 'account' });
  readonly #conversations = new Map<string, Omit<Conversation, 'lastMessage' | 'lastActivityAt'>>();
  readonly #messages: Message[] = [];
  #name: string;
  #settings: Settings = { theme: 'system', language: 'en', phraseConfirmed: false };
  #route = CONNECTED;
  #nextId = 1;

  constructor(name: string) {
    this.#name = name;
  }

  account(): AccountInfo {
    return { accountId: OWN_ID, name: this.#name };
  }

  settings(): Settings {
    return this.#settings;
  }

  route(): RouteInfo {
    return this.#route;
  }

  conversations(): readonly Conversation[] {
    return [...this.#conversations.keys()]
      .map((id) => this.conversation(id)!)
      .sort((a, b) => b.lastActivityAt - a.lastActivityAt);
  }

  conversation(conversationId: string): Conversation | null {
    const found = this.#conversations.get(conversationId);
    if (found === undefined) return null;
    const lastMessage = this.#of(conversationId).at(-1) ?? null;
    return { ...found, lastMessage, lastActivityAt: lastMessage?.sentAt ?? 1 };
  }

  messages(conversationId: string, { before, limit = 50 }: { before?: string; limit?: number } = {}): MessagePage {
    const all = this.#of(conversationId);
    const end = before === undefined ? all.length : Number(before);
    const start = Math.max(0, end - limit);
    return { messages: all.slice(start, end), before: start > 0 ? String(start) : null };
  }

  recoveryPhrase(): string {
    return PHRASE;
  }

  openConversation(accountId: string): Conversation {
    if (!/^05[0-9a-f]{64}$/.test(accountId)) throw new EngineError('bad-account-id', 'not an account id');
    this.#open(accountId);
    this.#feed.publish({ kind: 'conversation', conversationId: accountId });
    return this.conversation(accountId)!;
  }

  send(conversationId: string, body: string): Message {
    if (body.trim() === '') throw new EngineError('empty', 'no text');
    this.#open(conversationId);
    this.#conversations.set(conversationId, { ...this.#conversations.get(conversationId)!, isRequest: false });
    return this.add(conversationId, 'out', body, Date.now(), 'sending');
  }

  retry(messageId: string): Message {
    return this.deliver(messageId, 'sending');
  }

  markRead(conversationId: string): void {
    const found = this.#conversations.get(conversationId);
    if (found === undefined) throw new EngineError('not-found', 'no such conversation');
    this.#conversations.set(conversationId, { ...found, unread: 0 });
    this.#feed.publish({ kind: 'conversation', conversationId });
  }

  setName(name: string): void {
    if (name === '') throw new EngineError('bad-name', 'empty');
    this.#name = name;
  }

  setSettings(settings: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...settings };
  }

  changes(signal: AbortSignal = new AbortController().signal): AsyncIterable<Change> {
    return this.#feed.subscribe(signal);
  }

  async close(): Promise<void> {
    this.#feed.close();
  }

  /** A message as if it had been written here or come from the network. */
  add(
    conversationId: string,
    direction: Message['direction'],
    body: string,
    sentAt = Date.now(),
    delivery: Message['delivery'] = direction === 'out' ? 'stored' : null,
  ): Message {
    this.#open(conversationId);
    const message: Message = {
      id: String(this.#nextId++),
      conversationId,
      direction,
      author: direction === 'out' ? OWN_ID : conversationId,
      sentAt,
      body,
      delivery,
      failure: delivery === 'failed' ? 'network-unreachable' : null,
    };
    this.#messages.push(message);
    if (direction === 'in') {
      const found = this.#conversations.get(conversationId)!;
      this.#conversations.set(conversationId, { ...found, unread: found.unread + 1 });
    }
    this.#feed.publish({ kind: 'message', message });
    return message;
  }

  /** Moves one of our messages on its way. */
  deliver(messageId: string, delivery: NonNullable<Message['delivery']>): Message {
    const at = this.#messages.findIndex(({ id }) => id === messageId);
    if (at < 0) throw new EngineError('not-found', 'no such message');
    const failure = delivery === 'failed' ? 'network-unreachable' : null;
    const message = { ...this.#messages[at]!, delivery, failure } as const;
    this.#messages[at] = message;
    this.#feed.publish({ kind: 'message', message });
    return message;
  }

  /** What is known of a person. */
  describe(conversationId: string, known: { name?: string; isRequest?: boolean; unread?: number }): void {
    this.#open(conversationId);
    this.#conversations.set(conversationId, { ...this.#conversations.get(conversationId)!, ...known });
    this.#feed.publish({ kind: 'conversation', conversationId });
  }

  setRoute(route: Partial<RouteInfo>): void {
    this.#route = { ...CONNECTED, ...route };
    this.#feed.publish({ kind: 'route' });
  }

  #of(conversationId: string): Message[] {
    return this.#messages.filter((message) => message.conversationId === conversationId);
  }

  #open(id: string): void {
    if (this.#conversations.has(id)) return;
    this.#conversations.set(id, { id, name: null, isNoteToSelf: id === OWN_ID, isRequest: false, unread: 0 });
  }
}
