import ipaddr from 'ipaddr.js';

/** The part of IPv6 that is handed out for public use. */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Is this address anything but a public one: loopback, private, link-local, shared (CGNAT), multicast, reserved, a
 * tunnel, or an IPv4-mapped form of such? True also for what is no address in its usual spelling, so that a node that
 * asks before it connects never connects to something unknown (onion-requests §2.3).
 */
export function isPrivateAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address).range() !== 'unicast';
  if (!ipaddr.IPv6.isValid(address)) return true;
  const parsed = ipaddr.IPv6.parse(address);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().range() !== 'unicast';
  return parsed.range() !== 'unicast' || !parsed.match(PUBLIC_IPV6);
}
