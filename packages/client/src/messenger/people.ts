import { MAX_DISPLAY_NAME_BYTES } from '@sotto/wire/content';
import { approve } from '../conversation/approval.ts';
import { savedContent, timerContent } from '../conversation/compose.ts';
import { MESSAGE_TTL_MS } from '../conversation/lifetimes.ts';
import { cleanName } from '../conversation/profile.ts';
import { type Conversation, type Disappearing, EngineError, type Notifications } from '../engine.ts';
import type { AttachmentRecord } from '../store/attachment-table.ts';
import { currentSentAt } from '../store/message-record.ts';
import { PLAIN_MESSAGE } from '../store/message-table.ts';
import type { Deleting } from './deleting.ts';
import { type Desk, readAccountId } from './desk.ts';
import type { Whispers } from './whispers.ts';

/** A pinned conversation (config §9). */
const PINNED = 1;
/** The longest timer that fits into a message, and far more than anybody offers. */
const LONGEST_TIMER_S = 2 ** 31 - 1;

/** What is set about people and conversations, and requests (messages §5.11 – §5.14). */
export class People {
  readonly #desk: Desk;
  readonly #deleting: Deleting;
  readonly #whispers: Whispers;

  constructor(desk: Desk, deleting: Deleting, whispers: Whispers) {
    this.#desk = desk;
    this.#deleting = deleting;
    this.#whispers = whispers;
  }

  open(accountId: string): Conversation {
    const { store } = this.#desk;
    const id = readAccountId(accountId);
    const known = store.conversations.state(id);
    if (!known || known.priority < 0) {
      this.#desk.change((touched) => {
        store.conversations.ensure(id, this.#desk.now());
        store.conversations.update(id, { priority: Math.max(known?.priority ?? 0, 0) });
        touched.conversation(id);
      });
    }
    this.#desk.noteActivity();
    return store.conversationView.get(id)!;
  }

  accept(conversationId: string): void {
    this.#desk.conversation(conversationId);
    this.#desk.change((touched) => {
      const { store, ownId } = this.#desk;
      approve(conversationId, { store, touched, ownId, now: this.#desk.now() });
    });
  }

  decline(conversationId: string): void {
    const state = this.#desk.conversation(conversationId);
    if (state.approved || conversationId === this.#desk.ownId) {
      throw new EngineError('not-allowed', 'this is no request');
    }
    // Forgetting somebody forgets that they are blocked, too: their next message would be a request once more.
    if (state.blocked) this.#deleting.deleteConversation(conversationId);
    else this.#deleting.removeContact(conversationId);
  }

  setBlocked(accountId: string, blocked: boolean): void {
    const id = readAccountId(accountId);
    if (id === this.#desk.ownId) throw new EngineError('not-allowed', 'nobody blocks oneself');
    this.#desk.change((touched) => {
      const { store } = this.#desk;
      // Whom we never met is not listed for being blocked.
      if (!store.conversations.has(id)) {
        store.conversations.ensure(id, this.#desk.now());
        store.conversations.update(id, { priority: -1 });
      }
      if (store.conversations.update(id, { blocked })) touched.conversation(id);
    });
  }

  setNickname(accountId: string, nickname: string | null): void {
    const clean = nickname === null || nickname.trim() === '' ? null : cleanName(nickname);
    if (nickname !== null && clean === null && nickname.trim() !== '') {
      throw new EngineError('bad-name', `a name has at most ${MAX_DISPLAY_NAME_BYTES} bytes`);
    }
    this.#desk.set(readAccountId(accountId), { nickname: clean });
  }

  setPinned(conversationId: string, pinned: boolean): void {
    const { priority } = this.#desk.conversation(conversationId);
    if (priority > 0 !== pinned) this.#desk.set(conversationId, { priority: pinned ? PINNED : 0 });
  }

  setArchived(conversationId: string, archived: boolean): void {
    this.#desk.set(conversationId, { archived, ...(archived ? { archivedAt: this.#desk.now() } : {}) });
  }

  setNotifications(conversationId: string, notifications: Notifications): void {
    this.#desk.set(conversationId, { notifications });
  }

  setMuted(conversationId: string, until: number | null): void {
    this.#desk.set(conversationId, { mutedUntil: until ?? 0 });
  }

  setAutoDownload(conversationId: string, autoDownload: boolean): void {
    this.#desk.set(conversationId, { autoDownload });
  }

  saveDraft(conversationId: string, draft: string): void {
    this.#desk.set(conversationId, { draft });
  }

  /** Both sides see a line of it; what the other side sends disappears as they wish. */
  setDisappearing(conversationId: string, disappearing: Disappearing | null): void {
    const { store, ownId } = this.#desk;
    const known = this.#desk.conversation(conversationId);
    const toSelf = conversationId === ownId;
    checkTimer(disappearing, toSelf);
    const isSame = JSON.stringify(known.disappearing) === JSON.stringify(disappearing);
    if (isSame) return;
    this.#desk.change((touched) => {
      // So that what is written at the same moment comes after it.
      const sentAt = store.account.nextTimestamp(ownId, this.#desk.now() - 1);
      store.conversations.update(conversationId, { disappearing, disappearingSetAt: sentAt });
      for (const line of store.messages.notices(conversationId, 'timer-changed', ownId)) {
        store.messages.remove(line.id);
        touched.messageRemoved(conversationId, line.id);
      }
      const id = store.messages.insert({
        ...PLAIN_MESSAGE,
        conversationId,
        kind: 'timer-changed',
        author: ownId,
        outgoing: true,
        sentAt,
        placedAt: sentAt,
        body: '',
        details: disappearing ? { timer: disappearing } : {},
      });
      const copy = timerContent(disappearing, sentAt, conversationId);
      store.outbox.add({
        queue: conversationId,
        recipient: conversationId,
        role: 'control',
        content: toSelf ? copy : timerContent(disappearing, sentAt, null),
        sentAt,
        ttl: MESSAGE_TTL_MS,
        messageId: null,
        copy: toSelf ? null : copy,
      });
      touched.work();
      touched.message(id);
      touched.conversation(conversationId);
    });
  }

  /** The other side is told that a file of theirs was saved, unless they are a stranger (messages §5.14). */
  noteSaved(attachment: AttachmentRecord): void {
    const { store } = this.#desk;
    const message = store.messages.get(attachment.messageId)!;
    const state = this.#desk.conversation(message.conversationId);
    const savedSentAt = currentSentAt(message);
    if (message.outgoing || savedSentAt === null || !state.approved || state.blocked) return;
    const sentAt = this.#desk.timestamp();
    const content = savedContent(savedSentAt, sentAt, state.disappearing);
    this.#whispers.send(message.conversationId, content, sentAt, MESSAGE_TTL_MS);
  }
}

function checkTimer(disappearing: Disappearing | null, toSelf: boolean): void {
  if (!disappearing) return;
  const { mode, seconds } = disappearing;
  const isTime = Number.isSafeInteger(seconds) && seconds > 0 && seconds <= LONGEST_TIMER_S;
  // Nobody else reads a note to self.
  if (!isTime || (toSelf && mode !== 'after-send')) {
    throw new EngineError('bad-setting', 'messages cannot disappear like this');
  }
}
