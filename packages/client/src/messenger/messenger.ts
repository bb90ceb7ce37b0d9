import { type Account, wipeAccount } from '@sotto/wire/account';
import { checkedName, phraseOfAccount } from '../account/account.ts';
import { SharedState } from '../account/shared-state/shared-state.ts';
import { Activity } from '../conversation/activity.ts';
import { ChangeFeed } from '../conversation/change-feed.ts';
import { Chores } from '../conversation/chores.ts';
import { FileWork } from '../conversation/file-work.ts';
import { Housekeeping } from '../conversation/housekeeping.ts';
import { Inbox } from '../conversation/inbox.ts';
import { Outbox } from '../conversation/outbox.ts';
import { Pictures } from '../conversation/pictures.ts';
import { Poller } from '../conversation/poller.ts';
import { TypingBoard } from '../conversation/typing-board.ts';
import type {
  AccountInfo,
  Change,
  Contact,
  Conversation,
  DeletionReport,
  Devices,
  Disappearing,
  Draft,
  Engine,
  ExportReport,
  Message,
  MessagePage,
  NetworkInfo,
  Notifications,
  Repair,
  RouteInfo,
  SearchHit,
  SearchQuery,
  Settings,
} from '../engine.ts';
import { exportConversation } from '../export/export-conversation.ts';
import type { FileTransfers } from '../files/file-transfers.ts';
import type { LocalFiles } from '../files/local-files.ts';
import type { NameNodes } from '../network/name-lookup.ts';
import type { SwarmAccess } from '../network/swarm-access.ts';
import type { Polling } from '../profile/options.ts';
import { runTogether } from '../run-together.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Surroundings } from '../surroundings.ts';
import { Attachments } from './attachments.ts';
import { ContactLinks } from './contact-links.ts';
import { Deleting } from './deleting.ts';
import { Desk, readAccountId } from './desk.ts';
import { lookUpName } from './names.ts';
import { Ongoing, requireOpen, whileOpen } from './ongoing.ts';
import { OwnTyping } from './own-typing.ts';
import { People } from './people.ts';
import { checkProxy } from './proxy-setting.ts';
import { Receipts } from './receipts.ts';
import { Sending } from './sending.ts';
import { Viewing } from './viewing.ts';
import { Whispers } from './whispers.ts';

/** The network floor, with what the engine shows of it. */
export interface MessengerNetwork extends SwarmAccess, NameNodes {
  route(accountId: string): RouteInfo;
  info(): NetworkInfo;
  run(signal: AbortSignal): Promise<void>;
}

/** The part of the network floor that moves files. */
export type Transfers = Pick<FileTransfers, 'upload' | 'uploadPicture' | 'download' | 'downloadPicture'>;

/** What a messenger is made of. It wipes `account` and calls `onClosed` when it closes. */
export interface MessengerParts extends Surroundings {
  readonly store: ProfileStore;
  readonly account: Account;
  readonly network: MessengerNetwork;
  /** Names the network in contact links. */
  readonly networkId: Uint8Array;
  /** The files of this profile. */
  readonly files: LocalFiles;
  /** Brings files to servers and back. */
  readonly transfers: Transfers;
  readonly polling: Polling;
  /** Everything of the profile as an encrypted file. */
  readonly backUp: (passphrase: string, closing: AbortSignal) => AsyncIterable<Uint8Array>;
  /** Is told of the settings after every change. */
  readonly onSettings?: (settings: Settings) => void;
  /** What else runs as long as the messenger does. */
  readonly others?: readonly ((signal: AbortSignal) => Promise<void>)[];
  readonly onClosed: () => void;
}

