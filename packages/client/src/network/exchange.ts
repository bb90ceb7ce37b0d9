import { WireError } from '@sotto/wire';
import type { Random } from '@sotto/wire/bytes';
import {
  type AnswerOrigin,
  buildOnion,
  classifyGuardAnswer,
  type GuardVerdict,
  MAX_HOP_NUMBER,
  type NodeReply,
  type Onion,
} from '@sotto/wire/onion';
import { type Clock, randomBelow } from '../surroundings.ts';
import type { Relay } from './relay.ts';
import { type HttpLimits, type Transport, TransportError } from './transport.ts';

/** What is needed to send one onion. */
export interface ExchangeParts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
}

/** The way of an onion, guard first, and how long it may take. */
export interface OnionWay extends HttpLimits {
  readonly path: readonly Relay[];
}

/** One onion request to a node. */
export interface OnionJob extends OnionWay {
  readonly destination: Relay;
  /** RPC JSON in UTF-8. */
  readonly body: Uint8Array;
}

/**
 * How an exchange ended. `reply` is authentic from the destination. `no-answer`: the guard was reached but nothing came
 * back in time. `destroyed`: something came back that the destination did not seal for us.
 */
export type Outcome<Reply = NodeReply> =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly roundTripMs: number }
  | { readonly kind: 'verdict'; readonly verdict: Exclude<GuardVerdict, { action: 'open' }> }
  | { readonly kind: 'destroyed' | 'no-answer' | 'guard-unreachable' | 'offline' | 'stopped' };

/**
 * Sends one request to a node over a path, padded to a size class and with a random start of the hop counter
 * (onion-requests §1, §7.4). Never throws for what others do.
 * @throws WireError `onion` if the request is too large.
 */
export async function exchange(parts: ExchangeParts, job: OnionJob): Promise<Outcome> {
  const { path, destination, body } = job;
  const { random } = parts;
  return await carry(parts, job, { kind: 'node', ed25519Key: destination.ed25519Key }, (hopNumber) =>
    buildOnion({ path, destination: { kind: 'node', ...destination, body }, random, hopNumber, padTo: 'size-class' }),
  );
}

/**
 * Sends the onion that `build` makes with a random start of the hop counter, and opens the answer. Never throws for what
 * others do; @throws what `build` does.
 */
export async function carry<Reply>(
  { transport, clock, random }: ExchangeParts,
  way: OnionWay,
  destination: AnswerOrigin,
  build: (hopNumber: number) => Onion<Reply>,
): Promise<Outcome<Reply>> {
  const { path, signal, timeoutMs, onProgress } = way;
  const onion = build(randomBelow(Math.max(1, MAX_HOP_NUMBER - path.length + 1), random));
  try {
    const startedAt = clock.now();
    const url = `https://${path[0]!.address}/onion_req/v2`;
    const answer = await transport.post(url, onion.body, { signal, timeoutMs, onProgress });
    if (answer.status === 200) {
      const reply = onion.openReply(answer.body);
      return { kind: 'reply', reply, roundTripMs: clock.now() - startedAt };
    }
    const text = Buffer.from(answer.body.subarray(0, 1000)).toString('utf8');
    const verdict = classifyGuardAnswer(answer.status, text, path, destination);
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
