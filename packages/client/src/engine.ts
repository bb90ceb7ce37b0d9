/**
 * The public interface of the engine: what the app, the command line and bots use.
 * Times are Unix milliseconds of network time. Values are plain data that may cross a process border.
 */

import type { AccountInfo, Devices, Settings } from './engine/account.ts';
import type { Contact, Conversation, Notifications } from './engine/conversation.ts';
import type { Attachment, Disappearing, Draft, Message, MessagePage } from './engine/message.ts';
import type { NetworkInfo } from './engine/network.ts';
import type { RouteInfo } from './engine/route.ts';
import type { ExportReport, Repair } from './engine/safety.ts';
import type { SearchHit, SearchQuery } from './engine/search.ts';

export type * from './engine/account.ts';
export type * from './engine/conversation.ts';
export { EngineError, type EngineErrorCode } from './engine/errors.ts';
export type * from './engine/message.ts';
export type * from './engine/network.ts';
export type * from './engine/route.ts';
export type * from './engine/safety.ts';
export type * from './engine/search.ts';

/** Something changed; receivers query what they show. */
export type Change =
  | { readonly kind: 'account' }
  | { readonly kind: 'conversation'; readonly conversationId: string }
  /** A conversation and its messages are gone from this device. */
  | { readonly kind: 'conversation-removed'; readonly conversationId: string }
  /** `isNew`: it has just come or been written, and is not one that was there and is different now. */
  | { readonly kind: 'message'; readonly message: Message; readonly isNew?: true }
  | { readonly kind: 'message-removed'; readonly conversationId: string; readonly messageId: string }
  | { readonly kind: 'attachment'; readonly conversationId: string; readonly attachment: Attachment }
  | { readonly kind: 'route' };

/** How far a deletion for everyone has come. */
export interface DeletionReport {
  /** Mailbox nodes of ours that confirmed with their signature, of how many. */
  readonly nodes: number;
  readonly ofNodes: number;
  /** The request to the other side has been stored in their mailbox. */
  readonly otherSideTold: boolean;
}

/** A running messenger of one account. Every command is durable before it returns. */
export interface Engine {
  /** Our own account as others see it. */
  account(): AccountInfo;
  /** Those of this profile; what was never set has its default. */
  settings(): Settings;
  /** The private route, and the mailbox at its end: that of a conversation, or absent, our own. @throws EngineError `bad-account-id` */
  route(conversationId?: string): RouteInfo;
  /** Who decides about the network, and who has signed what so far. It changes with the route. */
  network(): NetworkInfo;
  /** What is known of the devices of this account. */
  devices(): Devices;
  /** Pinned ones first, then newest activity first. Archived and blocked ones are among them. */
  conversations(): readonly Conversation[];
  /** `null` if there is none with that id. */
  conversation(conversationId: string): Conversation | null;
  /** Those we accepted or blocked, by name. */
  contacts(): readonly Contact[];
  /** The newest page, or the one before a cursor. `limit` 1–200, default 50. */
  messages(conversationId: string, page?: { readonly before?: string; readonly limit?: number }): MessagePage;
  /** The page around a message, such as one that was searched or quoted. @throws EngineError `not-found` */
  messagesAround(messageId: string, limit?: number): MessagePage;
  /** Newest first. Reads only this device. */
  search(query: SearchQuery): readonly SearchHit[];
  /** The 13 words. Shown to the person, never logged. */
  recoveryPhrase(): string;
  /** The picture of an account, `null` if none is here. */
  readPicture(accountId: string): Promise<Uint8Array | null>;
  /** The bytes of an attachment that is `here`. @throws EngineError `not-found` */
  readAttachment(attachmentId: string): Promise<Uint8Array>;

