import { buffer } from 'node:stream/consumers';
import {
  type AccountInfo,
  type Attachment,
  type Change,
  type Contact,
  type Conversation,
  type DeletionReport,
  type Devices,
  type Disappearing,
  type Draft,
  type Engine,
  EngineError,
  type ExportReport,
  type Message,
  type MessagePage,
  type NetworkInfo,
  type Notifications,
  type OutgoingAttachment,
  type Repair,
  type RouteInfo,
  type SearchHit,
  type SearchQuery,
  type Settings,
} from '@sotto/client';
import { sampleMessage } from '@sotto/client/testing/sample-message';
import { Feed } from '../host/feed.ts';
import { SAMPLE_NETWORK_INFO } from './fake-network.ts';
import { SAMPLE_SETTINGS, sampleConversation } from './samples.ts';

export const OWN_ID = '05ca03b8e369aeeb69fd260c2957d37b232db17a60db7a39bca9f0c0a6be135c1a';
export const PHRASE = 'amaze buffet cake entrance symptoms tiger lamb maze nestle python dusted faxed faxed';

const LINK = /^sotto:(05[0-9a-f]{64})$/;
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
  proxyProblem: null,
};

/** An engine without keys, database or network, for tests of the host and the page. */
export class FakeEngine implements Engine {
  readonly #feed = new Feed<Change>({ kind: 'account' });
  readonly #conversations = new Map<string, Conversation>();
  readonly #messages: Message[] = [];
  readonly #files = new Map<string, Uint8Array>();
  readonly #pictures = new Map<string, Uint8Array>();
  #account: AccountInfo;
  #settings = SAMPLE_SETTINGS;
  #route = CONNECTED;
  #network = SAMPLE_NETWORK_INFO;
  #devices: Devices = { since: 1, otherSeenAt: null, pendingChanges: 0, syncedAt: null };
  #nextId = 1;
  /** Conversations in which the page said that somebody writes here, in order. */
  readonly typed: string[] = [];
  /** Attachments that the page saved. */
  readonly saved: string[] = [];

  /** Names of the network's name service; `null`: it has none. */
  names: ReadonlyMap<string, string> | null = null;

  constructor(name: string) {
    this.#account = { accountId: OWN_ID, name, pictureVersion: null, restoring: null };
  }

  account(): AccountInfo {
    return this.#account;
  }

  settings(): Settings {
    return this.#settings;
  }

  route(): RouteInfo {
    return this.#route;
  }

  network(): NetworkInfo {
    return this.#network;
  }

  devices(): Devices {
    return this.#devices;
  }

