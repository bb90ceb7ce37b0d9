import type { Account } from '@sotto/wire/account';
import type { ConfigOptions } from './object/index.ts';
import { contacts } from './types/contacts.ts';
import { convoInfoVolatile } from './types/convo-info-volatile.ts';
import type { ConfigDescription } from './types/describe.ts';
import { userGroups } from './types/user-groups.ts';
import { userProfile } from './types/user-profile.ts';

const SEED_BYTES = 32;

/** The configs that an account keeps in its swarm, in the order in which they are pushed (config §10). */
export const USER_CONFIGS = [userProfile, contacts, userGroups, convoInfoVolatile] as const;

/** The keys of an account that its configs need. */
export type ConfigAccount = Pick<Account, 'ed25519' | 'x25519'>;

/**
 * The options of an account's own config of a type (config §1). They hold a view of the account's secret key, so the
 * account may be wiped once the config is no longer used.
 */
export function userConfigOptions(
  { name, kind, prune }: Pick<ConfigDescription, 'name' | 'kind' | 'prune'>,
  account: ConfigAccount,
): ConfigOptions {
  return {
    packing: {
      domain: name,
      keys: [account.ed25519.secretKey.subarray(0, SEED_BYTES)],
      wrapping: kind === null ? null : { kind, account },
    },
    prune,
  };
}
