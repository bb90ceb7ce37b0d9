import { typingContent } from '../conversation/compose.ts';
import { TYPING_TTL_MS } from '../conversation/lifetimes.ts';
import type { Clock } from '../surroundings.ts';
import type { Desk } from './desk.ts';
import type { Whispers } from './whispers.ts';

/** How often we say that we still type, and after how long without a key press we say that we stopped (messages §5.7). */
const INTERVAL_MS = 10_000;

interface Typing {
  /** Of the last key press, local ms. */
  pressedAt: number;
  readonly stop: AbortController;
}

/** Tells others that we type, if we chose to. */
export class OwnTyping {
  readonly #desk: Desk;
  readonly #whispers: Whispers;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #typing = new Map<string, Typing>();
  readonly #running = new Set<Promise<void>>();

  constructor(desk: Desk, whispers: Whispers, clock: Clock, signal: AbortSignal) {
    this.#desk = desk;
    this.#whispers = whispers;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** A key was pressed. */
  note(conversationId: string): void {
    const known = this.#typing.get(conversationId);
    if (known) {
      known.pressedAt = this.#clock.now();
      return;
    }
    if (!this.#mayTell(conversationId)) return;
    const stop = new AbortController();
    this.#typing.set(conversationId, { pressedAt: this.#clock.now(), stop });
    const running = this.#run(conversationId, AbortSignal.any([stop.signal, this.#signal]))
      // A database that fails says so elsewhere; this is worth nothing later.
      .catch(() => this.end(conversationId))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    this.#tell(conversationId, true);
  }

  /** The message was sent: it says itself that we do not type any more. */
  end(conversationId: string): void {
    this.#typing.get(conversationId)?.stop.abort();
    this.#typing.delete(conversationId);
  }

  /** Resolves when nothing runs any more; the signal must have aborted. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #run(conversationId: string, signal: AbortSignal): Promise<void> {
    let toldAt = this.#clock.now();
    for (;;) {
      const next = Math.min(this.#typing.get(conversationId)!.pressedAt, toldAt) + INTERVAL_MS;
      await this.#clock.sleep(Math.max(next - this.#clock.now(), 1), signal);
      if (signal.aborted) return;
      // It may have been switched off, or they blocked, meanwhile.
      if (!this.#mayTell(conversationId)) return this.end(conversationId);
      const typing = this.#typing.get(conversationId)!;
      const now = this.#clock.now();
      if (now - typing.pressedAt >= INTERVAL_MS) {
        this.#typing.delete(conversationId);
        this.#tell(conversationId, false);
        return;
      }
      if (now - toldAt >= INTERVAL_MS) {
        toldAt = now;
        this.#tell(conversationId, true);
      }
    }
  }

  #mayTell(conversationId: string): boolean {
    const { store, ownId } = this.#desk;
    const state = store.conversations.state(conversationId);
    const isAccepted = state?.approved === true && state.approvedUs && !state.blocked;
    return conversationId !== ownId && isAccepted && store.settings.read().typingIndicators;
  }

  #tell(conversationId: string, isTyping: boolean): void {
    const sentAt = this.#desk.timestamp();
    this.#whispers.send(conversationId, typingContent(isTyping, sentAt), sentAt, TYPING_TTL_MS);
  }
}