  /**
   * Keeps a file of at most 10,000,000 bytes (messages §6) encrypted on this device, to be sent with a draft; gives its
   * handle. If it is never sent, it is removed at the next start. @throws EngineError `too-large`, `disk-full`,
   * `closed` if the engine closes before all of it has come
   */
  keepFile(bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<string>;

  /** Creates the conversation if it is new. @throws EngineError `bad-account-id` */
  openConversation(accountId: string): Conversation;
  /**
   * Puts a message into the outbox. @throws EngineError `bad-account-id`, `empty`, `too-long`, `too-large`, `not-found`
   * (what it quotes, or a file that is not kept here)
   */
  send(conversationId: string, message: string | Draft): Message;
  /** Sends a failed message again. @throws EngineError `not-found` */
  retry(messageId: string): Message;
  /** Replaces the text of an own message: our clients show an edit, others a deletion and a new message. @throws EngineError `not-allowed`, `empty`, `too-long` */
  edit(messageId: string, body: string): Message;
  /** Adds or takes back our reaction, one emoji. @throws EngineError `not-found`, `not-allowed`, `too-many` */
  react(messageId: string, emoji: string, on: boolean): Message;
  /** Removes messages from this device and keeps them away. */
  deleteHere(messageIds: readonly string[]): void;
  /** Deletes own messages for everyone, on our devices and at the other side. @throws EngineError `not-allowed` for messages of others */
  deleteForEveryone(messageIds: readonly string[]): void;
  /** `null` if the message was not deleted for everyone by us. */
  deletion(messageId: string): DeletionReport | null;
  /** Loads a file that is `remote`, or `lost` once more; its progress comes as changes. @throws EngineError `not-found` */
  downloadAttachment(attachmentId: string): void;
  /** Stops an upload or download; a message whose upload was stopped fails and may be retried. */
  cancelTransfer(attachmentId: string): void;
  /** The person saved a file outside; the other side is told (messages §5.14). */
  noteSaved(attachmentId: string): void;

  /** All of it has been read: starts the clocks of what disappears, and tells the author if the setting is on. */
  markRead(conversationId: string): void;
  /** Only a mark for the person; nobody is told. */
  markUnread(conversationId: string): void;
  /** We are writing now; called on key presses. Sends nothing unless the setting is on and they are accepted. */
  noteTyping(conversationId: string): void;
  /** Keeps text that is not sent yet, also over restarts; empty removes it. @throws EngineError `not-found` */
  saveDraft(conversationId: string, text: string): void;
  /** Accepts somebody who wrote to us, and tells them. Writing to them does so, too. @throws EngineError `not-found` */
  acceptRequest(conversationId: string): void;
  /** Removes a request and what it brought; who is blocked stays so. @throws EngineError `not-allowed` for a contact */
  declineRequest(conversationId: string): void;
  /** Nothing of a blocked person arrives. @throws EngineError `bad-account-id`, `not-allowed` (ourselves) */
  setBlocked(accountId: string, blocked: boolean): void;
  /** `null` removes it. @throws EngineError `bad-name` above 100 bytes of UTF-8 */
  setNickname(accountId: string, nickname: string | null): void;
  /** Keeps it at the top of the list. @throws EngineError `not-found` */
  setPinned(conversationId: string, pinned: boolean): void;
  /** Puts it away until something new comes. @throws EngineError `not-found` */
  setArchived(conversationId: string, archived: boolean): void;
  /** What of it makes a sound or a badge. @throws EngineError `not-found` */
  setNotifications(conversationId: string, notifications: Notifications): void;
  /** No sound or badge until then (ms); `null` ends it. */
  setMuted(conversationId: string, until: number | null): void;
  /** Whether its files load without asking. @throws EngineError `not-found` */
  setAutoDownload(conversationId: string, on: boolean): void;
  /** What we send disappears from now on; `null` turns it off. @throws EngineError `bad-setting` */
  setDisappearing(conversationId: string, disappearing: Disappearing | null): void;
  /** Removes a conversation with all its messages from our devices; late deliveries do not bring it back. The contact is kept. */
  deleteConversation(conversationId: string): void;
  /** Deletes the conversation and forgets the contact. */
  removeContact(accountId: string): void;

  /** A link that anybody may write to us with at once, without a request. @throws EngineError `bad-setting` */
  createContactLink(options?: { readonly validForMs?: number }): string;
  /** Reads a contact link and opens the conversation. @throws EngineError `bad-link`, `bad-network` (made for another network) */
  openContactLink(link: string): Conversation;
  /** Looks a name up in the network's name service. @throws EngineError `bad-name`, `no-names`, `not-found`, `network-unreachable` */
  resolveName(name: string): Promise<string>;

  /** @throws EngineError `bad-name` if empty or above 100 bytes of UTF-8 */
  setName(name: string): void;
  /** A picture (JPEG, PNG, WebP or GIF, cropped and scaled by the caller to at most 600×600), or `null` to remove it. @throws EngineError `bad-picture`, `too-large` */
  setPicture(picture: Uint8Array | null): Promise<void>;
  /** Changes those that are named. */
  setSettings(settings: Partial<Settings>): void;

  /** The last repair of this profile, to be told to the person until `dismissRepair`; `null` if there was none. */
  repair(): Repair | null;
  /** The person has been told of it. */
  dismissRepair(): void;
  /**
   * Everything of this profile in one encrypted file, piece by piece; `restoreBackup` makes a profile of it, on whatever
   * machine. @throws EngineError `wrong-passphrase` if it is empty, `disk-full`, `closed`
   */
  backUp(passphrase: string): AsyncIterable<Uint8Array>;
  /**
   * Writes a conversation as a page that every browser shows, with its files beside it, into a new folder. It is NOT
   * encrypted: the person must have been told. Messages that disappear are left out; who sent us files is told that they
   * were saved (messages §5.14). @throws EngineError `not-found`, `not-allowed` (the folder is not empty), `disk-full`,
   * `closed` if the engine closes meanwhile; nothing of it stays then
   */
  exportConversation(conversationId: string, folder: string): Promise<ExportReport>;

  /**
   * Changes from now on, until the signal aborts or the engine closes. A slow reader misses none: it gets the newest
   * state of each message once, and if very many wait, one `conversation` change instead of those of its messages.
   */
  changes(signal?: AbortSignal): AsyncIterable<Change>;
  /**
   * Stops all work, and gives up exports and files that are coming in; resolves when nothing runs any more and the
   * database is closed.
   */
  close(): Promise<void>;
}
