import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { ed25519PublicToX25519 } from '@sotto/wire/crypto';
import { expect, test } from 'vitest';
import { DirectoryError } from '../errors.ts';
import {
  type ChainNetworkFile,
  isChainNetwork,
  networkId,
  parseAnyNetworkFile,
  parseNetworkFile,
} from '../network-file.ts';
import { networkLink, parseNetworkLink } from '../network-link.ts';

const PINS = { spki: 'mlYTXvkmIEYcpswANTpnBwlz9Cswi0py/RQKkbdQOZQ=', certificate: 'AB'.repeat(32) };
const SEED = { url: 'https://seed.test:4443/', ...PINS };
const file = (chain: object, more: object = {}) =>
  JSON.stringify({ sotto: 1, name: 'Chain', chain: { id: 'a-chain', seeds: [SEED], ...chain }, ...more });

test('a chain with its seeds is read', () => {
  expect(parseAnyNetworkFile(file({}))).toEqual({
    sotto: 1,
    name: 'Chain',
    chain: {
      id: 'a-chain',
      seeds: [{ url: 'https://seed.test:4443', spki: PINS.spki, certificate: 'ab'.repeat(32) }],
      oneSite: false,
    },
    communities: [],
  });
  const plain = [{ url: 'http://seed.test:38157', unverified: true }];
  expect(parseAnyNetworkFile(file({ seeds: plain }))).toMatchObject({ chain: { seeds: plain } });
});

test.each([
  ['no pin', { seeds: [{ url: SEED.url }] }],
  ['one pin', { seeds: [{ url: SEED.url, spki: PINS.spki }] }],
  ['pins that nobody looks at', { seeds: [{ ...SEED, unverified: true }] }],
  ['a misspelt pin', { seeds: [{ url: SEED.url, unverified: true, sPki: PINS.spki }] }],
  ['pins without TLS', { seeds: [{ ...SEED, url: 'http://seed.test' }] }],
  ['a path', { seeds: [{ ...SEED, url: 'https://seed.test/x' }] }],
  ['another scheme', { seeds: [{ url: 'ftp://seed.test', unverified: true }] }],
  ['no seeds', { seeds: [] }],
  ['one seed twice', { seeds: [SEED, SEED] }],
  ['an id with spaces', { id: 'a chain' }],
  ['something unknown', { treshold: 3 }],
])('%s is refused', (_, chain) => {
  expect(() => parseAnyNetworkFile(file(chain))).toThrow(DirectoryError);
});

test('authorities and a chain at once are refused', () => {
  expect(() => parseAnyNetworkFile(file({}, { authorities: [], threshold: 1 }))).toThrow(DirectoryError);
});

test('who needs authorities does not get a chain', () => {
  expect(() => parseNetworkFile(file({}))).toThrow(/a chain lists the nodes/);
});

test('its id follows from the chain alone', () => {
  const id = (text: string) => bytesToHex(networkId(parseAnyNetworkFile(text)));
  expect(id(file({ seeds: [{ url: 'http://x', unverified: true }] }, { name: 'Other' }))).toBe(id(file({})));
  expect(id(file({ id: 'b-chain' }))).not.toBe(id(file({})));
});

test('the file of the public network is one, and becomes a link and back', () => {
  const path = join(import.meta.dirname, '../../../../networks/session.sotto');
  const network = parseAnyNetworkFile(readFileSync(path, 'utf8'));
  expect(isChainNetwork(network)).toBe(true);
  expect((network as ChainNetworkFile).chain.seeds.map(({ url }) => url)).toEqual(
    [1, 2, 3].map((number) => `https://seed${number}.getsession.org:4443`),
  );
  const [server] = network.files!;
  expect(bytesToHex(ed25519PublicToX25519(hexToBytes(server!.key))!)).toBe(
    '09324794aa9c11948189762d198c618148e9136ac9582068180661208927ef34',
  );
  expect(parseNetworkLink(networkLink(network))).toEqual(network);
  expect(bytesToHex(networkId(network))).toBe('054c4447fa082bb428772f7ff0020deabc921eb5f58f4ec112cc4b775df20bee');
});
