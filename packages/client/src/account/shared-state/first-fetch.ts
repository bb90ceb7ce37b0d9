import type { MailboxReader } from '../../conversation/mailbox-reader.ts';
import { type SwarmAccess, SwarmFailure, type SwarmNode } from '../../network/swarm-access.ts';
import { runTogether } from '../../run-together.ts';
import type { Clock, Logger } from '../../surroundings.ts';
import { WakeUp } from '../../wake-up.ts';

/** How long a majority of the mailbox's nodes is waited for; after that one of them is enough (messages §1.3). */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 2_000;
/** How often `more` is followed at once; a node that always has more must not keep us busy for ever. */
const MOST_ROUNDS = 50;
const NEVER_MS = 3_600_000;

/** What the first fetch works with. */
export interface FirstFetchParts {
  readonly accountId: string;
  readonly swarms: SwarmAccess;
  /** Reads shared state only. */
  readonly reader: MailboxReader;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called whenever more has arrived. */
  readonly onProgress: () => void;
}

/**
 * Reads the shared state from all nodes of our mailbox before anything else happens, so that nothing is judged or made
 * in ignorance of it (messages §1.3). Resolves when it is there, or certainly nowhere, or the signal aborts.
 * @throws EngineError if the database fails
 */
export async function fetchFirst(parts: FirstFetchParts, signal: AbortSignal): Promise<void> {
  const { swarms, clock } = parts;
  const wakeUp = new WakeUp();
  const stopListening = swarms.onConnection(() => wakeUp.call());
  try {
    let since: number | null = null;
    while (!signal.aborted) {
      if (swarms.isConnected()) {
        since ??= clock.now();
        const { answered, of } = await askAll(parts, signal);
        if (answered * 2 > of || (answered > 0 && clock.now() - since >= PATIENCE_MS)) break;
        await clock.sleep(PAUSE_MS, signal);
      } else await wakeUp.sleep(NEVER_MS, clock, signal);
    }
  } finally {
    stopListening();
  }
}

/** Asks all nodes beside each other; those that have not answered when most have are not waited for. */
async function askAll(
  { accountId, swarms, reader, log, onProgress }: FirstFetchParts,
  signal: AbortSignal,
): Promise<{ readonly answered: number; readonly of: number }> {
  const members = swarms.members(accountId);
  const enough = new AbortController();
  let answered = 0;
  const askOne = async (node: SwarmNode, both: AbortSignal) => {
    try {
      await readAll(node, reader, both);
      if (both.aborted) return;
      answered++;
      onProgress();
      if (answered * 2 > members.length) enough.abort();
    } catch (error) {
      if (!(error instanceof SwarmFailure)) throw error;
      log.debug({ reason: error.reason }, 'a node did not give the shared state');
    }
  };
  await runTogether(
    AbortSignal.any([signal, enough.signal]),
    members.map((node) => (both) => askOne(node, both)),
  );
  return { answered, of: members.length };
}

async function readAll(node: SwarmNode, reader: MailboxReader, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const batch = await reader.read(node, signal);
    await reader.take([batch], signal);
    if (!batch.more) return;
  }
}
