import ipaddr from 'ipaddr.js';
import type { ServerRelay } from './inner-request.ts';

const TARGET = /^\/(?:loki|oxen)\/[^?#\s\\%]*$/;
const LABEL = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;
const NUMERIC_LABEL = /^(?:[0-9]+|0[xX][0-9a-fA-F]*)$/;
const MAX_NAME_LENGTH = 253;

/**
 * The URL that a node posts a server relay to, or `null` where it answers the sealed 400 `Invalid url`
 * (onion-requests §2.3). The addresses that the host resolves to must still be checked with `isPrivateAddress`.
 */
export function serverUrl(relay: Pick<ServerRelay, 'protocol' | 'host' | 'port' | 'target'>): string | null {
  const { protocol, host, port, target } = relay;
  if (protocol !== 'http' && protocol !== 'https') return null;
  if (!isPublicHostName(host) || port === 0 || !isAllowedTarget(target)) return null;
  const authority = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const portText = port === (protocol === 'http' ? 80 : 443) ? '' : `:${port}`;
  return `${protocol}://${authority}${portText}${target}`;
}

/**
 * Is this the path of a server's onion endpoint: `/loki/…` or `/oxen/…`, ending in `/lsrpc`, without query, fragment,
 * white space, escapes or `..`? (onion-requests §2.3)
 */
export function isAllowedTarget(target: string): boolean {
  return TARGET.test(target) && target.endsWith('/lsrpc') && !target.includes('..');
}

/**
 * Is this a DNS name, an IPv4 literal or an IPv6 literal (bracketed or not), so that it cannot smuggle a port, path or
 * user into a URL? Numeric names such as `2130706433` or `0x7f.1`, which URL parsers take for addresses, are refused
 * (onion-requests §2.3). This is syntax only; see `isPrivateAddress`.
 */
export function isPublicHostName(host: string): boolean {
  if (host.includes(':')) return isIpv6Literal(host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host);
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return true;
  const labels = host.split('.');
  return (
    host.length <= MAX_NAME_LENGTH && labels.every((label) => LABEL.test(label)) && !NUMERIC_LABEL.test(labels.at(-1)!)
  );
}

function isIpv6Literal(text: string): boolean {
  return !text.includes('%') && ipaddr.IPv6.isValid(text);
}
