import { countCodePoints, isBlank, MAX_BODY_SENT } from '@sotto/wire/content';
import { approve, asked } from '../conversation/approval.ts';
import { reactionContent, unsendContent } from '../conversation/compose.ts';
import { isEmoji } from '../conversation/emoji.ts';
import { MESSAGE_TTL_MS, messageTtl } from '../conversation/lifetimes.ts';
import { markAllRead, markReadByWriting } from '../conversation/reading.ts';
import { touchAnswers } from '../conversation/removal.ts';
import type { Touched } from '../conversation/touched.ts';
import { type Draft, EngineError, type Message } from '../engine.ts';
import type { NewAttachment } from '../store/attachment-table.ts';
import { currentSentAt, type MessageDetails, type MessageRecord } from '../store/message-record.ts';
import { PLAIN_MESSAGE } from '../store/message-table.ts';
import type { Attachments } from './attachments.ts';
import { type Desk, readAccountId } from './desk.ts';
import type { OwnTyping } from './own-typing.ts';
import type { Receipts } from './receipts.ts';

/** Reactions within a minute (messages §5.4). */
const MOST_REACTIONS = 20;
const REACTIONS_WITHIN_MS = 60_000;

/** What sending needs besides the desk. */
export interface SendingParts {
  readonly receipts: Receipts;
  readonly typing: OwnTyping;
  readonly attachments: Attachments;
}

/** Writing: messages, edits and reactions. */
export class Sending {
  readonly #desk: Desk;
  readonly #parts: SendingParts;

  constructor(desk: Desk, parts: SendingParts) {
    this.#desk = desk;
    this.#parts = parts;
  }

  send(conversationId: string, given: string | Draft): Message {
    const id = readAccountId(conversationId);
    const draft: Draft = typeof given === 'string' ? { body: given } : given;
    checkBody(draft.body, (draft.attachments?.length ?? 0) > 0);
    const quoted = draft.quotedMessageId === undefined ? null : this.#desk.message(draft.quotedMessageId);
    if (quoted && (quoted.conversationId !== id || quoted.kind !== 'message')) {
      throw new EngineError('not-found', 'a message of another conversation cannot be quoted');
    }
    const files = this.#parts.attachments.ofDraft(draft);
    const messageId = this.#desk.change((touched) => this.#insert(id, draft, quoted, files, touched));
    this.#parts.typing.end(id);
    return this.#shown(messageId);
  }

