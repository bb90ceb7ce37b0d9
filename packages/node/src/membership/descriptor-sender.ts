import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AdmittedNode,
  DESCRIPTOR_PATH,
  type DirectoryStore,
  MAXIMUM_DESCRIPTOR_BYTES,
  networkId,
  signDescriptor,
} from '@sotto/directory';
import type { KeyPair } from '@sotto/wire/crypto';

/** How a node joins a network by itself. */
export interface JoinOptions {
  /** IPv4 address at which others reach this node. */
  readonly address: string;
  /** The code that lets it in where one is needed; see `inviteBytes`. */
  readonly invite?: Uint8Array;
  /** Time between two descriptors, ms; absent: 10 minutes. After a refusal the next follows within 10 s. */
  readonly interval?: number;
  /** Told of every answer that differs from the last one of the same authority; `null`: it took the descriptor. */
  readonly onAnswer?: (authority: string, refusal: string | null) => void;
}

/** What sending descriptors needs. */
export interface DescriptorSenderOptions extends JoinOptions {
  readonly store: DirectoryStore;
  /** Ed25519, the node's. Not used any more once `run` has resolved. */
  readonly keys: KeyPair;
  readonly version: readonly [number, number, number];
  readonly now: () => number;
}

const INTERVAL_MS = 600_000;
const RETRY_MS = 10_000;
const ANSWER_TIMEOUT_MS = 15_000;
const MAXIMUM_ANSWER_BYTES = 1000;

/** Tells every authority again and again where this node is (docs/protocol/directory.md §8.1). */
export class DescriptorSender {
  readonly #options: DescriptorSenderOptions;
  readonly #answers = new Map<string, string | null>();

  constructor(options: DescriptorSenderOptions) {
    this.#options = options;
  }

  /** Sends descriptors with these ports until the signal aborts; resolves when nothing runs any more, never rejects. */
  async run(ports: { readonly httpsPort: number; readonly omqPort: number }, signal: AbortSignal): Promise<void> {
    const { interval = INTERVAL_MS } = this.#options;
    while (!signal.aborted) {
      const allTook = await this.#tellAll(ports, signal);
      await delay(allTook ? interval : Math.min(interval, RETRY_MS), undefined, { signal }).catch(() => {});
    }
  }

  async #tellAll(ports: { httpsPort: number; omqPort: number }, signal: AbortSignal): Promise<boolean> {
    const { store, keys, version, address, invite, now } = this.#options;
    const node: AdmittedNode = { ed25519Key: keys.publicKey, ip: address, ...ports, version };
    const { networkFile } = store;
    const whole = { networkId: networkId(networkFile), node, time: now(), invite: invite ?? null };
    const descriptor = signDescriptor(whole, keys);
    const authorities = store.deciding().authorities.filter(({ urls }) => urls.length > 0);
    const took = await Promise.all(authorities.map(({ key, urls }) => this.#tell(key, urls, descriptor, signal)));
    return took.every(Boolean);
  }

  async #tell(key: string, urls: readonly string[], descriptor: Uint8Array, signal: AbortSignal): Promise<boolean> {
    let refusal: string | null = null;
    for (const url of urls) {
      refusal = await post(new URL(DESCRIPTOR_PATH, url), descriptor, signal);
      if (refusal === null || signal.aborted) break;
    }
    if (!signal.aborted && this.#answers.get(key) !== refusal) {
      this.#answers.set(key, refusal);
      this.#options.onAnswer?.(key, refusal);
    }
    return refusal === null;
  }
}

/** Gives `null` if the descriptor was taken, else why not; never rejects. */
function post(url: URL, descriptor: Uint8Array, outer: AbortSignal): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const signal = AbortSignal.any([outer, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
  const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': descriptor.length };
  const options = { method: 'POST', agent: false, rejectUnauthorized: false, headers, signal } as const;
  const sent = request(url, options, (answer) => {
    let text = '';
    answer.on('data', (part: Buffer) => {
      text += part.toString('latin1');
      if (text.length > MAXIMUM_ANSWER_BYTES) answer.destroy();
    });
    answer.on('error', () => {});
    answer.on('close', () => resolve(answer.statusCode === 200 ? null : plain(text) || `status ${answer.statusCode}`));
  });
  sent.on('error', () => resolve('it does not answer'));
  sent.on('close', () => resolve('it does not answer'));
  sent.end(descriptor);
  return promise;
}

/** What another machine wrote, without what could command a terminal. */
function plain(text: string): string {
  return text
    .slice(0, MAXIMUM_DESCRIPTOR_BYTES)
    .replaceAll(/[^\x20-\x7e]/g, ' ')
    .trim();
}
