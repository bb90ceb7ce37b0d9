import {
  createProfile,
  openProfile,
  type ProfileOptions,
  profileState,
  restoreProfile,
  setPassphrase,
} from '@sotto/client';
import type { NetworkFile } from '@sotto/directory';
import { BUILT_PAGE } from './build-page.ts';
import { type Host, type HostLog, openHost } from './host.ts';
import type { ProfileDoor } from './messenger.ts';

/** What `startHost` needs. */
export interface StartHostOptions {
  /** The profile's own folder; made with the first account. */
  readonly folder: string;
  readonly network: NetworkFile;
  /** Port on 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  /** A name to offer a newcomer on the welcome screen. */
  readonly name?: string | undefined;
  readonly log?: (HostLog & NonNullable<ProfileOptions['log']>) | undefined;
}

/**
 * Starts the messenger of one profile: its engine, if there is an account and no passphrase guards it, and its page on
 * 127.0.0.1. The page must have been built (`buildPage`).
 * @throws HostError `port-taken`, `port-forbidden`, `page-missing`; EngineError `profile-in-use`, `profile-damaged`,
 * `bad-network`
 */
export function startHost(options: StartHostOptions): Promise<Host> {
  return openHost({
    door: profileDoor({ folder: options.folder, network: options.network, log: options.log }),
    networkName: options.network.name,
    suggestedName: options.name ?? '',
    port: options.port,
    page: BUILT_PAGE,
    log: options.log ?? SILENT,
  });
}

const SILENT: HostLog = { info: () => {}, warn: () => {}, error: () => {} };

function profileDoor(profile: ProfileOptions): ProfileDoor {
  return {
    state: () => profileState(profile.folder),
    create: (name) => createProfile({ ...profile, name }),
    restore: (phrase, name) => restoreProfile({ ...profile, phrase, name: name === '' ? undefined : name }),
    open: (passphrase) => openProfile({ ...profile, passphrase: passphrase ?? undefined }),
    setPassphrase: (engine, current, next) => setPassphrase(engine, next, current ?? undefined),
  };
}
