import { DirectoryError, type DirectoryStore } from '@sotto/directory';
import type { Log } from '@sotto/node';
import type { AuthorityFolder } from '../authority-folder.ts';
import { AuthorityError } from '../errors.ts';
import type { Members } from '../members/members.ts';
import type { Peers } from '../peers.ts';
import type { SuccessionKeeper } from '../succession-keeper.ts';
import type { Effect, RoundOutcome } from './effects.ts';

/** What the effects of rounds are done with. */
export interface EffectRunnerParts {
  readonly store: DirectoryStore;
  readonly folder: AuthorityFolder;
  readonly members: Members;
  readonly successions: SuccessionKeeper;
  readonly peers: Peers;
  readonly log: Log;
  /** Ends the round that runs: its epoch could not be written down. */
  abandon(): void;
  onRound(outcome: RoundOutcome): void;
}

/** Does what rounds ask for, on disk and network, one thing after the other in the order in which it came. */
export class EffectRunner {
  readonly #parts: EffectRunnerParts;
  #lastRound: RoundOutcome | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(parts: EffectRunnerParts) {
    this.#parts = parts;
  }

  /** How the last round ended that is over. */
  get lastRound(): RoundOutcome | null {
    return this.#lastRound;
  }

  /** Never rejects; what cannot be done is logged. */
  do(effects: readonly Effect[]): Promise<void> {
    this.#last = this.#last.then(() => this.#doAll(effects));
    return this.#last;
  }

  /** Resolves once all that was asked for is done. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** Takes over signed successions. @throws DirectoryError, AuthorityError as `SuccessionKeeper.take`. */
  async takeSuccessions(signed: readonly Uint8Array[]): Promise<void> {
    const { successions, log } = this.#parts;
    if (await successions.take(signed)) log.info({ count: signed.length }, 'Other authorities decide from now on.');
  }

  async #doAll(effects: readonly Effect[]): Promise<void> {
    let wasRefused = false;
    for (const effect of effects) {
      try {
        if (effect.kind === 'ended' && wasRefused) this.#ended({ ...effect.outcome, result: 'refused' });
        else await this.#doOne(effect);
      } catch (error) {
        wasRefused ||= effect.kind === 'publish';
        this.#parts.log.error({ code: codeOf(error) }, 'What a round asked for could not be done.');
        // What was to be on disk first is not, so what follows must not happen.
        if (effect.kind === 'remember') return this.#parts.abandon();
      }
    }
  }

  async #doOne(effect: Effect): Promise<void> {
    const { store, folder, members, successions, peers, log } = this.#parts;
    switch (effect.kind) {
      case 'remember':
        return await folder.saveLastEpoch(effect.epoch);
      case 'send':
        for (const { key, urls } of successions.deciding.authorities) {
          if (effect.to.includes(key)) peers.send(urls, effect.message);
        }
        return;
      case 'publish':
        members.adopt(effect.claims);
        await folder.saveMembers(members.save());
        await store.offer(effect.directory);
        return;
      case 'succession':
        return await this.takeSuccessions(effect.successions);
      case 'evidence':
        log.warn({ node: effect.evidence.authority, epoch: effect.evidence.epoch }, LIED);
        return await folder.saveEvidence(effect.evidence);
      case 'ended':
        return this.#ended(effect.outcome);
    }
  }

  #ended(outcome: RoundOutcome): void {
    this.#lastRound = outcome;
    this.#parts.log.info({ epoch: outcome.epoch, code: outcome.result }, 'A round has ended.');
    this.#parts.onRound(outcome);
  }
}

const LIED = 'An authority has signed two statements that contradict each other.';

/** What the log tells of an error. */
export function codeOf(error: unknown): string {
  return error instanceof DirectoryError || error instanceof AuthorityError ? error.code : 'unexpected';
}
