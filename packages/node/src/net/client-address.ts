import { isIPv6 } from 'node:net';

/** Clients of addresses that were asked for lately, since one sends many requests. */
const known = new Map<string, string>();
const MAX_KNOWN = 4096;

/** One IPv6 customer has a /64, so all of it counts as one client; IPv4 inside IPv6 counts as IPv4. */
export function clientOfAddress(address: string): string {
  let client = known.get(address);
  if (client === undefined) {
    client = readClient(address);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(address, client);
  }
  return client;
}

function readClient(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const groups = head ? head.split(':') : [];
  if (tail !== undefined) {
    const tailGroups = tail ? tail.split(':') : [];
    while (groups.length + tailGroups.length < 8) groups.push('0');
    groups.push(...tailGroups);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
