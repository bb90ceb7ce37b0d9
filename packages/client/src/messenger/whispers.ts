import type { Account } from '@sotto/wire/account';
import { sealMessage } from '@sotto/wire/message';
import { INBOX_NAMESPACE } from '../conversation/inbox.ts';
import { storeCall } from '../conversation/mailbox-calls.ts';
import type { SwarmAccess } from '../network/swarm-access.ts';
import type { Surroundings } from '../surroundings.ts';

/** What whispers work with. */
export interface WhisperParts extends Surroundings {
  readonly account: Account;
  readonly swarms: SwarmAccess;
  readonly signal: AbortSignal;
}

/** Sends what is worth nothing later, at once or not at all: typing, and that a file was saved (messages §2). */
export class Whispers {
  readonly #parts: WhisperParts;
  readonly #running = new Set<Promise<void>>();

  constructor(parts: WhisperParts) {
    this.#parts = parts;
  }

  /** `ttl`: how long nodes keep it, ms. */
  send(recipient: string, content: Uint8Array, sentAt: number, ttl: number): void {
    const { account, swarms, random, signal, log } = this.#parts;
    if (!swarms.isConnected() || signal.aborted) return;
    const members = swarms.members(recipient);
    const seal = () => sealMessage({ content, timestamp: sentAt, sender: account, recipient, random });
    const call = storeCall({ accountId: recipient, members, namespace: INBOX_NAMESPACE, ttl, seal });
    const running = swarms
      .send(recipient, call, signal)
      .then(
        () => undefined,
        (error: unknown) => log.debug({ error: (error as Error).name }, 'something not worth repeating was not sent'),
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}
