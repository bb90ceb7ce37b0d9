import type { Account } from '@sotto/wire/account';
import { WAIT_FEATURE } from '@sotto/wire/rpc';
import type { SwarmAccess, SwarmNode } from '../network/swarm-access.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Activity } from './activity.ts';
import { type MailboxAnswer, type Retrieved, retrieveCall } from './mailbox-calls.ts';
import { type MailboxNamespace, REMEMBER_AT_MOST_MS } from './mailbox-namespace.ts';

/** A cursor outlives its message by this, so that a node whose clock is behind still knows it. */
const CURSOR_GRACE_MS = 86_400_000;

/** What the reader works with. */
export interface ReaderParts {
  readonly store: Pick<ProfileStore, 'cursors' | 'transaction'>;
  readonly account: Account;
  readonly swarms: SwarmAccess;
  readonly activity: Activity;
  /** In the order in which they are dealt with: what says how the rest is to be read comes first (messages §7 step 1). */
  readonly namespaces: readonly MailboxNamespace[];
}

/** What one node gave. */
export interface Batch {
  readonly node: SwarmNode;
  readonly retrieved: ReadonlyMap<number, Retrieved>;
  /** Were there any messages? */
  readonly isEmpty: boolean;
  /** The node has more than fitted into its answer, and asking again leads on. */
  readonly more: boolean;
}

/** Reads one's own mailbox from nodes of the swarm, and hands on what is there. */
export class MailboxReader {
  readonly #parts: ReaderParts;
  readonly #features = new Map<string, readonly string[]>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** Has this node said, when it was read last, that requests may wait there? */
  canWait({ key }: SwarmNode): boolean {
    return this.#features.get(key)?.includes(WAIT_FEATURE) ?? false;
  }

  /** What a node has for us and we have not had from it. @throws SwarmFailure */
  async read(node: SwarmNode, signal: AbortSignal): Promise<Batch> {
    const { swarms, account } = this.#parts;
    const lastHashes = this.#lastHashes(node);
    const call = retrieveCall({ account, lastHashes, wait: 0 });
    return this.#batch(node, lastHashes, await swarms.ask(account.accountId, node, call, signal));
  }

  /** The same over a route of its own; the node may hold its answer for `wait` ms while it has nothing. */
  async readApart(node: SwarmNode, wait: number, signal: AbortSignal): Promise<Batch> {
    const { swarms, account } = this.#parts;
    const lastHashes = this.#lastHashes(node);
    const call = retrieveCall({ account, lastHashes, wait });
    return this.#batch(node, lastHashes, await swarms.askApart(account.accountId, node, call, wait, signal));
  }

  /** Deals with what nodes gave; returns how many messages were new. @throws EngineError if the database fails. */
  async take(batches: readonly Batch[], signal: AbortSignal): Promise<number> {
    let fresh = 0;
    for (const namespace of this.#parts.namespaces) fresh += await this.#takeNamespace(namespace, batches, signal);
    if (fresh > 0) this.#parts.activity.note();
    return fresh;
  }

  async #takeNamespace(target: MailboxNamespace, batches: readonly Batch[], signal: AbortSignal): Promise<number> {
    const { store, account, swarms } = this.#parts;
    const { namespace } = target;
    const parts = batches.flatMap(({ node, retrieved }) => {
      const part = retrieved.get(namespace);
      return part?.last ? [{ node, messages: part.messages, last: part.last }] : [];
    });
    if (parts.length === 0) return 0;
    const merged = new Map(parts.flatMap(({ messages }) => messages).map((message) => [message.hash, message]));
    const messages = [...merged.values()].sort((a, b) => a.timestamp - b.timestamp);
    const chunk = target.chunk ?? messages.length;
    let fresh = 0;
    for (let start = 0; start < messages.length; start += chunk) {
      if (signal.aborted) return fresh;
      fresh += target.take(messages.slice(start, start + chunk), swarms.now());
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    // Only now: what was not dealt with before a crash must come again.
    store.transaction(() => {
      for (const { node, last } of parts) {
        const expiresAt = Math.min(last.expiresAt, swarms.now() + REMEMBER_AT_MOST_MS) + CURSOR_GRACE_MS;
        store.cursors.set(node.key, account.accountId, namespace, last.hash, expiresAt);
      }
    });
    return fresh;
  }

  #lastHashes({ key }: SwarmNode): ReadonlyMap<number, string> {
    const { store, account, namespaces } = this.#parts;
    return new Map(
      namespaces.map(({ namespace }) => [namespace, store.cursors.get(key, account.accountId, namespace)]),
    );
  }

  #batch(node: SwarmNode, lastHashes: ReadonlyMap<number, string>, answer: MailboxAnswer): Batch {
    if (answer.features) this.#features.set(node.key, answer.features);
    const retrieved = [...answer.namespaces];
    return {
      node,
      retrieved: answer.namespaces,
      isEmpty: retrieved.every(([, { last }]) => last === null),
      more: retrieved.some(
        ([namespace, { more, last }]) => more && last !== null && last.hash !== lastHashes.get(namespace),
      ),
    };
  }
}
