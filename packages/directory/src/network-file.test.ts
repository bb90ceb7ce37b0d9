import { bytesToHex } from '@sotto/wire/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DirectoryError } from './errors.ts';
import { networkId, parseNetworkFile, serializeNetworkFile } from './network-file.ts';
import { CREATED, sampleKey, sampleNetwork } from './testing/sample-network.ts';

const key = bytesToHex(sampleKey('authority 0').publicKey);
const minimal = {
  sotto: 1,
  name: 'Field desk',
  created: CREATED,
  authorities: [{ key, urls: ['https://10.0.0.1:4433'] }],
  threshold: 1,
  parameters: { swarmMin: 3, swarmIdeal: 5, relays: 3, join: 'invite' },
};

const parse = (value: unknown) => parseNetworkFile(JSON.stringify(value));

describe('reading', () => {
  test('fills in what may be absent', () => {
    expect(parse(minimal)).toEqual({
      ...minimal,
      seeds: [],
      communities: [],
      parameters: { ...minimal.parameters, swarmMargin: 2, oneSite: false },
    });
  });

  test('takes the whole file, upper-case keys and a slash after an origin', () => {
    const file = parse({
      ...minimal,
      authorities: [{ key: key.toUpperCase(), urls: ['https://Desk.example:4433/'] }],
      seeds: ['https://10.0.0.2:22021'],
      files: { url: 'http://files.example/', key },
      communities: ['https://rooms.example/news?public_key=00'],
    });
    expect(file.authorities).toEqual([{ key, urls: ['https://desk.example:4433'] }]);
    expect(file.files).toEqual([{ url: 'http://files.example', key }]);
    expect(file.communities).toHaveLength(1);
  });

  test('takes one file server or several, each once', () => {
    const other = bytesToHex(sampleKey('another file server').publicKey);
    const files = [
      { url: 'https://files.example:8443', key },
      { url: 'http://10.0.0.3:8080', key: other },
    ];
    const file = parse({ ...minimal, files });
    expect(file.files).toEqual(files);
    expect(parseNetworkFile(serializeNetworkFile(file))).toEqual(file);
    expect(() => parse({ ...minimal, files: [files[0], files[0]] })).toThrow('files');
    expect(() => parse({ ...minimal, files: { url: 'http://files.example/path', key } })).toThrow('files');
    expect(() => parse({ ...minimal, files: { url: 'nowhere', key } })).toThrow(DirectoryError);
    expect(() => parse({ ...minimal, files: Array(9).fill(files[0]) })).toThrow('files');
  });

  test('ignores keys that it does not know', () => {
    expect(parse({ ...minimal, later: { than: 'this' } })).toEqual(parse(minimal));
  });

  test.each([
    ['another version', { sotto: 2 }, 'sotto'],
    ['no name', { name: '' }, 'name'],
    ['a name that could fake other lines', { name: 'Field\ndesk' }, 'name'],
    ['a fraction as time', { created: 1.5 }, 'created'],
    ['no authority', { authorities: [] }, 'authorities'],
    ['a short key', { authorities: [{ key: 'ab', urls: [] }] }, 'authorities.0.key'],
    ['a key that is no point', { authorities: [{ key: 'f'.repeat(64), urls: [] }] }, 'authorities.0.key'],
    [
      'one authority twice',
      {
        authorities: [
          { key, urls: [] },
          { key: key.toUpperCase(), urls: [] },
        ],
      },
      'authorities',
    ],
    ['a threshold of nobody', { threshold: 0 }, 'threshold'],
    ['a threshold that cannot be reached', { threshold: 2 }, 'threshold'],
    ['a seed without TLS', { seeds: ['http://10.0.0.1:1'] }, 'seeds.0'],
    ['a seed with a path', { seeds: ['https://10.0.0.1:1/x'] }, 'seeds.0'],
    ['a seed with a password', { seeds: ['https://a:b@10.0.0.1:1'] }, 'seeds.0'],
    ['a script as community', { communities: ['javascript:alert(1)'] }, 'communities.0'],
    ['an ideal below the minimum', { parameters: { ...minimal.parameters, swarmIdeal: 2 } }, 'parameters.swarmIdeal'],
    ['an unknown way to join', { parameters: { ...minimal.parameters, join: 'paid' } }, 'parameters.join'],
  ])('refuses %s and says where', (_what, change, where) => {
    const attempt = () => parse({ ...minimal, ...change });
    expect(attempt).toThrow(DirectoryError);
    expect(attempt).toThrow(where);
  });

  test('refuses more than 4096 bytes, counted as bytes', () => {
    const name = { ...minimal, filler: '' };
    const room = 4096 - Buffer.byteLength(JSON.stringify(name));
    expect(() => parse({ ...minimal, filler: 'x'.repeat(room) })).not.toThrow();
    expect(() => parse({ ...minimal, filler: 'x'.repeat(room + 1) })).toThrow('4096');
    expect(() => parse({ ...minimal, filler: 'é'.repeat(room / 2 + 1) })).toThrow('4096');
  });

  test('throws nothing but DirectoryError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((value) => JSON.stringify({ ...minimal, parameters: value })),
        ),
        (text) => {
          try {
            parseNetworkFile(text);
          } catch (error) {
            expect(error).toBeInstanceOf(DirectoryError);
          }
        },
      ),
    );
  });
});

test('writing and reading gives the same file', () => {
  const { file } = sampleNetwork(3, 2);
  expect(parseNetworkFile(serializeNetworkFile(file))).toEqual(file);
  expect(() => serializeNetworkFile({ ...file, threshold: 4 })).toThrow(DirectoryError);
});

describe('the network id', () => {
  const { file } = sampleNetwork(2, 1);

  test('is what another implementation of BLAKE2b gives', () => {
    expect(bytesToHex(networkId(file))).toBe('d1b52735093cb5049e38d2a6b573050392ee6f06447563a0446391d3b19393bb');
  });

  test('depends neither on the order of authorities nor on anything that does not decide', () => {
    const id = networkId(file);
    expect(networkId({ ...file, authorities: file.authorities.toReversed() })).toEqual(id);
    expect(
      networkId({ ...file, name: 'Other', seeds: ['https://10.0.0.9:1'], communities: ['https://x.example'] }),
    ).toEqual(id);
  });

  test('changes with who decides', () => {
    const id = networkId(file);
    expect(networkId({ ...file, threshold: 2 })).not.toEqual(id);
    expect(networkId({ ...file, created: file.created + 1 })).not.toEqual(id);
    expect(networkId({ ...file, authorities: file.authorities.slice(1) })).not.toEqual(id);
  });
});
