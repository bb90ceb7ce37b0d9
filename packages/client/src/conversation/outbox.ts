import { WireError } from '@sotto/wire';
import type { Account } from '@sotto/wire/account';
import { sealMessage } from '@sotto/wire/message';
import type { DeliveryState, EngineError, FailureReason } from '../engine.ts';
import { type SwarmAccess, SwarmFailure } from '../network/swarm-access.ts';
import { currentSentAt } from '../store/message-record.ts';
import type { OutboxEntry } from '../store/outbox-table.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { jittered, type Surroundings, timeUntil } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { ChangeFeed } from './change-feed.ts';
import { type Composition, copyContent, messageContent } from './compose.ts';
import { type FileWork, UploadFailure } from './file-work.ts';
import { INBOX_NAMESPACE } from './inbox.ts';
import { copyTtl, MESSAGE_TTL_MS } from './lifetimes.ts';
import { storeCall } from './mailbox-calls.ts';
import { REMEMBER_AT_MOST_MS } from './mailbox-namespace.ts';
import { Touched } from './touched.ts';

/** The queue of what goes to our own devices; conversations are queues named by the other account's id. */
export const COPIES_QUEUE = 'copies';

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 300_000;
const PAUSE_JITTER = 0.2;
/** After this long with a network but without success a message fails, and the person decides. */
const GIVE_UP_AFTER_MS = 86_400_000;
/** What nobody is asked about is tried as long as nodes would keep it. */
const FORGET_AFTER_MS = MESSAGE_TTL_MS;
/** And not before so many attempts: for most of that time the machine may have slept, or its clock have jumped. */
const LEAST_ATTEMPTS = 100;
/** How many queues send at the same time. */
const CONCURRENCY = 4;
const NEVER_MS = 3_600_000;
/** After a failure of the database itself. */
const DATABASE_PAUSE_MS = 30_000;

/** What the outbox works with. */
export interface OutboxParts extends Surroundings {
  readonly store: ProfileStore;
  readonly account: Account;
  readonly swarms: SwarmAccess;
  readonly feed: ChangeFeed;
  /** Brings the files of a message to a server before it is sent. */
  readonly files: Pick<FileWork, 'finishUploads'>;
  /** There may be a chore for our mailbox, or another message that disappears. */
  readonly onWork: () => void;
}

