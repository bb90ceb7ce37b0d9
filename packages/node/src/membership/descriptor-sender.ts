import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AdmittedNode,
  DESCRIPTOR_PATH,
  type DirectoryStore,
  MAXIMUM_DESCRIPTOR_BYTES,
  type NetworkAuthority,
  networkId,
  signDescriptor,
} from '@sotto/directory';
import type { KeyPair } from '@sotto/wire/crypto';
import { DescriptorSchedule } from './descriptor-schedule.ts';

/** How a node joins a network by itself. */
export interface JoinOptions {
  /** IPv4 address at which others reach this node. */
  readonly address: string;
  /** The code that lets it in where one is needed; see `inviteBytes`. */
  readonly invite?: Uint8Array;
  /** Time between two descriptors for an authority, ms; absent: 10 minutes. After a refusal the next follows in 10 s, after many in 2 min. */
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
const ANSWER_TIMEOUT_MS = 15_000;
const MAXIMUM_ANSWER_BYTES = 1000;

/** Tells every authority again and again where this node is (docs/protocol/directory.md §8.1). */
export class DescriptorSender {
  readonly #options: DescriptorSenderOptions;
  readonly #answers = new Map<string, string | null>();
  readonly #schedule: DescriptorSchedule;

  constructor(options: DescriptorSenderOptions) {
    this.#options = options;
    this.#schedule = new DescriptorSchedule(options.interval ?? INTERVAL_MS);
  }

  /** Sends descriptors with these ports until the signal aborts; resolves when nothing runs any more, never rejects. */
  async run(ports: { readonly httpsPort: number; readonly omqPort: number }, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#tellThoseDue(ports, signal);
      await delay(this.#schedule.tick, undefined, { signal }).catch(() => {});
    }
  }

  async #tellThoseDue(ports: { httpsPort: number; omqPort: number }, signal: AbortSignal): Promise<void> {
    const { store, keys, version, address, invite, now } = this.#options;
    const started = performance.now();
    const { authorities } = store.deciding();
    const due = authorities.filter(({ key, urls }) => urls.length > 0 && this.#schedule.isDue(key, started));
    if (due.length === 0) return;
    const node: AdmittedNode = { ed25519Key: keys.publicKey, ip: address, ...ports, version };
    const whole = { networkId: networkId(store.networkFile), node, time: now(), invite: invite ?? null };
    const descriptor = signDescriptor(whole, keys);
    const tell = async ({ key, urls }: NetworkAuthority) => {
      const refusal = await this.#tell(key, urls, descriptor, signal);
      this.#schedule.told(key, started, refusal !== null);
    };
    await Promise.all(due.map(tell));
  }

  /** Gives why the authority refused; `null` if it did not. */
  async #tell(key: string, urls: readonly string[], descriptor: Uint8Array, signal: AbortSignal) {
    let refusal: string | null = null;
    for (const url of urls) {
      refusal = await post(new URL(DESCRIPTOR_PATH, url), descriptor, signal);
      if (refusal === null || signal.aborted) break;
    }
    if (!signal.aborted && this.#answers.get(key) !== refusal) {
      this.#answers.set(key, refusal);
      this.#options.onAnswer?.(key, refusal);
    }
    return refusal;
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
