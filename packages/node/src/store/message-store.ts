import type { RangeSummary, SyncContent, SyncRange, SyncState } from '@sotto/wire/sync';
import type { ExecutedOperation } from './state-table.ts';

/** A sealed message as a node keeps it. Times are Unix milliseconds. */
export interface StoredMessage {
  /** 43 base64 characters, unique over the whole store (storage-rpc §6). */
  readonly hash: string;
  /** 33 bytes: prefix and key. */
  readonly account: Uint8Array;
  readonly namespace: number;
  readonly timestamp: number;
  readonly expiry: number;
  readonly data: Uint8Array;
}

/** What became of a message that was given to {@link MessageStore.store}. */
export interface StoreOutcome {
  /** False if the message was there already, or lost against a newer one in a public outbox. */
  readonly isNew: boolean;
  /** Expiry of the message on this node afterwards. */
  readonly expiry: number;
}

/** Where a retrieve begins and where it stops (storage-rpc §8.2); both limits are already normalised. */
export interface RetrieveRange {
  /** Hash of the last message that the reader has; unknown here means from the start. */
  readonly after?: string | undefined;
  /** Number of messages at most; absent means no limit. */
  readonly maxCount?: number | undefined;
  /** Bytes of the answer at most, counted as 143 + ⌊4·length/3⌋ a message. */
  readonly maxSize: number;
}

/** One page of a mailbox, in the order in which this node stored the messages. */
export interface RetrievedPage {
  readonly messages: readonly StoredMessage[];
  readonly more: boolean;
}

/** A mailbox, or all mailboxes of an account. */
export type NamespaceChoice = number | 'all';

/** A message that a bulk operation touched. */
export interface TouchedMessage {
  readonly hash: string;
  readonly namespace: number;
}

/** Which messages an expire request may change: every one, only to later, or only to earlier expiries. */
export type ExpireMode = 'set' | 'extend' | 'shorten';

/** Result of {@link MessageStore.expire}; both maps are hash → expiry afterwards. */
export interface ExpireOutcome {
  readonly updated: ReadonlyMap<string, number>;
  /** Requested messages that exist but were not set. */
  readonly unchanged: ReadonlyMap<string, number>;
}

/** Messages that are still to be delivered to another node: those after a sequence number. */
export interface Delivery {
  /** Ed25519 key of the node. */
  readonly node: Uint8Array;
  readonly afterSequence: number;
}

/** A request that another member of the swarm missed (storage-rpc §2.6), as it is sent by `sn.storage_cc`. */
export interface MissedRequest {
  readonly node: Uint8Array;
  readonly method: string;
  readonly params: Uint8Array;
}

/** How full the store is, in bytes of the database file. */
export interface StoreUsage {
  readonly isEmpty: boolean;
  readonly usedBytes: number;
  /** Size of the file, what is free in it included. */
  readonly fileBytes: number;
  readonly maxBytes: number;
}

/** What the store holds, for operators. */
export interface StoreCensus {
  readonly messages: number;
  /** How many accounts have that many messages. */
  readonly accountsByCount: ReadonlyMap<number, number>;
  readonly messagesByNamespace: ReadonlyMap<number, number>;
}

/** Why the store could not do what it was asked. */
export type StoreFailureCode = 'full' | 'read-only' | 'corrupt' | 'busy' | 'failed' | 'closed';

/** The one error of a message store. Its text names the cause and never an account or content. */
export class StoreFailure extends Error {
  readonly code: StoreFailureCode;

  constructor(code: StoreFailureCode, message: string) {
    super(message);
    this.name = 'StoreFailure';
    this.code = code;
  }
}

/** What another member of the swarm knows, verified by whoever gives it to {@link SyncStore.adopt}. */
export interface AdoptedState extends SyncContent {
  /** 33 bytes. */
  readonly account: Uint8Array;
  /** 36 bytes; only of a revocation. */
  readonly token: Uint8Array | null;
}

/** The store as members of a swarm compare and complete it (sync). Errors as of {@link MessageStore}. */
export interface SyncStore {
  /**
   * Begins anew, counting only accounts that belong here; `summaries` are true once it has given true. False if the signal
   * ended it.
   */
  load(belongs: (account: Uint8Array) => boolean, signal: AbortSignal): Promise<boolean>;

  summaries(ranges: readonly SyncRange[]): Promise<RangeSummary[]>;

  /** States of a range in no order, at most so many. */
  states(range: SyncRange, most: number): SyncState[];

  /** What is known by these ids, as much as has `maxBytes` of data together and at least one. */
  contents(ids: readonly string[], maxBytes: number): SyncContent[];

  /** Those of these ids of which nothing is known. */
  unknown(ids: readonly string[]): string[];

  /** Takes over those that are newer than what is known here; returns them. Times are Unix milliseconds. */
  adopt(
    states: readonly AdoptedState[],
    isOutbox: (namespace: number) => boolean,
    now: number,
  ): Promise<AdoptedState[]>;
}

/** What is owed to other nodes (node-network §7), on disk until it is given. Errors as of {@link MessageStore}. */
export interface DebtStore {
  /**
   * Remembers that a node missed this message, and with it that it may lack all later ones. Unknown hashes are ignored.
   */
  oweMessage(node: Uint8Array, hash: string): Promise<void>;

