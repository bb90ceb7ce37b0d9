import { contacts, convoInfoVolatile, userProfile } from '@sotto/config';
import type { Touched } from '../../conversation/touched.ts';
import type { ProfileStore } from '../../store/profile-store.ts';
import { applyContacts } from './apply-contacts.ts';
import { applyProfile } from './apply-profile.ts';
import { applyReadMarks } from './apply-read-marks.ts';
import type { SharedConfigs } from './shared-configs.ts';

/** What taking over a merged config works with. Times in ms. */
export interface Applying {
  readonly store: ProfileStore;
  readonly configs: SharedConfigs;
  readonly touched: Touched;
  readonly ownId: string;
  /** Network time. */
  readonly now: number;
  /** When the newest message that was merged had been stored: our other device knew what it deletes. */
  readonly toldAt: number;
}

/**
 * Remembers what a config says; the function that is given applies to the database what it says differently by then.
 * Only differences count, so nothing that was made here comes back as if it were another device's.
 */
export function watchConfig(namespace: number, configs: SharedConfigs, now: number): (applying: Applying) => void {
  switch (namespace) {
    case userProfile.namespace: {
      const before = configs.profile(now).get();
      return (applying) => applyProfile(before, configs.profile(now).get(), applying);
    }
    case contacts.namespace: {
      const before = configs.get(namespace).data;
      return (applying) => applyContacts(configs.contacts(now).changedSince(before), applying);
    }
    case convoInfoVolatile.namespace: {
      const before = configs.get(namespace).data;
      return (applying) => applyReadMarks(configs.readMarks(now).changedSince(before), applying);
    }
    default:
      // Groups and communities are kept as they are.
      return () => {};
  }
}
