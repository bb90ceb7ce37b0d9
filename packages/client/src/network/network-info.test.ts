import {
  assembleSuccession,
  DirectoryStore,
  encodeSuccession,
  type NetworkFile,
  networkId,
  signDirectory,
  signSuccession,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { ed25519KeyPair } from '@sotto/wire/crypto';
import { expect, test } from 'vitest';
import { networkInfo } from './network-info.ts';

const CREATED = 1_790_000_000_000;
const WEEK = 7 * 86_400_000;
const keys = [1, 2, 3, 4].map((number) => ed25519KeyPair(new Uint8Array(32).fill(number)));
const names = keys.map(({ publicKey }) => bytesToHex(publicKey));
const [first, second, third, fourth] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];

const file: NetworkFile = {
  sotto: 1,
  name: 'Field desk',
  created: CREATED,
  authorities: names.slice(0, 3).map((key, at) => ({ key, urls: [`https://10.0.${at}.1:4433`] })),
  threshold: 2,
  seeds: [],
  parameters: { swarmMin: 3, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'listed', oneSite: true },
  files: [{ url: 'https://10.0.0.9:8443', key: names[0]! }],
  communities: [],
};

function list(epoch: number, ip = '127.0.0.1') {
  const node = { ip, httpsPort: 20_000, omqPort: 30_000, version: [2, 11, 3] as const, swarmId: 0n };
  return {
    networkId: networkId(file),
    epoch,
    validFrom: CREATED,
    validUntil: CREATED + WEEK,
    nodes: [{ ...node, ed25519Key: fourth.publicKey }],
    parameters: file.parameters,
  };
}

test('before the first list only the network file is known', async () => {
  const store = await DirectoryStore.open({ networkFile: file });
  expect(networkInfo(store)).toMatchObject({
    name: 'Field desk',
    id: bytesToHex(networkId(file)),
    threshold: 2,
    list: null,
    oneSite: true,
    fileServers: ['https://10.0.0.9:8443'],
    history: [],
  });
});

test('it tells who signed what, who agreed to new authorities, and who lied', async () => {
  let now = CREATED + 1;
  const store = await DirectoryStore.open({ networkFile: file, now: () => now });
  await store.offer(signDirectory(list(1), [first, second]));
  await expect(store.offer(signDirectory(list(1, '127.0.0.2'), [second, third]))).rejects.toThrow();
  const urls = ['https://10.0.3.1:4433'];
  const change = encodeSuccession({
    networkId: networkId(file),
    number: 1,
    authorities: [file.authorities[0]!, file.authorities[1]!, { key: names[3]!, urls }],
    threshold: 2,
  });
  const succession = assembleSuccession(change, [signSuccession(change, first), signSuccession(change, third)]);
  await store.offer(signDirectory(list(2), [first, fourth], [succession]));
  now = CREATED + WEEK + 1;

  const info = networkInfo(store);
  expect(info.list).toEqual({
    number: 2,
    validFrom: CREATED,
    validUntil: CREATED + WEEK,
    nodes: 1,
    expired: true,
  });
  const signed = Object.fromEntries(info.authorities.map((authority) => [authority.key, authority.signed]));
  expect(signed).toEqual({ [names[0]!]: true, [names[1]!]: false, [names[3]!]: true });
  expect(info.successions).toEqual([
    {
      number: 1,
      threshold: 2,
      authorities: [names[0], names[1], names[3]].sort(),
      signers: [names[0], names[2]].sort(),
    },
  ]);
  expect(info.history.map(({ number, contradicts }) => [number, contradicts])).toEqual([
    [1, false],
    [1, true],
    [2, false],
  ]);
  expect(info.history[1]!.signers).toEqual([names[1], names[2]].sort());
});