  /** Remembers that a node lacks everything. */
  oweEverything(node: Uint8Array): Promise<void>;

  /** What {@link saveSwarmSnapshot} saved last; `null` before the first time. */
  swarmSnapshot(): string | null;

  /** Remembers a list of nodes and, in the same transaction, that these nodes lack everything because of it. */
  saveSwarmSnapshot(text: string, owed: readonly Uint8Array[]): Promise<void>;

  deliveries(): Delivery[];

  /**
   * Moves a delivery on to a later sequence number, or ends it (`null`), unless it was set back since it was read;
   * false then.
   */
  advanceDelivery(delivery: Delivery, afterSequence: number | null): Promise<boolean>;

  /** Keeps a request to send it again; only the 10,000 newest in all are kept, and 40 MB of them. */
  oweRequest(request: MissedRequest, now: number): Promise<void>;

  /** The oldest requests that were missed, at most 100 a node, in their order. */
  missedRequests(): (MissedRequest & { readonly sequence: number })[];

  forgetRequest(sequence: number): Promise<void>;
}

/**
 * Keeps sealed messages and revocations of accounts (storage-rpc §12).
 *
 * A promise of a writing operation resolves when its effect is durable, and only then. Operations take effect in the
 * order of the calls; reading an account finds what was written to it before. Everything may throw or reject with
 * {@link StoreFailure}.
 */
export interface MessageStore {
  readonly sync: SyncStore;
  readonly debts: DebtStore;

  /**
   * Stores one message (§12.2). `outbox`: the namespace keeps one message only, the one with the greatest timestamp.
   * A message that is already there keeps its place, timestamp and data; its expiry can only be extended.
   */
  store(message: StoredMessage, outbox: boolean): Promise<StoreOutcome>;

  /**
   * Takes over messages that another node pushes: existing ones keep the later expiry, and what a client deleted or
   * shortened here stays so. `isOutbox` tells outbox namespaces.
   */
  storeAll(messages: readonly StoredMessage[], isOutbox: (namespace: number) => boolean): Promise<void>;

  /** A page of one mailbox. Expired messages that were not cleaned up yet are included. */
  retrieve(account: Uint8Array, namespace: number, range: RetrieveRange): RetrievedPage;

  /**
   * Deletes messages of any namespace of the account; returns the hashes that were there, sorted by bytes. `by`, here and
   * below, is the request that wants it: with it, it is remembered, so that no other node brings back what is gone.
   */
  delete(account: Uint8Array, hashes: readonly string[], by?: ExecutedOperation): Promise<string[]>;

  /** Deletes whole mailboxes, or with `before` only messages with a timestamp ≤ it; sorted by hash. */
  deleteAll(
    account: Uint8Array,
    namespace: NamespaceChoice,
    before?: number,
    by?: ExecutedOperation,
  ): Promise<TouchedMessage[]>;

  /** Sets the expiry of each named message to the expiry at the same place (or the only one). */
  expire(
    account: Uint8Array,
    hashes: readonly string[],
    expiries: readonly number[],
    mode: ExpireMode,
    by?: ExecutedOperation,
  ): Promise<ExpireOutcome>;

  /** Shortens every later expiry to `expiry`; returns what changed, sorted by hash. */
  expireAll(
    account: Uint8Array,
    namespace: NamespaceChoice,
    expiry: number,
    by?: ExecutedOperation,
  ): Promise<TouchedMessage[]>;

  /** Current expiries of those of the named messages that exist for the account. */
  expiries(account: Uint8Array, hashes: readonly string[]): Map<string, number>;

  /** Revokes subaccount tokens (36 bytes each); only the 50 newest per account are kept. */
  revoke(
    account: Uint8Array,
    tokens: readonly Uint8Array[],
    now: number,
    by?: ExecutedOperation & { readonly timestamp: number },
  ): Promise<void>;

  /** Takes revocations back; returns how many existed. */
  unrevoke(
    account: Uint8Array,
    tokens: readonly Uint8Array[],
    by?: ExecutedOperation & { readonly timestamp: number },
  ): Promise<number>;

  isRevoked(account: Uint8Array, token: Uint8Array): boolean;

  revoked(account: Uint8Array): Uint8Array[];

  /**
   * Deletes messages with expiry ≤ now, and requests missed over an hour ago; returns the number of messages (§12.3).
   */
  removeExpired(now: number): Promise<number>;

  /**
   * Messages in order of storing, after a sequence number (0 = from the start), for transfer to another node: as many
   * as have
   * `maxBytes` of data together, but at least one if there is one.
   */
  scan(afterSequence: number, maxBytes: number): { readonly sequence: number; readonly message: StoredMessage }[];

  /** All accounts that have messages. */
  accounts(): Uint8Array[];

  usage(): StoreUsage;

  /** Counts everything, a little at a time. */
  census(): Promise<StoreCensus>;

  /** Writes what is queued, then closes the database. Later calls fail with code `closed`. */
  close(): Promise<void>;
}
