import { contacts, userProfile } from '@sotto/config';
import type { Account } from '@sotto/wire/account';
import type { ChangeFeed } from '../../conversation/change-feed.ts';
import { MailboxReader, type ReaderParts } from '../../conversation/mailbox-reader.ts';
import { type Devices, EngineError, type Restoring } from '../../engine.ts';
import type { SwarmAccess } from '../../network/swarm-access.ts';
import { runTogether } from '../../run-together.ts';
import type { ProfileStore } from '../../store/profile-store.ts';
import type { Surroundings } from '../../surroundings.ts';
import { fetchFirst } from './first-fetch.ts';
import { keepAlive } from './keep-alive.ts';
import { Pusher } from './pusher.ts';
import type { EditParts } from './put-edits.ts';
import { recordEdits, recordEverything } from './recorder.ts';
import { SharedConfigs } from './shared-configs.ts';
import { type NamespaceParts, SharedNamespace } from './shared-namespace.ts';

/** What is waited for while the configs before it have arrived. */
const STAGES: readonly Restoring['stage'][] = ['profile', 'conversations', 'contacts', 'conversations'];
/** Between the shared state and what it is about; what is stored within it counts as new (messages §7 step 8). */
const STALE_MARGIN_MS = 120_000;
const DATABASE_PAUSE_MS = 30_000;

/** What sharing works with. */
export interface SharedStateParts extends Surroundings, Omit<ReaderParts, 'namespaces' | 'store'> {
  readonly store: ProfileStore;
  readonly account: Account;
  readonly swarms: SwarmAccess;
  readonly feed: ChangeFeed;
  /** There may be a chore for our mailbox, or a picture to load. */
  readonly onWork: () => void;
  /** Brings what others stored; `false` if no node answered. */
  readonly poll: (signal: AbortSignal) => Promise<boolean>;
}

/** What the devices of an account have in common: put in, told, read, and taken over (config). */
export class SharedState {
  readonly namespaces: readonly SharedNamespace[];
  readonly #parts: SharedStateParts;
  readonly #configs: SharedConfigs;
  readonly #pusher: Pusher;
  #hasConnected = false;
  /** What was fetched last did not fit on the disk. */
  #isFull = false;
  /** A restored account has its shared state, but not yet its messages. */
  #waitsForMessages = false;

  constructor(parts: SharedStateParts) {
    const { store, account, feed } = parts;
    this.#parts = parts;
    this.#configs = new SharedConfigs(store, account);
    const shared: EditParts & SharedStateParts = { ...parts, configs: this.#configs, ownId: account.accountId };
    this.#pusher = new Pusher({ ...shared, onPushed: () => feed.emit({ kind: 'account' }) });
    const poke = () => this.#pusher.poke();
    const namespaceParts: NamespaceParts = { ...shared, onMerged: poke };
    this.namespaces = this.#configs.all.map(([namespace]) => new SharedNamespace(namespace, namespaceParts));
    if (this.#configs.isMissing) this.#configs.change(() => recordEverything(store));
    recordEdits(store, poke);
  }

  /** Reads what there is, unless this device has done so before: the rest of the mailbox is to be read after that. */
  async catchUp(signal: AbortSignal): Promise<void> {
    if (!this.#isEarly()) return;
    this.#waitsForMessages = true;
    const { clock, feed, log } = this.#parts;
    while (!signal.aborted) {
      try {
        await this.#fetch(signal);
        return;
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        log.warn({ code: error.code }, 'the shared state cannot be kept');
        this.#isFull = error.code === 'disk-full';
        feed.emit({ kind: 'account' });
        await clock.sleep(DATABASE_PAUSE_MS, signal);
      }
    }
  }

  /** @throws EngineError if the database fails; what was taken until then is there */
  async #fetch(signal: AbortSignal): Promise<void> {
    const { account, swarms, feed } = this.#parts;
    const onProgress = () => {
      this.#hasConnected = true;
      this.#isFull = false;
      feed.emit({ kind: 'account' });
    };
    const reader = new MailboxReader({ ...this.#parts, namespaces: this.namespaces });
    await fetchFirst({ ...this.#parts, accountId: account.accountId, reader, onProgress }, signal);
    if (signal.aborted) return;
    for (const namespace of this.namespaces) {
      if (this.#configs.get(namespace.namespace).early) namespace.merge([], swarms.now());
    }
    onProgress();
  }

  /** The mailbox has been read. */
  notePolled(): void {
    if (!this.#waitsForMessages) return;
    this.#waitsForMessages = false;
    this.#parts.feed.emit({ kind: 'account' });
  }

  /** Pushes and keeps alive until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const onLost = (namespace: number) => this.#pusher.putBack(namespace);
    await runTogether(signal, [
      (both) => this.#pusher.run(both),
      (both) => keepAlive({ ...this.#parts, configs: this.#configs, onLost }, both),
    ]);
  }

  /** Does the shared state say that the conversation was deleted after something was stored at that time, ms (messages §7 step 8)? */
  isStale(conversationId: string, storedAt: number): boolean {
    const { store, account } = this.#parts;
    const isOwn = conversationId === account.accountId;
    const toldAt = store.shared.toldAt((isOwn ? userProfile : contacts).namespace!);
    if (storedAt > toldAt - STALE_MARGIN_MS) return false;
    // Where it is known up to when it was deleted, nothing has to be guessed.
    if (store.tombstones.clearedUntil(conversationId) > 0) return false;
    const state = store.conversations.state(conversationId);
    return state ? state.priority < 0 : !isOwn;
  }

  /** `null` if nothing is being restored. */
  restoring(): Restoring | null {
    if (!this.#isEarly() && !this.#waitsForMessages) return null;
    const early = this.#configs.all.map(([, config]) => config.early);
    const stage = early.includes(true) ? STAGES[early.indexOf(true)]! : 'messages';
    const done = early.filter((isEarly) => !isEarly).length;
    const shown = this.#isFull ? 'no-room' : this.#hasConnected ? stage : 'connecting';
    return { stage: shown, done, of: early.length + 1 };
  }

  /** What is known of our devices. */
  devices(): Devices {
    const { store } = this.#parts;
    const unpushed = this.#configs.all.filter(([, { needsPush }]) => needsPush).length;
    const pendingChanges = store.shared.countEdits() + unpushed;
    return { since: store.account.createdAt(), ...store.shared.traces(), pendingChanges };
  }

  #isEarly(): boolean {
    return this.#configs.all.some(([, { early }]) => early);
  }
}
