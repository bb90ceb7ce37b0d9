import { mkdir } from 'node:fs/promises';
import {
  createProfile,
  EngineError,
  openProfile,
  type ProfileOptions,
  profileNetworkPath,
  profileState,
  restoreBackup,
  restoreProfile,
  setPassphrase,
} from '@sotto/client';
import { type AnyNetworkFile, replaceFile } from '@sotto/directory';
import { BUILT_PAGE } from './build-page.ts';
import { type Host, type HostLog, openHost } from './host.ts';
import type { ProfileDoor } from './messenger.ts';

/** What `startHost` needs. */
export interface StartHostOptions {
  /** The profile's own folder; made with the first account. */
  readonly folder: string;
  /** The network of the profile; `null`: the page asks for it, and it is kept in the profile's folder. */
  readonly network: AnyNetworkFile | null;
  /** Keeps `network` there as well, so that it need not be named at the next start. */
  readonly keepNetwork?: boolean;
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
export async function startHost(options: StartHostOptions): Promise<Host> {
  const { folder, network, keepNetwork = false } = options;
  const host = await openHost({
    door: profileDoor(options),
    suggestedName: options.name ?? '',
    port: options.port,
    page: BUILT_PAGE,
    log: options.log ?? SILENT,
  });
  // It works without; then it has to be named again at the next start.
  if (keepNetwork && network !== null) await writeNetwork(folder, network).catch(() => {});
  return host;
}

const SILENT: HostLog = { info: () => {}, warn: () => {}, error: () => {} };

function profileDoor({ folder, network: given, log }: StartHostOptions): ProfileDoor {
  let network = given;
  const profile = (): ProfileOptions => {
    if (network === null) throw new EngineError('bad-network', 'no network was chosen yet');
    return { folder, network, log };
  };
  return {
    network: () => network,
    setNetwork: async (chosen) => {
      await writeNetwork(folder, chosen);
      network = chosen;
    },
    state: () => profileState(folder),
    create: (name) => createProfile({ ...profile(), name }),
    restore: (phrase, name) => restoreProfile({ ...profile(), phrase, name: name === '' ? undefined : name }),
    restoreBackup: (backup, backupPassphrase) => restoreBackup({ ...profile(), backup, backupPassphrase }),
    open: (passphrase) => openProfile({ ...profile(), passphrase: passphrase ?? undefined }),
    setPassphrase: (engine, current, next) => setPassphrase(engine, next, current ?? undefined),
  };
}

async function writeNetwork(folder: string, network: AnyNetworkFile): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await replaceFile(profileNetworkPath(folder), JSON.stringify(network));
  } catch {
    throw new EngineError('disk-full', 'the network file could not be kept');
  }
}
