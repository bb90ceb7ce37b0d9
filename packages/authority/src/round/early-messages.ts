import { type RoundMessage, verifyVote } from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';

const PER_SENDER = 8;

interface Early {
  readonly message: RoundMessage;
  readonly bytes: Uint8Array;
  /** Whose vote it brings, lower-case hex; `null` without a valid one of this network and epoch. */
  readonly voter: string | null;
}

/** Messages of rounds that this authority has not begun: a few of each other authority, the newest ones. */
export class EarlyMessages {
  readonly #bySender = new Map<string, Early[]>();

  add(message: RoundMessage, bytes: Uint8Array): void {
    const sender = bytesToHex(message.sender);
    const early = { message, bytes, voter: voterOf(message) };
    this.#bySender.set(sender, [...(this.#bySender.get(sender) ?? []), early].slice(-PER_SENDER));
  }

  /** The epochs that these authorities have begun, each with how many did: voted, whoever passed the vote on. */
  begun(authorities: ReadonlySet<string>): Map<number, number> {
    const voters = new Map<number, Set<string>>();
    for (const { message, voter } of [...this.#bySender.values()].flat()) {
      if (voter === null || !authorities.has(voter)) continue;
      voters.set(message.epoch, (voters.get(message.epoch) ?? new Set()).add(voter));
    }
    return new Map([...voters].map(([epoch, each]) => [epoch, each.size]));
  }

  /** Takes out the messages of an epoch, and forgets those of earlier ones. */
  take(epoch: number): Early[] {
    const taken: Early[] = [];
    for (const [sender, early] of this.#bySender) {
      taken.push(...early.filter(({ message }) => message.epoch === epoch));
      this.#bySender.set(
        sender,
        early.filter(({ message }) => message.epoch > epoch),
      );
    }
    return taken;
  }
}

function voterOf({ vote, epoch, networkId }: RoundMessage): string | null {
  if (!vote) return null;
  try {
    const voted = verifyVote(vote);
    // What a round would not pass on must not begin one either: whoever it draws away would be alone there.
    return voted.epoch === epoch && equalBytes(voted.networkId, networkId) ? bytesToHex(voted.authority) : null;
  } catch {
    return null;
  }
}
