import { expect, test } from 'vitest';
import { givenProxy } from './proxy-option.ts';

test('a proxy is read from the option, its password only from the environment', () => {
  expect(givenProxy({ proxy: undefined })).toBeUndefined();
  expect(givenProxy({ proxy: 'socks5://127.0.0.1:9050' }, { SOTTO_PROXY_PASSWORD: 'p' })).toEqual({
    kind: 'socks5',
    host: '127.0.0.1',
    port: 9050,
  });
  expect(givenProxy({ proxy: 'http://noor@[::1]:8080/' }, { SOTTO_PROXY_PASSWORD: 'p' })).toEqual({
    kind: 'http',
    host: '::1',
    port: 8080,
    username: 'noor',
    password: 'p',
  });
});

test.each(['127.0.0.1:9050', 'socks5://127.0.0.1', 'ftp://a:1', 'socks5://noor:secret@a:1', 'http://a:1/x'])(
  '%s is refused, and not repeated',
  (proxy) => {
    expect(() => givenProxy({ proxy }, {})).toThrow(/^--proxy takes socks5:\/\/HOST:PORT or http:\/\/HOST:PORT\./);
    expect(() => givenProxy({ proxy }, {})).not.toThrow(/secret/);
  },
);
