import { RpcFailure } from './failure.ts';
import type { CheckContext } from './verify.ts';

/** How far a client's clock may be off, ms (storage-rpc §4.3). */
const TOLERANCE = 60_000;
/** The same for a request that another node sent on, because forwarding takes time. */
const FORWARDED_TOLERANCE = 70_000;
/** How far the time of a stored message may lie ahead, and its expiry behind. */
export const STORE_TOLERANCE = 10_000;

/** Whether a time is within the tolerance of now; bounds belong to it. `looser` when forwarded requests get more. */
export function isNear(time: number, { now, forwarded }: CheckContext, looser: boolean): boolean {
  return Math.abs(now - time) <= (looser && forwarded ? FORWARDED_TOLERANCE : TOLERANCE);
}

/** Whether a time is not later than now, within the tolerance. */
export function isPast(time: number, { now }: CheckContext): boolean {
  return time <= now + TOLERANCE;
}

/** Whether a time is not earlier than now, within the tolerance. */
export function isAhead(time: number, { now, forwarded }: CheckContext, looser: boolean): boolean {
  return time >= now - (looser && forwarded ? FORWARDED_TOLERANCE : TOLERANCE);
}

/** The refusal of a time that is too far off. */
export function clockFailure(method: string): RpcFailure {
  return new RpcFailure(406, `${method} timestamp too far from current time`);
}