/** A running messenger: the four floors put together. What each command does stands in a file of its own. */
export class Messenger implements Engine {
  readonly #parts: MessengerParts;
  readonly #ownId: string;
  readonly #feed = new ChangeFeed();
  readonly #stop = new AbortController();
  readonly #ongoing = new Ongoing(this.#stop.signal);
  readonly #outbox: Outbox;
  readonly #chores: Chores;
  readonly #fileWork: FileWork;
  readonly #pictures: Pictures;
  readonly #housekeeping: Housekeeping;
  readonly #sharedState: SharedState;
  readonly #poller: Poller;
  readonly #typingBoard: TypingBoard;
  readonly #whispers: Whispers;
  readonly #ownTyping: OwnTyping;
  readonly #desk: Desk;
  readonly #viewing: Viewing;
  readonly #sending: Sending;
  readonly #attachments: Attachments;
  readonly #deleting: Deleting;
  readonly #people: People;
  readonly #links: ContactLinks;
  /** What a crash left among the files is removed before anything is added to them. */
  readonly #tidied: Promise<void>;
  readonly #work: Promise<void>;
  #closing: Promise<void> | null = null;

  constructor(parts: MessengerParts) {
    const { store, account, network, clock, random } = parts;
    this.#parts = parts;
    this.#ownId = account.accountId;
    const activity = new Activity(parts.polling, clock, random);
    this.#typingBoard = new TypingBoard(clock, (conversationId) =>
      this.#feed.emit({ kind: 'conversation', conversationId }),
    );
    const onWork = () => {
      this.#outbox.poke();
      this.#chores.poke();
      this.#housekeeping.poke();
      this.#fileWork.poke();
      this.#pictures.poke();
    };
    const networkTime = () => network.now();
    const shared = { ...parts, feed: this.#feed, swarms: network, activity, onWork, networkTime };
    const signal = this.#stop.signal;
    this.#fileWork = new FileWork(shared);
    this.#pictures = new Pictures(shared);
    this.#outbox = new Outbox({ ...shared, files: this.#fileWork });
    this.#chores = new Chores(shared);
    this.#housekeeping = new Housekeeping(shared);
    this.#sharedState = new SharedState({ ...shared, poll: (polling) => this.#poller.poll(polling) });
    const inbox = new Inbox({
      ...shared,
      typing: this.#typingBoard,
      isStale: (conversationId, storedAt) => this.#sharedState.isStale(conversationId, storedAt),
      onOtherDevice: (sentAt) => store.shared.noteOther(sentAt),
    });
    this.#poller = new Poller({
      ...shared,
      namespaces: [...this.#sharedState.namespaces, inbox],
      onPolled: () => this.#sharedState.notePolled(),
    });
    this.#desk = new Desk({ store, feed: this.#feed, activity, ownId: this.#ownId, now: networkTime, onWork });
    this.#whispers = new Whispers({ ...shared, signal });
    this.#ownTyping = new OwnTyping(this.#desk, this.#whispers, clock, signal);
    const receipts = new Receipts(this.#desk);
    this.#viewing = new Viewing(this.#desk, this.#typingBoard, receipts);
    this.#attachments = new Attachments(this.#desk, parts.files, this.#fileWork);
    this.#sending = new Sending(this.#desk, { receipts, typing: this.#ownTyping, attachments: this.#attachments });
    this.#deleting = new Deleting(this.#desk);
    this.#people = new People(this.#desk, this.#deleting, this.#whispers);
    this.#links = new ContactLinks(this.#desk, this.#people, parts.account, parts.networkId, random);
    network.onConnection(() => this.#feed.emit({ kind: 'route' }));
    this.#tidied = parts.files.tidy(store.attachments.usedBlobs()).catch((error: Error) => {
      parts.log.warn({ error: error.name }, 'what a crash left could not be removed');
    });
    this.#work = this.#run();
  }

  account(): AccountInfo {
    const { name, pictureBlob } = this.#parts.store.account.profile();
    return { accountId: this.#ownId, name, pictureVersion: pictureBlob, restoring: this.#sharedState.restoring() };
  }

  settings(): Settings {
    return this.#parts.store.settings.read();
  }

  route(conversationId = this.#ownId): RouteInfo {
    this.#requireOpen();
    return this.#parts.network.route(readAccountId(conversationId));
  }

  network(): NetworkInfo {
    this.#requireOpen();
    return this.#parts.network.info();
  }

  devices(): Devices {
    return this.#sharedState.devices();
  }

  conversations(): readonly Conversation[] {
    return this.#viewing.conversations();
  }

  conversation(conversationId: string): Conversation | null {
    return this.#viewing.conversation(conversationId);
  }

  contacts(): readonly Contact[] {
    return this.#viewing.contacts();
  }

  messages(conversationId: string, page?: { readonly before?: string; readonly limit?: number }): MessagePage {
    return this.#viewing.messages(conversationId, page);
  }

  messagesAround(messageId: string, limit?: number): MessagePage {
    return this.#viewing.messagesAround(messageId, limit);
  }

  search(query: SearchQuery): readonly SearchHit[] {
    this.#requireOpen();
    return this.#parts.store.search.find(query);
  }

  recoveryPhrase(): string {
    this.#requireOpen();
    return phraseOfAccount(this.#parts.account);
  }

  async readPicture(accountId: string): Promise<Uint8Array | null> {
    return await this.#ongoing.run(() => this.#pictures.read(accountId === this.#ownId ? null : accountId));
  }

  async readAttachment(attachmentId: string): Promise<Uint8Array> {
    return await this.#ongoing.run(() => this.#attachments.read(attachmentId));
  }

  async keepFile(bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
    return await this.#ongoing.run(async (signal) => {
      await this.#tidied;
      return await this.#attachments.keep(bytes instanceof Uint8Array ? bytes : whileOpen(bytes, signal));
    });
  }

  openConversation(accountId: string): Conversation {
    return this.#people.open(accountId);
  }

  send(conversationId: string, message: string | Draft): Message {
    return this.#sending.send(conversationId, message);
  }

  retry(messageId: string): Message {
    return this.#sending.retry(messageId);
  }

  edit(messageId: string, body: string): Message {
    return this.#sending.edit(messageId, body);
  }

  react(messageId: string, emoji: string, on: boolean): Message {
    return this.#sending.react(messageId, emoji, on);
  }

  deleteHere(messageIds: readonly string[]): void {
    this.#deleting.deleteHere(messageIds);
  }

  deleteForEveryone(messageIds: readonly string[]): void {
    this.#deleting.deleteForEveryone(messageIds);
  }

  deletion(messageId: string): DeletionReport | null {
    return this.#deleting.deletion(messageId);
  }

  downloadAttachment(attachmentId: string): void {
    this.#attachments.download(attachmentId);
  }

  cancelTransfer(attachmentId: string): void {
    this.#attachments.cancel(attachmentId);
  }

  noteSaved(attachmentId: string): void {
    this.#people.noteSaved(this.#desk.attachment(attachmentId));
  }

  markRead(conversationId: string): void {
    this.#viewing.markRead(conversationId);
  }

  markUnread(conversationId: string): void {
    this.#viewing.markUnread(conversationId);
  }

  noteTyping(conversationId: string): void {
    this.#ownTyping.note(conversationId);
  }

  saveDraft(conversationId: string, text: string): void {
    this.#people.saveDraft(conversationId, text);
  }

  acceptRequest(conversationId: string): void {
    this.#people.accept(conversationId);
  }

  declineRequest(conversationId: string): void {
    this.#people.decline(conversationId);
  }

  setBlocked(accountId: string, blocked: boolean): void {
    this.#people.setBlocked(accountId, blocked);
  }

  setNickname(accountId: string, nickname: string | null): void {
    this.#people.setNickname(accountId, nickname);
  }

  setPinned(conversationId: string, pinned: boolean): void {
    this.#people.setPinned(conversationId, pinned);
  }

  setArchived(conversationId: string, archived: boolean): void {
    this.#people.setArchived(conversationId, archived);
  }

  setNotifications(conversationId: string, notifications: Notifications): void {
    this.#people.setNotifications(conversationId, notifications);
  }

  setMuted(conversationId: string, until: number | null): void {
    this.#people.setMuted(conversationId, until);
  }

  setAutoDownload(conversationId: string, on: boolean): void {
    this.#people.setAutoDownload(conversationId, on);
  }

  setDisappearing(conversationId: string, disappearing: Disappearing | null): void {
    this.#people.setDisappearing(conversationId, disappearing);
  }

  deleteConversation(conversationId: string): void {
    this.#deleting.deleteConversation(conversationId);
  }

  removeContact(accountId: string): void {
    this.#deleting.removeContact(accountId);
  }

  createContactLink({ validForMs }: { readonly validForMs?: number } = {}): string {
    return this.#links.create(validForMs);
  }

  openContactLink(link: string): Conversation {
    return this.#links.open(link);
  }

  async resolveName(name: string): Promise<string> {
    return await this.#ongoing.run((signal) => lookUpName(name, this.#parts.network, signal));
  }

  setName(name: string): void {
    const changedAt = this.#parts.network.now();
    const checked = checkedName(name);
    this.#desk.change((touched) => {
      this.#parts.store.account.setProfile({ name: checked, changedAt });
      touched.account();
    });
  }

  async setPicture(picture: Uint8Array | null): Promise<void> {
    await this.#ongoing.run(async () => {
      await this.#tidied;
      await this.#pictures.set(picture);
    });
  }

  setSettings(settings: Partial<Settings>): void {
    if (settings.proxy) checkProxy(settings.proxy);
    this.#desk.change((touched) => {
      this.#parts.store.settings.write(settings);
      touched.account();
    });
    this.#parts.onSettings?.(this.settings());
  }

  repair(): Repair | null {
    return this.#parts.store.safety.repair();
  }

  dismissRepair(): void {
    this.#desk.change((touched) => {
      this.#parts.store.safety.setRepair(null);
      touched.account();
    });
  }

  backUp(passphrase: string): AsyncIterable<Uint8Array> {
    this.#requireOpen();
    return this.#ongoing.each(this.#parts.backUp(passphrase, this.#stop.signal));
  }

  async exportConversation(conversationId: string, folder: string): Promise<ExportReport> {
    const { store, files, clock } = this.#parts;
    return await this.#ongoing.run(async (signal) => {
      const parts = { store, files, now: clock.now(), ownId: this.#ownId, signal };
      const { report, lastSaved } = await exportConversation(parts, conversationId, folder);
      if (lastSaved !== null) this.noteSaved(lastSaved);
      return report;
    });
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
        (signal) => this.#chores.run(signal),
        (signal) => this.#tidied.then(() => this.#fileWork.run(signal)),
        (signal) => this.#tidied.then(() => this.#pictures.run(signal)),
        (signal) => this.#housekeeping.run(signal),
        (signal) => this.#typingBoard.run(signal),
        (signal) => this.#sharedState.run(signal),
        (signal) => this.#read(signal),
        ...(this.#parts.others ?? []),
      ]);
    } catch (error) {
      this.#parts.log.warn({ error: (error as Error).name }, 'the engine closes because of an unexpected error');
      // Callers see that it is closed, instead of one that does nothing.
      void this.close();
    }
  }

  /** What our devices share says how the rest is to be read, so it comes first. */
  async #read(signal: AbortSignal): Promise<void> {
    await this.#sharedState.catchUp(signal);
    await this.#poller.run(signal);
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#work, this.#ongoing.settled(), this.#ownTyping.settled(), this.#whispers.settled()]);
    this.#feed.close();
    wipeAccount(this.#parts.account);
    this.#parts.onClosed();
  }

  #requireOpen(): void {
    requireOpen(this.#stop.signal);
  }
}
