import { WireError } from '@sotto/wire';
import type { Random } from '@sotto/wire/bytes';
import { buildOnion, classifyGuardAnswer, type GuardVerdict, MAX_HOP_NUMBER, type NodeReply } from '@sotto/wire/onion';
import { type Clock, randomBelow } from '../surroundings.ts';
import type { Relay } from './relay.ts';
import { type Transport, TransportError } from './transport.ts';

/** What is needed to send one onion. */
export interface ExchangeParts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
}

/** One onion request. */
export interface OnionJob {
  readonly path: readonly Relay[];
  readonly destination: Relay;
  /** RPC JSON in UTF-8. */
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * How an exchange ended. `reply` is authentic from the destination. `no-answer`: the guard was reached but nothing came
 * back in time. `destroyed`: something came back that the destination did not seal for us.
 */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: NodeReply; readonly roundTripMs: number }
  | { readonly kind: 'verdict'; readonly verdict: Exclude<GuardVerdict, { action: 'open' }> }
  | { readonly kind: 'destroyed' | 'no-answer' | 'guard-unreachable' | 'offline' | 'stopped' };

/**
 * Sends one request to a node over a path, padded to a size class and with a random start of the hop counter
 * (onion-requests §1, §7.4). Never throws for what others do.
 * @throws WireError `onion` if the request is too large.
 */
export async function exchange(parts: ExchangeParts, job: OnionJob): Promise<Outcome> {
  const { path, destination, signal, timeoutMs } = job;
  const onion = buildOnion({
    path,
    destination: { kind: 'node', ...destination, body: job.body },
    random: parts.random,
    hopNumber: randomBelow(Math.max(1, MAX_HOP_NUMBER - path.length + 1), parts.random),
    padTo: 'size-class',
  });
  try {
    const startedAt = parts.clock.now();
    const url = `https://${path[0]!.address}/onion_req/v2`;
    const answer = await parts.transport.post(url, onion.body, { signal, timeoutMs });
    if (answer.status === 200) {
      const reply = onion.openReply(answer.body);
      return { kind: 'reply', reply, roundTripMs: parts.clock.now() - startedAt };
    }
    const text = Buffer.from(answer.body.subarray(0, 1000)).toString('utf8');
    const verdict = classifyGuardAnswer(answer.status, text, path, {
      kind: 'node',
      ed25519Key: destination.ed25519Key,
    });
    return verdict.action === 'open' ? { kind: 'destroyed' } : { kind: 'verdict', verdict };
  } catch (error) {
    if (error instanceof WireError) return { kind: 'destroyed' };
    if (error instanceof TransportError) return { kind: outcomeOf(error) };
    throw error;
  } finally {
    onion.forget();
  }
}

function outcomeOf({ failure }: TransportError) {
  switch (failure) {
    case 'offline':
      return 'offline';
    case 'unreachable':
      return 'guard-unreachable';
    case 'timeout':
      return 'no-answer';
    case 'too-large':
      return 'destroyed';
    case 'aborted':
      return 'stopped';
  }
}
