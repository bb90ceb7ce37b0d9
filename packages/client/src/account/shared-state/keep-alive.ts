import type { Account } from '@sotto/wire/account';
import { expireCall } from '../../conversation/chore-calls.ts';
import { type SwarmAccess, SwarmFailure } from '../../network/swarm-access.ts';
import { jittered, type Surroundings } from '../../surroundings.ts';
import { WakeUp } from '../../wake-up.ts';
import { SHARED_TTL_MS } from './push-call.ts';
import type { SharedConfigs } from './shared-configs.ts';

/** Nodes keep shared state for 30 days; so often we say that it is needed still, and see whether it is there. */
const EVERY_MS = 3_600_000;
const JITTER = 0.2;
const PAUSE_MS = 60_000;
/** Machines sleep and clocks get set; so nobody waits longer than this without looking. */
const LOOK_MS = 300_000;

/** What keeping alive works with. */
export interface KeepAliveParts extends Surroundings {
  readonly configs: SharedConfigs;
  readonly account: Account;
  readonly swarms: SwarmAccess;
  /** The mailbox does not know what this config consists of any more. */
  readonly onLost: (namespace: number) => void;
}

/** Keeps what the shared state consists of from expiring, and finds out what has vanished (config §10). Works until the signal aborts. */
export async function keepAlive(parts: KeepAliveParts, signal: AbortSignal): Promise<void> {
  const { swarms, clock, random } = parts;
  const wakeUp = new WakeUp();
  const stopListening = swarms.onConnection(() => wakeUp.call());
  let next = clock.now();
  while (!signal.aborted) {
    if (!swarms.isConnected()) await wakeUp.sleep(EVERY_MS, clock, signal);
    else if (clock.now() < next && next - clock.now() < 2 * EVERY_MS)
      await clock.sleep(Math.min(next - clock.now(), LOOK_MS), signal);
    else next = clock.now() + ((await extend(parts, signal)) ? jittered(EVERY_MS, JITTER, random) : PAUSE_MS);
  }
  stopListening();
}

/** @returns whether the mailbox has answered. */
async function extend(
  { configs, account, swarms, log, onLost }: KeepAliveParts,
  signal: AbortSignal,
): Promise<boolean> {
  const hashes = configs.all.flatMap(([, config]) => [...config.activeHashes]);
  if (hashes.length === 0) return true;
  const members = swarms.members(account.accountId);
  const call = expireCall(account, members, hashes, [swarms.now() + SHARED_TTL_MS], 'extend');
  try {
    const { unknown } = await swarms.send(account.accountId, call, signal);
    for (const [namespace, { currentHashes }] of configs.all) {
      if ([...currentHashes].some((hash) => unknown.has(hash))) onLost(namespace);
    }
    return true;
  } catch (error) {
    if (!(error instanceof SwarmFailure)) throw error;
    log.debug({ reason: error.reason }, 'the shared state was not extended');
    return false;
  }
}
