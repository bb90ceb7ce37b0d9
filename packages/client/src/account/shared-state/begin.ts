import type { Account } from '@sotto/wire/account';
import type { ProfileStore } from '../../store/profile-store.ts';
import { recordEverything } from './recorder.ts';
import { SharedConfigs } from './shared-configs.ts';

/** Gives an account that was made just now its shared state: nobody else can have any. `now`: ms. */
export function beginSharedState(store: ProfileStore, account: Account, now: number): void {
  const configs = new SharedConfigs(store, account);
  configs.change(() => {
    for (const [, config] of configs.all) config.merge([], now);
    recordEverything(store);
  });
}
