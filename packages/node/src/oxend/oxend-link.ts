import { setTimeout as delay } from 'node:timers/promises';
import type { OxendAddress, OxendRequest } from '@sotto/directory';
import type { Random } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import {
  classifyMessage,
  encodeRequest,
  HELLO,
  HI,
  newTag,
  PendingRequests,
  REQUEST_TIMEOUT_MS,
} from '@sotto/wire/oxenmq';
import { dialCurve, dialNull } from '@sotto/wire/zmtp';
import { OmqConnection } from '../omq/omq-connection.ts';

/** What a link to another OxenMQ process needs. */
export interface OxendLinkOptions {
  readonly address: OxendAddress;
  /** X25519 keys that the link shows where it is encrypted. */
  readonly keys: KeyPair;
  readonly random: Random;
  /** ms of a clock that never goes back. */
  readonly monotonicNow: () => number;
  /** Told when the link stands; what was subscribed to over an earlier connection is gone. */
  readonly onUp?: () => void;
  /** Told when a link that stood is gone. */
  readonly onDown?: () => void;
  /** Takes plain commands that are pushed over the link. */
  readonly onPush?: (command: string, data: readonly Uint8Array[]) => void;
}

const RETRY_MS = 500;
/** Until HELLO has to be there (node-network §4.1). */
const HELLO_TIMEOUT_MS = 10_000;
const EXPIRY_CHECK_MS = 250;
const HEARTBEAT_CHECK_MS = 1_000;

/**
 * One explicit connection to another process that speaks OxenMQ, plain or encrypted, over TCP or a Unix socket
 * (node-network §4.1, §10.1): HI and HELLO, then requests and pushes, until it breaks; then another one, for ever.
 */
export class OxendLink {
  readonly #options: OxendLinkOptions;
  readonly #pending = new PendingRequests();
  #connection: OmqConnection | null = null;
  #isUp = false;
  #whenUp = Promise.withResolvers<void>();

  constructor(options: OxendLinkOptions) {
    this.#options = options;
  }

  /** Does the link stand at this moment? */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Resolves as soon as the link stands. */
  up(): Promise<void> {
    return this.#isUp ? Promise.resolve() : this.#whenUp.promise;
  }

  /** Keeps the link up until the signal aborts; resolves when it is closed. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const expire = setInterval(() => this.#pending.expire(this.#options.monotonicNow()), EXPIRY_CHECK_MS);
    const heartbeat = setInterval(() => this.#connection?.tick(), HEARTBEAT_CHECK_MS);
    while (!signal.aborted) {
      await this.#holdOne(signal);
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
    clearInterval(expire);
    clearInterval(heartbeat);
  }

  /** Sends a request; `null` at once while the link is down, else if no reply comes within 15 s or the link breaks. */
  readonly request: OxendRequest = (command, data) => {
    const connection = this.#connection;
    if (!connection || !this.#isUp) return Promise.resolve(null);
    const { random, monotonicNow } = this.#options;
    const tag = newTag(random);
    const { promise, resolve } = Promise.withResolvers<readonly Uint8Array[] | null>();
    this.#pending.add(tag, monotonicNow() + REQUEST_TIMEOUT_MS, (result) => resolve(result.ok ? result.data : null));
    if (!connection.send(encodeRequest(command, tag, data))) this.#pending.fail(tag);
    return promise;
  };

  /** Opens a connection and resolves when it is gone. */
  async #holdOne(signal: AbortSignal): Promise<void> {
    const { address, keys, random, monotonicNow } = this.#options;
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const { place, key } = address;
    const to = place.kind === 'tcp' ? { port: place.port, host: place.host } : { path: place.path };
    const zmtp = key ? dialCurve({ keys, listenerKey: key, random }) : dialNull();
    const connection = new OmqConnection(to, zmtp, {
      now: monotonicNow,
      events: {
        ready: (ready) => void ready.send(HI),
        message: (from, parts) => this.#receive(from, parts),
        holding: () => {},
        drained: () => {},
        closed: () => resolve(),
      },
    });
    this.#connection = connection;
    const close = () => connection.close();
    signal.addEventListener('abort', close, { once: true });
    const tooLate = setTimeout(() => this.#isUp || close(), HELLO_TIMEOUT_MS);
    await gone;
    clearTimeout(tooLate);
    signal.removeEventListener('abort', close);
    this.#connection = null;
    this.#lost();
  }

  #lost(): void {
    this.#pending.expire(Number.POSITIVE_INFINITY);
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#whenUp = Promise.withResolvers();
    this.#options.onDown?.();
  }

  #receive(connection: OmqConnection, parts: readonly Uint8Array[]): void {
    const message = classifyMessage(parts);
    switch (message.kind) {
      case 'hi':
        connection.send(HELLO);
        break;
      case 'hello':
        if (this.#isUp) break;
        this.#isUp = true;
        this.#whenUp.resolve();
        this.#options.onUp?.();
        break;
      case 'bye':
        connection.close();
        break;
      case 'reply':
      case 'refusal':
        this.#pending.answer(message);
        break;
      case 'command':
        this.#options.onPush?.(message.name, message.parts);
        break;
    }
  }
}