/**
 * Sends what waits in the database: each queue in order, one entry after another; queues beside each other. An entry
 * leaves the database only together with the record of its success or failure, so that after a crash it is sent
 * again, with the same timestamp by which receivers know it (messages §5.1).
 */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #wakeUp = new WakeUp();
  readonly #busy = new Map<string, Promise<void>>();

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Something new waits. */
  poke(): void {
    this.#wakeUp.call();
  }

  /** Works until the signal aborts; resolves when nothing runs any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, swarms, clock, log } = this.#parts;
    let isReset = false;
    let wasConnected = false;
    const stopListening = swarms.onConnection(() => this.poke());
    while (!signal.aborted) {
      let pause = NEVER_MS;
      try {
        if (!isReset) store.messages.resetSending();
        isReset = true;
        const connected = swarms.isConnected();
        if (connected && !wasConnected) store.outbox.wake();
        wasConnected = connected;
        if (connected) pause = this.#startDue(signal);
      } catch (error) {
        log.warn({ code: (error as EngineError).code }, 'the outbox cannot work');
        pause = DATABASE_PAUSE_MS;
      }
      await this.#wakeUp.sleep(pause, clock, signal);
    }
    stopListening();
    await Promise.all(this.#busy.values());
  }

  /** Starts what may be sent now; gives the time until the next entry is due, ms. */
  #startDue(signal: AbortSignal): number {
    let pause = NEVER_MS;
    for (const entry of this.#parts.store.outbox.heads()) {
      if (this.#busy.has(entry.queue)) continue;
      const rest = timeUntil(entry.nextAttemptAt, 2 * LONGEST_PAUSE_MS, this.#parts.clock);
      if (rest > 0) pause = Math.min(pause, rest);
      else if (this.#busy.size < CONCURRENCY) this.#start(entry, signal);
    }
    return pause;
  }

  #start(entry: OutboxEntry, signal: AbortSignal): void {
    const work = this.#attempt(entry, signal)
      .catch((error: unknown) => {
        this.#parts.log.warn({ code: (error as EngineError).code }, 'an attempt to send could not be recorded');
        return this.#parts.clock.sleep(DATABASE_PAUSE_MS, signal);
      })
      .finally(() => {
        this.#busy.delete(entry.queue);
        this.#wakeUp.call();
      });
    this.#busy.set(entry.queue, work);
  }

  async #attempt(entry: OutboxEntry, signal: AbortSignal): Promise<void> {
    const { swarms, files, log } = this.#parts;
    if (entry.role === 'message') this.#setState(entry, 'sending', null);
    try {
      if (entry.role === 'message') await files.finishUploads(entry.messageId!, signal);
      const content = this.#contentOf(entry);
      if (content)
        this.#recordSuccess(entry, (await swarms.send(entry.recipient, this.#call(entry, content), signal)).hash);
      else this.#parts.store.outbox.remove(entry.id);
    } catch (error) {
      const reason = failureOf(error);
      if (reason === 'stopped') return;
      log.info({ reason, attempts: entry.attempts + 1 }, 'an attempt to send failed');
      this.#recordFailure(entry, reason);
    }
  }

  #call({ sentAt, recipient, ttl }: OutboxEntry, content: Uint8Array) {
    const { account, random, swarms } = this.#parts;
    const members = swarms.members(recipient);
    const seal = () => sealMessage({ content, timestamp: sentAt, sender: account, recipient, random });
    return storeCall({ accountId: recipient, members, namespace: INBOX_NAMESPACE, ttl, seal });
  }

  /** `null` for a message that was removed. */
  #contentOf({ content, messageId, recipient }: OutboxEntry): Uint8Array | null {
    const { store, account } = this.#parts;
    if (content) return content;
    const composition = this.#composition(messageId!);
    if (!composition) return null;
    if (recipient === account.accountId) return copyContent(composition);
    const token = store.conversations.state(recipient)?.contactToken ?? null;
    return messageContent(composition, store.account.profile(), token);
  }

  #composition(messageId: number): Composition | null {
    const { store } = this.#parts;
    const message = store.messages.get(messageId);
    return message && !message.deleted ? { message, attachments: store.attachments.of(messageId) } : null;
  }

  #recordSuccess(entry: OutboxEntry, hash: string): void {
    const { store, account, swarms, feed } = this.#parts;
    const touched = new Touched();
    store.transaction(() => {
      // Its own copy may have confirmed it in the meantime, or the person took it back.
      const isWanted = store.outbox.get(entry.id) !== null;
      const isOurs = entry.recipient === account.accountId;
      store.outbox.remove(entry.id);
      const now = swarms.now();
      const seen = { namespace: INBOX_NAMESPACE, hash, expiresAt: now + REMEMBER_AT_MOST_MS, isNoise: false };
      if (isOurs) store.seen.add(seen, now);
      if (entry.role === 'message' && isWanted) this.#messageStored(entry, touched);
      if (isOurs && entry.messageId !== null && entry.role !== 'unsend')
        this.#keepHash(entry.messageId, entry.sentAt, hash);
      if (entry.role === 'unsend' && entry.messageId !== null) {
        store.chores.reportTold(entry.messageId);
        touched.message(entry.messageId);
      }
      if (entry.copy) this.#queueCopy(entry, entry.copy, MESSAGE_TTL_MS);
    });
    feed.emit(...touched.changes(store));
    this.#parts.onWork();
  }

  /** It is on its way: its clock starts, and our other devices are told. */
  #messageStored(entry: OutboxEntry, touched: Touched): void {
    const { store, account, swarms } = this.#parts;
    const composition = this.#composition(entry.messageId!);
    if (!composition) return;
    const { id, disappearing, expiresAt } = composition.message;
    store.messages.setDelivery(id, 'stored');
    if (disappearing && expiresAt === null) store.messages.setExpiresAt(id, swarms.now() + disappearing.seconds * 1000);
    touched.message(id);
    if (entry.recipient !== account.accountId) this.#queueCopy(entry, copyContent(composition), copyTtl(disappearing));
  }

  #queueCopy({ sentAt, messageId, role }: OutboxEntry, content: Uint8Array, ttl: number): void {
    const { store, account } = this.#parts;
    store.outbox.add({
      queue: COPIES_QUEUE,
      recipient: account.accountId,
      role: role === 'message' ? 'copy' : 'control',
      content,
      sentAt,
      ttl,
      messageId,
      copy: null,
    });
  }

  /** By its hash a message can be deleted from our own mailbox. One that was deleted meanwhile is so there, too. */
  #keepHash(messageId: number, sentAt: number, hash: string): void {
    const { store, account } = this.#parts;
    const message = store.messages.get(messageId);
    if (store.tombstones.isUnsent({ author: account.accountId, sentAt })) store.chores.addDeletion(hash, messageId);
    else if (message && currentSentAt(message) === sentAt) store.messages.setHash(messageId, hash);
  }

  #recordFailure(entry: OutboxEntry, reason: FailureReason): void {
    const { clock, random, store } = this.#parts;
    const now = clock.now();
    const unreachableSince = reason === 'network-unreachable' ? (entry.unreachableSince ?? now) : null;
    const isTriedOut = entry.attempts >= LEAST_ATTEMPTS && unreachableSince !== null;
    const patience = entry.role === 'message' ? GIVE_UP_AFTER_MS : FORGET_AFTER_MS;
    const isFinal =
      (reason !== 'network-unreachable' && reason !== 'offline') || (isTriedOut && now - unreachableSince >= patience);
    if (isFinal) {
      store.transaction(() => {
        if (!store.outbox.get(entry.id)) return;
        store.outbox.remove(entry.id);
        this.#setState(entry, 'failed', reason);
      });
      return;
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(entry.attempts, 20), LONGEST_PAUSE_MS);
    const attempts = entry.attempts + 1;
    const nextAttemptAt = now + jittered(pause, PAUSE_JITTER, random);
    store.outbox.record(entry.id, { attempts, unreachableSince, nextAttemptAt });
    this.#setState(entry, 'waiting', null);
  }

  #setState({ role, messageId }: OutboxEntry, state: DeliveryState, reason: FailureReason | null): void {
    const { store, feed } = this.#parts;
    if (role !== 'message' || messageId === null) return;
    const delivery = store.messages.get(messageId)?.delivery ?? 'stored';
    if (delivery === 'stored') return;
    store.messages.setDelivery(messageId, state, reason);
    const message = store.messageView.get(messageId);
    if (message) feed.emit({ kind: 'message', message });
  }
}

function failureOf(error: unknown): FailureReason | 'stopped' {
  if (error instanceof SwarmFailure) return error.reason === 'unreachable' ? 'network-unreachable' : error.reason;
  if (error instanceof UploadFailure) return error.reason;
  // Sealing refused it: too large to be stored, or an account id that no key belongs to.
  if (error instanceof WireError) return error.code === 'key' ? 'refused' : 'too-long';
  throw error;
}
