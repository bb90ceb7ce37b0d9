import { ed25519Sign } from '@sotto/wire/crypto';
import {
  clampExpiry,
  type DeleteAllRequest,
  type DeleteBeforeRequest,
  type DeleteRequest,
  deleteAllMemberBytes,
  deleteBeforeMemberBytes,
  deleteMemberBytes,
  type ExpireAllRequest,
  type ExpireRequest,
  effectiveExpireMode,
  expireAllMemberBytes,
  expireMemberBytes,
  forwardedParams,
  messageHash,
  namespaceRules,
  type RevokeRequest,
  revokeMemberBytes,
  type StoreRequest,
  type SwarmRequest,
  storeMemberBytes,
} from '@sotto/wire/rpc';
import { deleteAllReach } from '@sotto/wire/sync';
import { type MessageStore, type StoredMessage, StoreFailure, type TouchedMessage } from '../store/message-store.ts';
import type { ExecutedOperation } from '../store/state-table.ts';
import { onlyPresent } from './long-lists.ts';
import type { ReplyObject } from './rpc-reply.ts';

/** What executing swarm requests needs. */
export interface MailboxOptions {
  readonly store: MessageStore;
  /** The node's Ed25519 secret key, which signs what was done. */
  readonly secretKey: Uint8Array;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Told when the database fails. */
  readonly onFailure: (failure: StoreFailure) => void;
  /** Told of every message that was stored as new. */
  readonly onStored: (message: StoredMessage) => void;
}

/**
 * Executes requests that every member of a swarm executes, after their checks, and gives this member's result
 * (storage-rpc §8): an object with `signature`, or with `failed` if the database fails.
 */
export class Mailbox {
  readonly #options: MailboxOptions;

  constructor(options: MailboxOptions) {
    this.#options = options;
  }

  /** Resolves once the effect is durable. */
  async execute(request: SwarmRequest): Promise<ReplyObject> {
    try {
      return await this.#executeUnguarded(request);
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.#options.onFailure(error);
      return { failed: true, query_failure: true, reason: error.message, t: this.#options.now() };
    }
  }

  #executeUnguarded(request: SwarmRequest): Promise<ReplyObject> {
    switch (request.method) {
      case 'store':
        return this.#store(request);
      case 'delete':
        return this.#delete(request);
      case 'delete_all':
        return this.#deleteAll(request);
      case 'delete_before':
        return this.#deleteBefore(request);
      case 'expire':
        return this.#expire(request);
      case 'expire_all':
        return this.#expireAll(request);
      case 'revoke_subaccount':
      case 'unrevoke_subaccount':
        return this.#revoke(request);
    }
  }

  async #store({ account, namespace, timestamp, expiry, data }: StoreRequest): Promise<ReplyObject> {
    const hash = messageHash(account, namespace, data);
    const message = { hash, account, namespace, timestamp, expiry, data };
    const outcome = await this.#options.store.store(message, namespaceRules(namespace).publicOutbox);
    if (outcome.isNew) this.#options.onStored(message);
    const signature = this.#sign(storeMemberBytes(hash));
    return { hash, signature, expiry: outcome.expiry, ...(!outcome.isNew && { already: true }) };
  }

  async #delete(request: DeleteRequest): Promise<ReplyObject> {
    const { store } = this.#options;
    const { messages } = await onlyPresent(store, request.account, { messages: request.messages });
    const deleted = await store.delete(request.account, messages, this.#by(request));
    return { deleted, signature: this.#sign(deleteMemberBytes(request, deleted)) };
  }

  async #deleteAll(request: DeleteAllRequest): Promise<ReplyObject> {
    const { account, namespace, timestamp } = request;
    // Nothing that is here has a later time, unless the request was held up and the message is newer than it.
    const until = deleteAllReach(timestamp);
    const deleted = await this.#options.store.deleteAll(account, namespace, until, this.#by(request));
    return {
      deleted: hashList(deleted, request.namespace),
      signature: this.#sign(deleteAllMemberBytes(request, deleted.map(hashOf))),
    };
  }

  async #deleteBefore(request: DeleteBeforeRequest): Promise<ReplyObject> {
    const { account, namespace, before } = request;
    const deleted = await this.#options.store.deleteAll(account, namespace, before, this.#by(request));
    return {
      deleted: hashList(deleted, request.namespace),
      signature: this.#sign(deleteBeforeMemberBytes(request, deleted.map(hashOf))),
    };
  }

  async #expire(request: ExpireRequest): Promise<ReplyObject> {
    const { account, mode } = request;
    const { store, now } = this.#options;
    const expiries = request.expiries.map((expiry) => clampExpiry(expiry, now()));
    const effective = effectiveExpireMode(request);
    const present = await onlyPresent(store, account, { messages: request.messages, expiries });
    const changed = await store.expire(account, present.messages, present.expiries, effective, this.#by(request));
    const outcome = {
      expiry: expiries.length === 1 ? expiries[0]! : [...changed.updated.values()],
      updated: [...changed.updated.keys()],
      unchanged: mode === 'set' ? undefined : changed.unchanged,
    };
    return {
      expiry: outcome.expiry,
      updated: outcome.updated,
      unchanged: outcome.unchanged ? Object.fromEntries(outcome.unchanged) : undefined,
      signature: this.#sign(expireMemberBytes(request, outcome)),
    };
  }

  async #expireAll(request: ExpireAllRequest): Promise<ReplyObject> {
    const { account, namespace, expiry } = request;
    const updated = await this.#options.store.expireAll(account, namespace, expiry, this.#by(request));
    return {
      updated: hashList(updated, namespace),
      signature: this.#sign(expireAllMemberBytes(request, updated.map(hashOf))),
    };
  }

  async #revoke(request: RevokeRequest): Promise<ReplyObject> {
    const { account, tokens, method, timestamp } = request;
    const by = { ...this.#by(request), timestamp };
    const signature = this.#sign(revokeMemberBytes(request));
    if (method === 'revoke_subaccount') {
      await this.#options.store.revoke(account, tokens, by.at, by);
      return { signature };
    }
    return { count: await this.#options.store.unrevoke(account, tokens, by), signature };
  }

  /** The request as the other members of the swarm may need to see it. */
  #by(request: SwarmRequest): ExecutedOperation {
    return { method: request.method, params: forwardedParams(request), at: this.#options.now() };
  }

  #sign(bytes: Uint8Array): Uint8Array {
    return ed25519Sign(bytes, this.#options.secretKey);
  }
}

const hashOf = ({ hash }: TouchedMessage): string => hash;

/** A sorted list for one namespace; an object of such lists by namespace for `all` (storage-rpc §8.4). */
function hashList(touched: readonly TouchedMessage[], asked: number | 'all'): string[] | Record<string, string[]> {
  if (asked !== 'all') return touched.map(hashOf);
  const byNamespace: Record<string, string[]> = {};
  for (const { hash, namespace } of touched) {
    byNamespace[namespace] ??= [];
    byNamespace[namespace].push(hash);
  }
  return byNamespace;
}
