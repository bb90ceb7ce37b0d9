import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPrivateAddress } from './private-address.ts';
import { isAllowedTarget, isPublicHostName, serverUrl } from './server-address.ts';

const relay = { protocol: 'https', host: 'example.org', port: 443, target: '/oxen/v4/lsrpc' };

test.each([
  ['example.org', true],
  ['xn--bcher-kva.example', true],
  ['_dmarc.example.org', true],
  ['localhost', true],
  ['203.0.113.7', true],
  ['2001:db8::1', true],
  ['[2001:db8::1]', true],
  ['::ffff:10.0.0.1', true],
  ['', false],
  ['.', false],
  ['example..org', false],
  ['example.org.', false],
  ['-example.org', false],
  ['example-.org', false],
  [`${'a'.repeat(64)}.org`, false],
  [`${'a.'.repeat(127)}org`, false],
  ['internal/x', false],
  ['internal/x?', false],
  ['user@internal', false],
  ['internal#', false],
  ['internal:8080', false],
  ['10.0.0.1:22', false],
  ['a b', false],
  ['a\tb', false],
  ['a\nb', false],
  ['a%00b', false],
  ['a\\b', false],
  ['bücher.example', false],
  ['fe80::1%eth0', false],
  ['[::1', false],
  ['[::1]:80', false],
  ['[example.org]', false],
  ['2130706433', false],
  ['0x7f.1', false],
  ['0x7f000001', false],
  ['127.1', false],
  ['0177.0.0.1', false],
  ['1.2.3.4.5', false],
  ['1.2.3.256', false],
])('host %j is a name or address: %s', (host, expected) => {
  expect(isPublicHostName(host)).toBe(expected);
});

test.each([
  '/oxen/../x/lsrpc',
  '/oxen/%2e%2e/lsrpc',
  '/oxen/a b/lsrpc',
  '/oxen/a\\b/lsrpc',
  '/oxen/?/lsrpc',
  '/oxen/#/lsrpc',
  '/oxen/\n/lsrpc',
])('target %j is refused', (target) => {
  expect(isAllowedTarget(target)).toBe(false);
  expect(serverUrl({ ...relay, target })).toBeNull();
});

test('nothing listens on port 0', () => {
  expect(serverUrl({ ...relay, port: 0 })).toBeNull();
});

test('the URL leaves out the port that the protocol has anyway, and brackets IPv6', () => {
  expect(serverUrl(relay)).toBe('https://example.org/oxen/v4/lsrpc');
  expect(serverUrl({ ...relay, port: 80 })).toBe('https://example.org:80/oxen/v4/lsrpc');
  expect(serverUrl({ ...relay, protocol: 'http', port: 80 })).toBe('http://example.org/oxen/v4/lsrpc');
  expect(serverUrl({ ...relay, protocol: 'http' })).toBe('http://example.org:443/oxen/v4/lsrpc');
  expect(serverUrl({ ...relay, host: '2606:4700::1111', port: 8443 })).toBe(
    'https://[2606:4700::1111]:8443/oxen/v4/lsrpc',
  );
  expect(serverUrl({ ...relay, host: '[2606:4700::1111]' })).toBe('https://[2606:4700::1111]/oxen/v4/lsrpc');
  expect(serverUrl({ ...relay, protocol: 'ftp' })).toBeNull();
  expect(serverUrl({ ...relay, host: 'a/b' })).toBeNull();
});

test('a URL never leads to another host, port or path than the relay names', () => {
  const host = fc.oneof(
    fc.string(),
    fc.domain(),
    fc.ipV4(),
    fc.ipV6(),
    fc.webAuthority({ withUserInfo: true, withPort: true }),
  );
  const target = fc.oneof(
    fc.constant(relay.target),
    fc.string().map((text) => `/oxen/${text}/lsrpc`),
  );
  fc.assert(
    fc.property(host, target, (name, path) => {
      const text = serverUrl({ ...relay, host: name, target: path });
      if (text === null) return;
      const url = new URL(text);
      expect(url.pathname).toBe(new URL(`https://h${path}`).pathname);
      expect([url.port, url.username, url.search, url.hash]).toEqual(['', '', '', '']);
      const bare = name.replace(/^\[|\]$/g, '').toLowerCase();
      expect(url.hostname).toBe(bare.includes(':') ? new URL(`https://[${bare}]`).hostname : bare);
    }),
  );
});

test.each([
  ['8.8.8.8', false],
  ['100.63.255.255', false],
  ['172.32.0.1', false],
  ['2606:4700::1111', false],
  ['2a00::1', false],
  ['::ffff:8.8.8.8', false],
  ['0.0.0.0', true],
  ['10.1.2.3', true],
  ['100.64.0.1', true],
  ['127.0.0.1', true],
  ['127.255.255.255', true],
  ['169.254.169.254', true],
  ['172.16.0.1', true],
  ['172.31.255.255', true],
  ['192.0.2.1', true],
  ['192.168.0.1', true],
  ['198.18.0.1', true],
  ['224.0.0.1', true],
  ['255.255.255.255', true],
  ['::', true],
  ['::1', true],
  ['::127.0.0.1', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:a00:1', true],
  ['::ffff:0:10.0.0.1', true],
  ['64:ff9b::a00:1', true],
  ['100::1', true],
  ['2001::1', true],
  ['2001:db8::1', true],
  ['2002:7f00:1::', true],
  ['3fff::1', true],
  ['fc00::1', true],
  ['fdff::1', true],
  ['fe80::1', true],
  ['fe80::1%eth0', true],
  ['fec0::1', true],
  ['ff02::1', true],
  ['127.1', true],
  ['example.org', true],
  ['', true],
])('address %s is private: %s', (address, expected) => {
  expect(isPrivateAddress(address)).toBe(expected);
});
