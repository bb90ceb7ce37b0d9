import type { NetworkInfo } from '@sotto/client';
import type { NetworkFile } from '@sotto/directory';

const HOUR = 3_600_000;
const NOW = Date.now();

export const AUTHORITIES = [
  '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c',
  '8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394',
  'ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1',
] as const;

/** A network of three authorities, of whom two must sign. */
export const SAMPLE_NETWORK: NetworkFile = {
  sotto: 1,
  name: 'Field desk',
  created: 1_790_000_000_000,
  authorities: AUTHORITIES.map((key, at) => ({ key, urls: [`https://10.${at + 1}.0.1:4433`] })),
  threshold: 2,
  seeds: ['https://10.1.0.2:22021'],
  parameters: { swarmMin: 3, swarmIdeal: 5, swarmMargin: 2, relays: 3, join: 'invite', oneSite: true },
  files: [{ url: 'https://10.2.0.9:8443', key: AUTHORITIES[0] }],
  communities: [],
};

/** What an engine tells of it after four hours. */
export const SAMPLE_NETWORK_INFO: NetworkInfo = {
  name: SAMPLE_NETWORK.name,
  id: '3f1b9a7c5d20e486'.repeat(4),
  authorities: SAMPLE_NETWORK.authorities.map((authority, at) => ({ ...authority, signed: at < 2 })),
  threshold: 2,
  list: { number: 104, validFrom: NOW - HOUR / 2, validUntil: NOW + 160 * HOUR, nodes: 9, expired: false },
  oneSite: true,
  fileServers: ['https://10.2.0.9:8443'],
  successions: [],
  history: [100, 101, 102, 103, 104].map((number) => ({
    number,
    validFrom: NOW - (104 - number) * HOUR - HOUR / 2,
    signers: number % 2 === 0 ? AUTHORITIES.slice(0, 2) : [...AUTHORITIES],
    nodes: 9,
    contradicts: false,
  })),
};
