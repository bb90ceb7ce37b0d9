import type { OnionNode } from '@sotto/wire/onion';

/** A node that can be spoken to. */
export interface Relay extends OnionNode {
  /** Ed25519 key, lower-case hex. */
  readonly key: string;
  readonly ip: string;
  /** `ip:port` of its HTTPS door. */
  readonly address: string;
}

/** Would these two on one route be the same node, or too close to each other (onion-requests §7.4, 5)? */
export function areTooClose(a: Relay, b: Relay, oneSite: boolean): boolean {
  return a.key === b.key || (!oneSite && subnet(a.ip) === subnet(b.ip));
}

/** The /24 of an IPv4 address. */
function subnet(ip: string): string {
  return ip.slice(0, ip.lastIndexOf('.'));
}
