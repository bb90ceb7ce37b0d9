import type { Membership } from '../membership/membership.ts';
import type { IncomingTests, TestKind } from '../reachability/incoming-tests.ts';
import type { TestBook, TestRecord } from '../reachability/test-book.ts';
import type { MessageStore, StoreCensus } from '../store/message-store.ts';
import type { PeerFailureCounts, PeerFailures } from './peer-failures.ts';
import type { RequestCounts } from './request-counts.ts';

/** Where statistics come from. */
export interface NodeStatsSources {
  readonly version: readonly [number, number, number];
  readonly membership: Membership;
  readonly counts: RequestCounts;
  readonly failures: PeerFailures;
  readonly book: TestBook;
  readonly incoming: IncomingTests;
  readonly store: MessageStore;
  /** ms of a clock that never goes back. */
  readonly monotonicNow: () => number;
}

/** What an operator is told of another node; the storage tests of old nodes are not made any more. */
export interface PeerStats extends PeerFailureCounts {
  readonly storage_tests: readonly [];
  /** Our reachability tests of it; absent before the first one. */
  readonly reachability?: TestRecord;
}

/** The statistics of a node (storage-rpc §11); `tested_by` and `reachability` are our own. Times are Unix ms. */
export interface NodeStats {
  readonly [name: string]: unknown;
  readonly version: string;
  readonly height: number;
  readonly target_height: number;
  readonly peers: Readonly<Record<string, PeerStats>>;
  /** ms since other nodes tested us last, by kind; since the start if they never did. */
  readonly tested_by: Partial<Record<TestKind, number>>;
  readonly total_stored: number;
  /** Bytes. */
  readonly db_used: number;
  readonly db_max: number;
}

/** What was counted of the messages serves for so long, since counting goes through all of them. */
const CENSUS_FRESH_MS = 60_000;

/** Collects what operators may know: amounts and nodes, never accounts. */
export class NodeStatistics {
  readonly #sources: NodeStatsSources;
  #census: { readonly at: number; readonly result: Promise<StoreCensus> } | null = null;

  constructor(sources: NodeStatsSources) {
    this.#sources = sources;
  }

  /** @throws StoreFailure if the database cannot be read. */
  async report(): Promise<NodeStats> {
    const { version, membership, counts, incoming, store, monotonicNow } = this.#sources;
    const now = monotonicNow();
    const usage = store.usage();
    const census = await this.#freshCensus(now);
    return {
      version: version.join('.'),
      height: membership.height(),
      target_height: membership.targetHeight(),
      ...counts.report(now),
      peers: this.#peers(),
      tested_by: incoming.ages(now),
      total_stored: census.messages,
      ...accountMembers(census.accountsByCount),
      namespace_messages: Object.fromEntries(census.messagesByNamespace),
      db_used: usage.usedBytes,
      db_total: usage.fileBytes,
      db_max: usage.maxBytes,
    };
  }

  #freshCensus(now: number): Promise<StoreCensus> {
    if (this.#census && now - this.#census.at <= CENSUS_FRESH_MS) return this.#census.result;
    const result = this.#sources.store.census();
    this.#census = { at: now, result };
    result.catch(() => {
      this.#census = null;
    });
    return result;
  }

  #peers(): Record<string, PeerStats> {
    const { failures, book } = this.#sources;
    const keys = new Set([...failures.counts().keys(), ...book.records().keys()]);
    const none = { requests_failed: 0, pushes_failed: 0 };
    return Object.fromEntries(
      [...keys].sort().map((key) => {
        const reachability = book.records().get(key);
        const failed = failures.counts().get(key) ?? none;
        return [key, { ...failed, storage_tests: [] as const, ...(reachability && { reachability }) }];
      }),
    );
  }
}

const PERCENTILES = { '5th': 0.05, '25th': 0.25, median: 0.5, '75th': 0.75, '95th': 0.95 } as const;
/** With fewer accounts, percentiles would say nothing, or too much. */
const LEAST_ACCOUNTS = 5;

/** @param accountsByCount how many accounts have that many messages; only those with at least two are looked at. */
function accountMembers(accountsByCount: ReadonlyMap<number, number>): Record<string, number> {
  const groups = [...accountsByCount].filter(([count]) => count >= 2).sort(([a], [b]) => a - b);
  const accounts = groups.reduce((sum, [, size]) => sum + size, 0);
  const messages = groups.reduce((sum, [count, size]) => sum + count * size, 0);
  const mean = accounts === 0 ? 0 : messages / accounts;
  if (accounts < LEAST_ACCOUNTS) return { accounts, account_msg_mean: mean };
  const percentiles = Object.entries(PERCENTILES).map(([name, share]) => [
    `account_msg_count_${name}`,
    countAt(groups, Math.floor(share * (accounts - 1))),
  ]);
  return {
    accounts,
    account_msg_mean: mean,
    account_msg_count_min: groups[0]![0],
    ...Object.fromEntries(percentiles),
    account_msg_count_max: groups.at(-1)![0],
  };
}

/** The messages of the account at this place among all, ascending by messages. */
function countAt(groups: readonly (readonly [count: number, size: number])[], place: number): number {
  let passed = 0;
  for (const [count, size] of groups) {
    passed += size;
    if (place < passed) return count;
  }
  return 0;
}
