import { type OxendAddress, parseOxendAddress } from '@sotto/directory';
import type { OxendOptions } from './oxend-options.ts';

/** What differs between chains at the start (node-network §10.4). */
const CHAINS = {
  mainnet: {
    plausibleNodes: 100,
    seeds: [
      'curve://storage.seed1.loki.network:22027/63089194d7ed97c9bb9c1112501b09be1b4b8ff026ceeb339532ce240da03178',
      'curve://public-eu.optf.ngo:22027/3c157ed3c675f56280dc5d8b2f00b327b5865c127bf2c6c42becc3ca73d9132b',
      'curve://imaginary.stream:22027/c0cab39382531e5b6c6325c0f980e9ffb79b20a4c82bb96571f1ffdc3ee76d58',
    ],
  },
  testnet: {
    plausibleNodes: 10,
    seeds: [
      'curve://storage.seed2.loki.network:38161/80adaead94db3b0402a6057869bdbe63204a28e93589fd95a035480ed6c03b45',
    ],
  },
  private: { plausibleNodes: 1, seeds: [] },
} as const;

/** How many nodes a list has at least if oxend is in step with its chain. */
export function plausibleNodes({ chain = 'mainnet' }: OxendOptions): number {
  return CHAINS[chain].plausibleNodes;
}

/** Whom to ask whether oxend lags behind. @throws DirectoryError `oxend-address`. */
export function seedAddresses({ chain = 'mainnet', seeds = CHAINS[chain].seeds }: OxendOptions): OxendAddress[] {
  return seeds.map(parseOxendAddress);
}