  conversations(): readonly Conversation[] {
    return [...this.#conversations.keys()]
      .map((id) => this.conversation(id)!)
      .sort((a, b) => Number(b.isPinned) - Number(a.isPinned) || b.lastActivityAt - a.lastActivityAt);
  }

  conversation(conversationId: string): Conversation | null {
    const found = this.#conversations.get(conversationId);
    if (found === undefined) return null;
    const lastMessage = this.#of(conversationId).at(-1) ?? null;
    return { ...found, lastMessage, lastActivityAt: lastMessage?.sentAt ?? 1 };
  }

  contacts(): readonly Contact[] {
    return [...this.#conversations.values()]
      .filter(({ isNoteToSelf, isRequest, isBlocked }) => !isNoteToSelf && (!isRequest || isBlocked))
      .map((conversation) => ({
        accountId: conversation.id,
        name: conversation.name,
        nickname: conversation.nickname,
        profileName: conversation.profileName,
        pictureVersion: conversation.pictureVersion,
        isBlocked: conversation.isBlocked,
        acceptedUs: !conversation.awaitsAcceptance,
        createdAt: 1,
      }));
  }

  messages(conversationId: string, { before, limit = 50 }: { before?: string; limit?: number } = {}): MessagePage {
    const all = this.#of(conversationId);
    const end = before === undefined ? all.length : Number(before);
    const start = Math.max(0, end - limit);
    return { messages: all.slice(start, end), before: start > 0 ? String(start) : null };
  }

  messagesAround(messageId: string, limit = 50): MessagePage {
    const all = this.#of(this.#message(messageId).conversationId);
    const start = Math.max(0, all.findIndex(({ id }) => id === messageId) - Math.floor(limit / 2));
    return { messages: all.slice(start, start + limit), before: start > 0 ? String(start) : null };
  }

  search({ text, conversationId, author, after = 0, before, hasAttachment }: SearchQuery): readonly SearchHit[] {
    return this.#messages
      .filter((message) => conversationId === undefined || message.conversationId === conversationId)
      .filter((message) => author === undefined || message.author === author)
      .filter(({ sentAt }) => sentAt >= after && sentAt < (before ?? Number.POSITIVE_INFINITY))
      .filter(({ attachments }) => hasAttachment !== true || attachments.length > 0)
      .filter(({ body }) => body.toLowerCase().includes(text.toLowerCase()))
      .toReversed()
      .map((message): SearchHit => {
        const start = message.body.toLowerCase().indexOf(text.toLowerCase());
        return { message, snippet: message.body, marks: [[start, start + text.length]] };
      });
  }

  recoveryPhrase(): string {
    return PHRASE;
  }

  async readPicture(accountId: string): Promise<Uint8Array | null> {
    return this.#pictures.get(accountId) ?? null;
  }

  async readAttachment(attachmentId: string): Promise<Uint8Array> {
    const bytes = this.#files.get(attachmentId);
    if (!bytes) throw new EngineError('not-found', 'it is not here');
    return bytes;
  }

  async keepFile(bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
    const handle = `kept-${this.#nextId++}`;
    this.#files.set(handle, bytes instanceof Uint8Array ? bytes : await buffer(bytes));
    return handle;
  }

  openConversation(accountId: string): Conversation {
    if (!/^05[0-9a-f]{64}$/.test(accountId)) throw new EngineError('bad-account-id', 'not an account id');
    this.#update(accountId, {});
    return this.conversation(accountId)!;
  }

  send(conversationId: string, message: string | Draft): Message {
    const draft: Draft = typeof message === 'string' ? { body: message } : message;
    const files = draft.attachments ?? [];
    if (draft.body.trim() === '' && files.length === 0) throw new EngineError('empty', 'no text');
    this.#update(conversationId, { isRequest: false, draft: '' });
    const quoted = draft.quotedMessageId === undefined ? null : this.#message(draft.quotedMessageId);
    return this.#put({
      conversationId,
      direction: 'out',
      body: draft.body,
      sentAt: Date.now(),
      delivery: 'sending',
      attachments: files.map((file) => this.#keep(file)),
      quote: quoted && {
        author: quoted.author,
        sentAt: quoted.sentAt,
        messageId: quoted.id,
        body: quoted.body,
        hasAttachment: quoted.attachments.length > 0,
      },
      preview: draft.preview
        ? { ...draft.preview, image: draft.preview.image && this.#keep(draft.preview.image) }
        : null,
    });
  }

  retry(messageId: string): Message {
    return this.deliver(messageId, 'sending');
  }

  edit(messageId: string, body: string): Message {
    return this.change(messageId, { body, edited: true });
  }

  react(messageId: string, emoji: string, on: boolean): Message {
    const { reactions } = this.#message(messageId);
    const others = reactions.filter((reaction) => reaction.emoji !== emoji);
    const authors = reactions.find((reaction) => reaction.emoji === emoji)?.authors ?? [];
    const now = authors.filter((author) => author !== OWN_ID).concat(on ? [OWN_ID] : []);
    return this.change(messageId, { reactions: now.length > 0 ? [...others, { emoji, authors: now }] : others });
  }

  deleteHere(messageIds: readonly string[]): void {
    for (const messageId of messageIds) {
      const { conversationId } = this.#message(messageId);
      this.#messages.splice(this.#indexOf(messageId), 1);
      this.#feed.publish({ kind: 'message-removed', conversationId, messageId });
    }
  }

  deleteForEveryone(messageIds: readonly string[]): void {
    for (const messageId of messageIds) {
      if (this.#message(messageId).direction === 'in') throw new EngineError('not-allowed', 'of somebody else');
      this.change(messageId, { deleted: true, body: '', attachments: [], reactions: [], quote: null, preview: null });
    }
  }

  deletion(messageId: string): DeletionReport | null {
    const { deleted, direction } = this.#message(messageId);
    return deleted && direction === 'out' ? { nodes: 3, ofNodes: 3, otherSideTold: true } : null;
  }

  downloadAttachment(attachmentId: string): void {
    this.#setAttachment(attachmentId, { state: 'here', progress: null });
  }

  cancelTransfer(attachmentId: string): void {
    this.#setAttachment(attachmentId, { state: 'remote', progress: null });
  }

  noteSaved(attachmentId: string): void {
    this.saved.push(attachmentId);
  }

  markRead(conversationId: string): void {
    this.#require(conversationId);
    this.#update(conversationId, { unread: 0, unreadMentions: 0, markedUnread: false });
  }

  markUnread(conversationId: string): void {
    this.#require(conversationId);
    this.#update(conversationId, { markedUnread: true });
  }

  noteTyping(conversationId: string): void {
    this.typed.push(conversationId);
  }

  saveDraft(conversationId: string, draft: string): void {
    this.#update(conversationId, { draft });
  }

  acceptRequest(conversationId: string): void {
    this.#update(conversationId, { isRequest: false });
  }

  declineRequest(conversationId: string): void {
    this.deleteConversation(conversationId);
  }

  setBlocked(accountId: string, isBlocked: boolean): void {
    this.#update(accountId, { isBlocked });
  }

  setNickname(accountId: string, nickname: string | null): void {
    const { profileName } = this.openConversation(accountId);
    this.#update(accountId, { nickname, name: nickname ?? profileName });
  }

  setPinned(conversationId: string, isPinned: boolean): void {
    this.#update(conversationId, { isPinned });
  }

  setArchived(conversationId: string, isArchived: boolean): void {
    this.#update(conversationId, { isArchived });
  }

  setNotifications(conversationId: string, notifications: Notifications): void {
    this.#update(conversationId, { notifications });
  }

  setMuted(conversationId: string, mutedUntil: number | null): void {
    this.#update(conversationId, { mutedUntil });
  }

  setAutoDownload(conversationId: string, autoDownload: boolean): void {
    this.#update(conversationId, { autoDownload });
  }

  setDisappearing(conversationId: string, disappearing: Disappearing | null): void {
    this.#update(conversationId, { disappearing });
    this.#put({ conversationId, direction: 'out', kind: 'timer-changed', sentAt: Date.now(), timer: disappearing });
  }

  deleteConversation(conversationId: string): void {
    this.#require(conversationId);
    this.#conversations.delete(conversationId);
    for (const { id } of this.#of(conversationId)) this.#messages.splice(this.#indexOf(id), 1);
    this.#feed.publish({ kind: 'conversation-removed', conversationId });
  }

  removeContact(accountId: string): void {
    this.deleteConversation(accountId);
  }

  createContactLink(): string {
    return `sotto:${OWN_ID}`;
  }

  openContactLink(link: string): Conversation {
    const accountId = LINK.exec(link)?.[1];
    if (accountId === undefined) throw new EngineError('bad-link', 'not a contact link');
    return this.openConversation(accountId);
  }

  async resolveName(name: string): Promise<string> {
    const found = this.names?.get(name);
    if (this.names === null) throw new EngineError('no-names', 'this network has no names');
    if (found === undefined) throw new EngineError('not-found', 'nobody has this name');
    return found;
  }

  setName(name: string): void {
    if (name === '') throw new EngineError('bad-name', 'empty');
    this.#account = { ...this.#account, name };
  }

  async setPicture(picture: Uint8Array | null): Promise<void> {
    if (picture) this.#pictures.set(OWN_ID, picture);
    else this.#pictures.delete(OWN_ID);
    this.#account = { ...this.#account, pictureVersion: picture && String(this.#nextId++) };
    this.#feed.publish({ kind: 'account' });
  }

  setSettings(settings: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...settings };
  }

  /** What a test says was repaired. */
  repaired: Repair | null = null;

  repair(): Repair | null {
    return this.repaired;
  }

  dismissRepair(): void {
    this.repaired = null;
  }

  async *backUp(passphrase: string): AsyncIterable<Uint8Array> {
    if (passphrase === '') throw new EngineError('wrong-passphrase', 'a backup needs a passphrase');
    yield Buffer.from(`SOTTOBAK sealed with ${passphrase}`);
  }

  async exportConversation(conversationId: string, folder: string): Promise<ExportReport> {
    const { length } = this.#messages.filter((message) => message.conversationId === conversationId);
    return { page: `${folder}/index.html`, messages: length, files: 0, missingFiles: 0 };
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
    const message = this.#put({ conversationId, direction, body, sentAt, delivery });
    if (direction === 'in') this.#update(conversationId, { unread: this.#require(conversationId).unread + 1 });
    return message;
  }

  /** Any message, as if it had come or been written on another device. */
  addMessage(known: Partial<Message> & Pick<Message, 'conversationId' | 'direction' | 'sentAt'>): Message {
    return this.#put(known);
  }

  /** Puts messages in the order of their time, as a store has them. */
  sort(): void {
    this.#messages.sort((a, b) => a.sentAt - b.sentAt);
  }

  /** A file for a message; without bytes it is still on the server. */
  file(bytes: Uint8Array | null, known: Partial<Attachment> & Pick<Attachment, 'contentType'>): Attachment {
    const id = String(this.#nextId++);
    if (bytes) this.#files.set(id, bytes);
    return {
      id,
      fileName: null,
      size: bytes?.length ?? 0,
      width: null,
      height: null,
      isVoiceMessage: false,
      caption: null,
      state: bytes ? 'here' : 'remote',
      progress: null,
      ...known,
    };
  }

  /** Makes a file another one, as if news of it had come. */
  changeFile(attachmentId: string, known: Partial<Attachment>): void {
    this.#setAttachment(attachmentId, known);
  }

  /** Moves one of our messages on its way. */
  deliver(messageId: string, delivery: NonNullable<Message['delivery']>): Message {
    return this.change(messageId, { delivery, failure: delivery === 'failed' ? 'network-unreachable' : null });
  }

  /** Makes a message another one, as if news of it had come. */
  change(messageId: string, known: Partial<Message>): Message {
    const message = { ...this.#message(messageId), ...known };
    this.#messages[this.#indexOf(messageId)] = message;
    this.#feed.publish({ kind: 'message', message });
    return message;
  }

  /** What is known of a person. */
  describe(conversationId: string, known: Partial<Conversation>): void {
    this.#update(conversationId, known);
  }

  setRoute(route: Partial<RouteInfo>): void {
    this.#route = { ...CONNECTED, ...route };
    this.#feed.publish({ kind: 'route' });
  }

  setNetwork(network: Partial<NetworkInfo>): void {
    this.#network = { ...this.#network, ...network };
    this.#feed.publish({ kind: 'route' });
  }

  setDevices(devices: Partial<Devices>): void {
    this.#devices = { ...this.#devices, ...devices };
    this.#feed.publish({ kind: 'account' });
  }

  /** Our own account as the network brings it. */
  setAccount(account: Partial<AccountInfo>): void {
    this.#account = { ...this.#account, ...account };
    this.#feed.publish({ kind: 'account' });
  }

  #put(known: Partial<Message> & Pick<Message, 'conversationId' | 'direction' | 'sentAt'>): Message {
    const { conversationId, direction, delivery } = known;
    if (!this.#conversations.has(conversationId)) this.#update(conversationId, {});
    const message = sampleMessage({
      id: String(this.#nextId++),
      author: direction === 'out' ? OWN_ID : conversationId,
      failure: delivery === 'failed' ? 'network-unreachable' : null,
      ...known,
    });
    this.#messages.push(message);
    this.#feed.publish({ kind: 'message', message, isNew: true });
    return message;
  }

  #keep({ file, ...known }: OutgoingAttachment): Attachment {
    const bytes = this.#files.get(file);
    if (!bytes) throw new EngineError('not-found', 'there is no such file');
    return this.file(bytes, known);
  }

  #setAttachment(attachmentId: string, known: Partial<Attachment>): void {
    for (const { id, attachments } of this.#messages) {
      if (!attachments.some((attachment) => attachment.id === attachmentId)) continue;
      const changed = attachments.map((attachment) =>
        attachment.id === attachmentId ? { ...attachment, ...known } : attachment,
      );
      this.change(id, { attachments: changed });
      return;
    }
    throw new EngineError('not-found', 'no such attachment');
  }

  #update(id: string, known: Partial<Conversation>): void {
    const found = this.#conversations.get(id) ?? sampleConversation({ id, isNoteToSelf: id === OWN_ID });
    this.#conversations.set(id, { ...found, ...known });
    this.#feed.publish({ kind: 'conversation', conversationId: id });
  }

  #require(id: string): Conversation {
    const found = this.#conversations.get(id);
    if (found === undefined) throw new EngineError('not-found', 'no such conversation');
    return found;
  }

  #of(conversationId: string): Message[] {
    return this.#messages.filter((message) => message.conversationId === conversationId);
  }

  #message(messageId: string): Message {
    return this.#messages[this.#indexOf(messageId)]!;
  }

  #indexOf(messageId: string): number {
    const at = this.#messages.findIndex(({ id }) => id === messageId);
    if (at < 0) throw new EngineError('not-found', 'no such message');
    return at;
  }
}
