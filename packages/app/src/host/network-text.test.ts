import { networkLink, serializeNetworkFile } from '@sotto/directory';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AUTHORITIES, SAMPLE_NETWORK } from '../testing/fake-network.ts';
import { previewNetwork, readNetwork } from './network-text.ts';

const badNetwork = expect.objectContaining({ name: 'EngineError', code: 'bad-network' });

test('a file and its link are the same network', () => {
  const fromFile = previewNetwork(readNetwork(serializeNetworkFile(SAMPLE_NETWORK)));
  const fromLink = previewNetwork(readNetwork(networkLink(SAMPLE_NETWORK).toUpperCase()));
  expect(fromLink).toEqual(fromFile);
  expect(fromFile).toMatchObject({ name: 'Field desk', threshold: 2, oneSite: true });
  expect(fromFile.authorities.map(({ key }) => key)).toEqual(AUTHORITIES);
  expect(fromFile.fileServers).toEqual(['https://10.2.0.9:8443']);
});

test('whatever else is given is refused with one word', () => {
  expect(() => readNetwork('sotto:network/yyy')).toThrow(badNetwork);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string().map((rest) => `sotto:network/${rest}`),
      ),
      (text) => {
        expect(() => readNetwork(text)).toThrow(badNetwork);
      },
    ),
  );
});
