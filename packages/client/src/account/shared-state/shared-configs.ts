import {
  accessors,
  type Collection,
  ConfigObject,
  contacts,
  convoInfoVolatile,
  decodeDump,
  encodeDump,
  type Contact as SharedContact,
  type USER_CONFIGS,
  type UserProfile,
  userConfigOptions,
  userGroups,
  userProfile,
} from '@sotto/config';
import type { Account } from '@sotto/wire/account';
import type { ProfileStore } from '../../store/profile-store.ts';

type Description = (typeof USER_CONFIGS)[number];

/**
 * The order in which configs are pushed and dealt with. Read marks come before contacts: they say up to when a
 * conversation was deleted, which is to be known when its contact goes.
 */
const ORDER: readonly Description[] = [userProfile, convoInfoVolatile, contacts, userGroups];

/** Read marks of one conversation. */
export type ReadMark = ReturnType<ReturnType<typeof readMarksOf>['list']>[number];

/** The account's own configs, in memory and in the database. Whatever changes them goes through {@link SharedConfigs.change}. */
export class SharedConfigs {
  readonly #store: ProfileStore;
  readonly #account: Account;
  #objects: ReadonlyMap<number, ConfigObject>;

  constructor(store: ProfileStore, account: Account) {
    this.#store = store;
    this.#account = account;
    this.#objects = this.#load();
  }

  /** Whether this profile has no shared state yet: its account was restored, or is older than shared state is. */
  get isMissing(): boolean {
    return ORDER.some(({ namespace }) => !this.#store.shared.has(namespace!));
  }

  /** In the order in which they are pushed and dealt with. */
  get all(): readonly (readonly [namespace: number, config: ConfigObject])[] {
    return [...this.#objects];
  }

  get(namespace: number): ConfigObject {
    return this.#objects.get(namespace)!;
  }

  /** Our profile. `now`: when changes of it were made, ms. */
  profile(now: number): { get(): UserProfile; set(changes: Partial<UserProfile>): void } {
    return accessors(userProfile, this.get(userProfile.namespace!), () => now).profile;
  }

  /** Whom we know. */
  contacts(now: number): Collection<SharedContact> {
    return accessors(contacts, this.get(contacts.namespace!), () => now).contacts;
  }

  /** What was read of conversations with people, and of note to self. */
  readMarks(now: number): ReturnType<typeof readMarksOf> {
    return readMarksOf(this.get(convoInfoVolatile.namespace!), now);
  }

  /**
   * Changes configs and database together: all or nothing, and on disk when it returns. `work` must not wait for anything.
   */
  change<T>(work: () => T): T {
    const { shared } = this.#store;
    try {
      return this.#store.transaction(() => {
        const result = work();
        for (const [namespace, config] of this.#objects) {
          if (!config.needsDump && shared.has(namespace)) continue;
          const snapshot = config.snapshot();
          shared.putDump(namespace, encodeDump(snapshot), snapshot.message.hash);
        }
        return result;
      });
    } catch (error) {
      // The database is as before, so memory must be, too.
      this.#objects = this.#load();
      throw error;
    }
  }

  #load(): ReadonlyMap<number, ConfigObject> {
    return new Map(ORDER.map((description) => [description.namespace!, this.#loadOne(description)]));
  }

  #loadOne(description: Description): ConfigObject {
    const stored = this.#store.shared.config(description.namespace!);
    const options = userConfigOptions(description, this.#account);
    const config = new ConfigObject(options, stored ? decodeDump(stored.dump) : null);
    // Nobody knows whether they were deleted, so the next push deletes them again.
    if (stored) config.returnObsolete(stored.deleting);
    return config;
  }
}

function readMarksOf(config: ConfigObject, now: number) {
  return accessors(convoInfoVolatile, config, () => now).people;
}