  retry(messageId: string): Message {
    const message = this.#desk.message(messageId);
    if (!message.outgoing || message.kind !== 'message')
      throw new EngineError('not-found', 'it is not a message of ours');
    if (message.delivery === 'failed') {
      this.#desk.change((touched) => {
        this.#desk.store.messages.setDelivery(message.id, 'waiting');
        this.#enqueue(message, touched);
        this.#desk.store.outbox.noteAttempt(message.id);
      });
    }
    return this.#shown(message.id);
  }

  /** Another version, and for clients that do not know versions the deletion of the one before. */
  edit(messageId: string, body: string): Message {
    const message = this.#desk.message(messageId);
    const { outgoing, kind, deleted, conversationId } = message;
    if (!outgoing || kind !== 'message' || deleted) throw new EngineError('not-allowed', 'this cannot be edited');
    const { store, ownId } = this.#desk;
    checkBody(
      body,
      store.attachments.of(message.id).some(({ isPreview }) => !isPreview),
    );
    if (body === message.body) return this.#shown(message.id);
    this.#desk.change((touched) => {
      const before = { author: ownId, sentAt: currentSentAt(message)! };
      const versionAt = this.#desk.timestamp();
      if (message.hash !== null) store.chores.addDeletion(message.hash, null);
      store.messages.setHash(message.id, null);
      const isStillTrue = message.details.preview === undefined || body.includes(message.details.preview.url);
      const details = isStillTrue ? message.details : {};
      store.messages.setContent(message.id, { ...message, details, body }, versionAt, false);
      if (!isStillTrue) store.attachments.removePreview(message.id);
      store.versions.add({ author: ownId, sentAt: versionAt }, message.sentAt!, this.#desk.now());
      store.outbox.removeMessage(message.id);
      store.messages.setDelivery(message.id, 'waiting');
      this.#enqueue(this.#desk.message(messageId), touched);
      this.#unsend(before, conversationId, touched);
      touchAnswers(message, store, touched);
    });
    return this.#shown(message.id);
  }

  react(messageId: string, emoji: string, on: boolean): Message {
    const message = this.#desk.message(messageId);
    const { conversationId, kind, sentAt, deleted } = message;
    const { store, ownId } = this.#desk;
    const isReactable = sentAt !== null && !deleted && (kind === 'message' || kind === 'community-invitation');
    if (!isReactable || !isEmoji(emoji)) throw new EngineError('not-allowed', 'one cannot react to this');
    const key = { author: message.author, sentAt };
    if (store.reactions.has(key, ownId, emoji) === on) return this.#shown(message.id);
    if (store.reactions.sentSince(ownId, this.#desk.now() - REACTIONS_WITHIN_MS) >= MOST_REACTIONS) {
      throw new EngineError('too-many', `${MOST_REACTIONS} reactions within a minute are enough`);
    }
    this.#desk.change((touched) => {
      const removed = !on;
      this.#approve(conversationId, touched);
      const reactedAt = this.#desk.timestamp();
      store.reactions.put({ conversationId, message: key, author: ownId, emoji, sentAt: reactedAt, removed });
      const reaction = { target: { author: message.author, sentAt: currentSentAt(message)! }, emoji, removed };
      const copy = reactionContent(reaction, reactedAt, conversationId);
      const toSelf = conversationId === ownId;
      store.outbox.add({
        queue: conversationId,
        recipient: conversationId,
        role: 'control',
        content: toSelf ? copy : reactionContent(reaction, reactedAt, null),
        sentAt: reactedAt,
        ttl: MESSAGE_TTL_MS,
        messageId: null,
        copy: toSelf ? null : copy,
      });
      touched.work();
      touched.message(message.id);
    });
    return this.#shown(message.id);
  }

  /** Message, conversation and outbox entry, for one transaction. @returns the local id. */
  #insert(
    conversationId: string,
    draft: Draft,
    quoted: MessageRecord | null,
    files: readonly NewAttachment[],
    touched: Touched,
  ): number {
    const { store, ownId } = this.#desk;
    const now = this.#desk.now();
    store.conversations.ensure(conversationId, now);
    this.#approve(conversationId, touched);
    const sentAt = this.#desk.timestamp();
    const state = store.conversations.state(conversationId)!;
    asked(conversationId, state, sentAt, { store, touched });
    const { disappearing, priority, archived } = state;
    const details: MessageDetails = draft.preview
      ? { preview: { url: draft.preview.url, title: draft.preview.title } }
      : {};
    const id = store.messages.insert({
      ...PLAIN_MESSAGE,
      conversationId,
      author: ownId,
      outgoing: true,
      sentAt,
      placedAt: sentAt,
      body: draft.body,
      quote: quoted && { author: quoted.author, sentAt: quoted.sentAt! },
      details,
      delivery: 'waiting',
      disappearing,
    });
    store.attachments.add(id, files);
    this.#enqueue(store.messages.get(id)!, touched);
    touched.newMessage(id);
    // Whoever answers has read what was there.
    this.#parts.receipts.queue(conversationId, markAllRead(conversationId, now, store, touched), touched);
    markReadByWriting(conversationId, sentAt, now, store, touched);
    store.conversations.update(conversationId, {
      draft: '',
      markedUnread: false,
      ...(archived ? { archived: false } : {}),
      ...(priority < 0 ? { priority: 0 } : {}),
    });
    store.conversations.touch(conversationId, sentAt);
    touched.conversation(conversationId);
    return id;
  }

  #enqueue(message: MessageRecord, touched: Touched): void {
    const { id, conversationId, disappearing } = message;
    this.#desk.store.outbox.add({
      queue: conversationId,
      recipient: conversationId,
      role: 'message',
      content: null,
      sentAt: currentSentAt(message)!,
      ttl: messageTtl(disappearing),
      messageId: id,
      copy: null,
    });
    touched.work();
    touched.message(id);
  }

  #unsend(
    target: { readonly author: string; readonly sentAt: number },
    conversationId: string,
    touched: Touched,
  ): void {
    const sentAt = this.#desk.timestamp();
    const content = unsendContent(target, sentAt);
    const toSelf = conversationId === this.#desk.ownId;
    this.#desk.store.outbox.add({
      queue: conversationId,
      recipient: conversationId,
      role: 'control',
      content,
      sentAt,
      ttl: MESSAGE_TTL_MS,
      messageId: null,
      copy: toSelf ? null : content,
    });
    touched.work();
  }

  /** Writing to somebody approves them (messages §5.11). */
  #approve(conversationId: string, touched: Touched): void {
    const { store, ownId } = this.#desk;
    approve(conversationId, { store, touched, ownId, now: this.#desk.now() });
  }

  #shown(id: number): Message {
    return this.#desk.store.messageView.get(id)!;
  }
}

function checkBody(body: string, hasAttachment: boolean): void {
  if (isBlank(body) && !hasAttachment) throw new EngineError('empty', 'a message must not be empty');
  if (body.length > MAX_BODY_SENT && countCodePoints(body) > MAX_BODY_SENT) {
    throw new EngineError('too-long', `a message has at most ${MAX_BODY_SENT} characters`);
  }
}
