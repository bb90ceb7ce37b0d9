import { WireError } from '@sotto/wire';
import { utf8ToBytes } from '@sotto/wire/bytes';
import {
  buildSubscribe,
  buildUnsubscribe,
  type PushRegistration,
  type PushReply,
  type PushRequest,
  type PushService,
  readPushReplies,
} from '@sotto/wire/push';
import type { RequestSigner } from '@sotto/wire/rpc';
import { type ServerAccess, ServerFailure, type ServerPlace } from '../network/server-access.ts';
import { PushError } from './push-error.ts';

/** The push server of the public network (messages §10). */
export const PUBLIC_PUSH_SERVER: ServerPlace = {
  url: 'https://push.getsession.org',
  key: 'd7557fe563e2610de876c0ac7341b62f3c82d5eea4b62c702392ea4368f51b3b',
  keyKind: 'x25519',
};

const TIMEOUT_MS = 10_000;

/** What subscriptions are made with. */
export interface PushParts {
  readonly access: ServerAccess;
  /** Of our account. */
  readonly signer: RequestSigner;
  /** Network time, ms. */
  readonly now: () => number;
}

/**
 * Lets a push server tell a device, or a service that wakes a bot, of new messages of our account (messages §10). The
 * requests take private routes, but the server learns the account and, with it, where to send what: nothing is asked
 * unless the caller does. Subscriptions end after 14 days; renew them every week by subscribing again.
 */
export class PushSubscriptions {
  readonly #parts: PushParts;

  constructor(parts: PushParts) {
    this.#parts = parts;
  }

  /**
   * Subscribes, or renews what the same service was subscribed to.
   * @throws PushError; WireError `push` for a registration that no server would take.
   */
  async subscribe(
    server: ServerPlace,
    registration: Omit<PushRegistration, 'timestamp'>,
    signal: AbortSignal,
  ): Promise<'added' | 'renewed'> {
    const { signer, now } = this.#parts;
    const request = buildSubscribe(signer, { ...registration, timestamp: now() });
    const { kind } = await this.#ask(server, '/subscribe', request, signal);
    if (kind === 'added' || kind === 'renewed') return kind;
    throw new PushError('malformed');
  }

  /** Ends a subscription; `unknown` if the server had none. @throws as `subscribe`. */
  async unsubscribe(server: ServerPlace, service: PushService, signal: AbortSignal): Promise<'removed' | 'unknown'> {
    const { signer, now } = this.#parts;
    const request = buildUnsubscribe(signer, { service, timestamp: now() });
    const { kind } = await this.#ask(server, '/unsubscribe', request, signal);
    if (kind === 'removed' || kind === 'unknown') return kind;
    throw new PushError('malformed');
  }

  async #ask(server: ServerPlace, endpoint: string, request: PushRequest, signal: AbortSignal): Promise<PushReply> {
    const body = utf8ToBytes(JSON.stringify(request));
    const headers = { 'Content-Type': 'application/json' };
    try {
      const limits = { signal, timeoutMs: TIMEOUT_MS };
      const answer = await this.#parts.access.askServer(server, { method: 'POST', endpoint, headers, body }, limits);
      if (answer.status !== 200) throw new PushError('refused', answer.status);
      const [reply] = readPushReplies(answer.body, 1);
      if (reply!.kind === 'refused') throw new PushError('refused', reply!.code);
      return reply!;
    } catch (error) {
      if (error instanceof ServerFailure) throw new PushError(error.reason);
      if (error instanceof WireError) throw new PushError('malformed');
      throw error;
    }
  }
}
