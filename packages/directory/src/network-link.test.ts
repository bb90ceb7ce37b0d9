import { deflateRawSync } from 'node:zlib';
import { bytesToBase32z, concatBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DirectoryError } from './errors.ts';
import { isNetworkLink, networkLink, parseNetworkLink } from './network-link.ts';
import { sampleNetwork } from './testing/sample-network.ts';

const { file } = sampleNetwork(3, 2);
const link = networkLink(file);

/** A link with a right checksum around any content. */
function linkOf(content: Uint8Array, version = 1): string {
  const body = concatBytes(Uint8Array.of(version), content);
  return `sotto:network/${bytesToBase32z(concatBytes(body, blake2b(32, body).subarray(0, 4)))}`;
}

test('gives the same file back', () => {
  expect(parseNetworkLink(link)).toEqual(file);
  expect(isNetworkLink(link)).toBe(true);
});

test('a network of three authorities has a link for one QR code', () => {
  expect(link.length).toBeLessThan(900);
});

test('upper case, white space and line ends do not matter', () => {
  expect(parseNetworkLink(link.toUpperCase())).toEqual(file);
  expect(parseNetworkLink(` ${link.replaceAll(/.{60}/g, '$&\r\n ')}\n`)).toEqual(file);
  expect(isNetworkLink(link.toUpperCase())).toBe(true);
});

test('a name beyond ASCII survives', () => {
  const named = { ...file, name: 'Büro „Süd“ 🕊' };
  expect(parseNetworkLink(networkLink(named))).toEqual(named);
});

test('does not make a link of a file that could not be read', () => {
  expect(() => networkLink({ ...file, threshold: 4 })).toThrow(DirectoryError);
});

describe('refuses', () => {
  test.each([
    ['another text', 'https://example.org', 'does not begin'],
    ['a contact link', `sotto:${'y'.repeat(100)}`, 'does not begin'],
    ['nothing behind the beginning', 'sotto:network/', 'damaged'],
    ['a part', link.slice(0, -1), 'damaged'],
    ['letters that base32z lacks', `${link.slice(0, -1)}2`, 'damaged'],
    ['a changed letter', link.replace(/.{20}$/, (end) => (end[0] === 'y' ? 'b' : 'y') + end.slice(1)), 'damaged'],
    ['a later version', linkOf(deflateRawSync('{}'), 2), 'later version'],
    ['what is not compressed', linkOf(utf8ToBytes('{"sotto":1}')), 'damaged'],
    ['what grows without end', linkOf(deflateRawSync(Buffer.alloc(1_000_000))), 'more than 4096'],
    ['what is no network file', linkOf(deflateRawSync('{"sotto":1}')), 'network file is wrong'],
    ['endless text', `sotto:network/${'y'.repeat(9000)}`, 'too long'],
  ])('%s', (_what, text, why) => {
    expect(() => parseNetworkLink(text)).toThrow(DirectoryError);
    expect(() => parseNetworkLink(text)).toThrow(why);
  });

  test('whatever else comes, with one kind of error', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((tail) => `sotto:network/${tail}`),
      fc.uint8Array({ maxLength: 200 }).map((content) => linkOf(content)),
      fc.json().map((json) => linkOf(deflateRawSync(json))),
    );
    fc.assert(
      fc.property(text, (given) => {
        expect(() => parseNetworkLink(given)).toThrow(DirectoryError);
      }),
    );
  });
});
