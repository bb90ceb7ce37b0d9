import type { Clock } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';

/** How long somebody counts as typing after they said so (messages §5.7). */
const SHOWN_MS = 15_000;
const NEVER_MS = 3_600_000;

interface Entry {
  /** Sent time of the newest word about it. */
  readonly sentAt: number;
  /** Local time, ms; 0 if they stopped. */
  readonly until: number;
}

/** Who is typing now. Nothing of it is kept. */
export class TypingBoard {
  readonly #clock: Clock;
  readonly #onEnd: (conversationId: string) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #wakeUp = new WakeUp();

  /** @param onEnd called when somebody has not typed for a while. */
  constructor(clock: Clock, onEnd: (conversationId: string) => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  isTyping(conversationId: string): boolean {
    return (this.#entries.get(conversationId)?.until ?? 0) > this.#clock.now();
  }

  /** Somebody types or stopped, as they said at `sentAt`. @returns whether that is another state than before. */
  set(conversationId: string, sentAt: number, typing: boolean): boolean {
    const known = this.#entries.get(conversationId);
    if (known && known.sentAt > sentAt) return false;
    const before = this.isTyping(conversationId);
    this.#entries.set(conversationId, { sentAt, until: typing ? this.#clock.now() + SHOWN_MS : 0 });
    if (typing) this.#wakeUp.call();
    return before !== typing;
  }

  /** Ends what has not been repeated in time, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#clock.now();
      let pause = NEVER_MS;
      for (const [conversationId, { until, sentAt }] of this.#entries) {
        if (until > now) pause = Math.min(pause, until - now);
        else if (until > 0) {
          this.#entries.set(conversationId, { sentAt, until: 0 });
          this.#onEnd(conversationId);
        }
      }
      await this.#wakeUp.sleep(pause, this.#clock, signal);
    }
  }
}
