import type { NodeRecord } from '@sotto/wire/nodes';

/** Nodes before 2.10 do not know the handshake (node-network §7.2). */
const HANDSHAKE_SINCE = [2, 10] as const;

/** Whether the node shakes hands before it takes messages. */
export function knowsHandshake({ version: [major, minor] }: NodeRecord): boolean {
  return major > HANDSHAKE_SINCE[0] || (major === HANDSHAKE_SINCE[0] && minor >= HANDSHAKE_SINCE[1]);
}

/** MMmmpp, as the handshake tells it (node-network §5.5). */
export function versionNumber([major, minor, patch]: readonly [number, number, number]): number {
  return major * 10_000 + minor * 100 + patch;
}

/** Whether a reply says so; older nodes acknowledge with an empty one (node-network §5.2). */
export function isAccepted(reply: readonly Uint8Array[] | null): boolean {
  return reply !== null && (reply.length === 0 || Buffer.from(reply[0]!).toString('latin1') === 'OK');
}
