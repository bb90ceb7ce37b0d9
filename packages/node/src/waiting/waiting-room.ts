import { bytesToHex } from '@sotto/wire/bytes';
import { clientOfAddress } from '../net/client-address.ts';
import type { Caller } from './caller.ts';

/** Requests that may wait at a time, unless the operator says otherwise; each takes about 2 KiB. */
const DEFAULT_MOST_WAITING = 10_000;
/** Those that wait for messages of one account: many devices, or all members of a large group. */
const MOST_OF_ACCOUNT = 300;
/** Those that came straight from one client. */
const MOST_OF_CLIENT = 64;
/** Those that came through one node: an exit of the paths of many people. */
const MOST_OF_NODE = 2_000;

/** A mailbox in which something may arrive. */
export interface WatchedMailbox {
  /** 33 bytes: prefix and key. */
  readonly account: Uint8Array;
  readonly namespace: number;
}

/** A request that waits until something arrives. */
export interface Waiter {
  /** Time is up, the caller has gone, or the node stops: there is nothing to wait for any more. */
  readonly isOver: boolean;
  /** Resolves when something has arrived since the last call, or it is over. */
  arrival(): Promise<void>;
  /** To be called once, however it ends. */
  leave(): void;
}

/**
 * Holds requests until a message arrives in one of their mailboxes (waiting §1), within bounds: of one caller, of one
 * account, and in all.
 */
export class WaitingRoom {
  readonly #most: number;
  readonly #waiters = new Set<WaiterInRoom>();
  readonly #ofAccount = new Map<string, Set<WaiterInRoom>>();
  readonly #ofCaller = new Map<string, number>();
  #isOpen = true;

  /** `most`: requests that may wait at a time, 0 for none. */
  constructor(most = DEFAULT_MOST_WAITING) {
    this.#most = most;
  }

  /** Is anybody ever let in? */
  get isUsed(): boolean {
    return this.#most > 0;
  }

  /** Requests that wait now. */
  get size(): number {
    return this.#waiters.size;
  }

  /** Lets a request wait for up to `ms`; `null` if that would be one too many. */
  enter(mailboxes: readonly WatchedMailbox[], ms: number, caller: Caller): Waiter | null {
    const party = caller.isNode ? `node ${caller.name}` : clientOfAddress(caller.name);
    const held = this.#ofCaller.get(party) ?? 0;
    const watched = watchedNamespaces(mailboxes);
    const isFull =
      !this.#isOpen ||
      this.#waiters.size >= this.#most ||
      held >= (caller.isNode ? MOST_OF_NODE : MOST_OF_CLIENT) ||
      watched.keys().some((account) => (this.#ofAccount.get(account)?.size ?? 0) >= MOST_OF_ACCOUNT);
    if (isFull) return null;
    const waiter = new WaiterInRoom(watched, ms, caller, () => this.#forget(waiter, party));
    this.#waiters.add(waiter);
    this.#ofCaller.set(party, held + 1);
    for (const account of watched.keys()) {
      const waiters = this.#ofAccount.get(account) ?? new Set();
      this.#ofAccount.set(account, waiters.add(waiter));
    }
    return waiter;
  }

  /** A message has been stored; to be called for every one, whatever way it came. */
  arrived({ account, namespace }: WatchedMailbox): void {
    if (this.#waiters.size === 0) return;
    const name = bytesToHex(account);
    for (const waiter of this.#ofAccount.get(name) ?? []) if (waiter.isWatching(name, namespace)) waiter.wake();
  }

  /** Ends all waiting, and lets nobody in any more: the node stops. */
  close(): void {
    this.#isOpen = false;
    for (const waiter of this.#waiters) waiter.end();
  }

  #forget(waiter: WaiterInRoom, party: string): void {
    this.#waiters.delete(waiter);
    const held = (this.#ofCaller.get(party) ?? 1) - 1;
    if (held > 0) this.#ofCaller.set(party, held);
    else this.#ofCaller.delete(party);
    for (const account of waiter.accounts()) {
      const waiters = this.#ofAccount.get(account);
      waiters?.delete(waiter);
      if (waiters?.size === 0) this.#ofAccount.delete(account);
    }
  }
}

class WaiterInRoom implements Waiter {
  isOver = false;
  readonly #watched: ReadonlyMap<string, ReadonlySet<number>>;
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  readonly #onLeave: () => void;
  #signal = Promise.withResolvers<void>();

  constructor(watched: ReadonlyMap<string, ReadonlySet<number>>, ms: number, caller: Caller, onLeave: () => void) {
    this.#watched = watched;
    this.#onLeave = onLeave;
    this.#timer = setTimeout(() => this.end(), ms);
    this.#stopListening = caller.onGone(() => this.end());
  }

  accounts(): Iterable<string> {
    return this.#watched.keys();
  }

  isWatching(account: string, namespace: number): boolean {
    return this.#watched.get(account)?.has(namespace) ?? false;
  }

  wake(): void {
    this.#signal.resolve();
  }

  end(): void {
    this.isOver = true;
    this.wake();
  }

  async arrival(): Promise<void> {
    await this.#signal.promise;
    if (!this.isOver) this.#signal = Promise.withResolvers();
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#stopListening();
    this.#onLeave();
  }
}

/** The namespaces by account, in hex. */
function watchedNamespaces(mailboxes: readonly WatchedMailbox[]): Map<string, Set<number>> {
  const watched = new Map<string, Set<number>>();
  for (const { account, namespace } of mailboxes) {
    const name = bytesToHex(account);
    watched.set(name, (watched.get(name) ?? new Set()).add(namespace));
  }
  return watched;
}
