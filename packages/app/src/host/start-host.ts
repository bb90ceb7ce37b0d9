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
import { HostError } from './host-error.ts';
import { keepPort, lastPort } from './last-port.ts';
import type { ProfileDoor } from './messenger.ts';

/** What `startHost` needs. */
export interface StartHostOptions {
  /** The profile's own folder; made if it is missing. */
  readonly folder: string;
  /** The network of the profile; `null`: the page asks for it, and it is kept in the profile's folder. */
  readonly network: AnyNetworkFile | null;
  /** Keeps `network` there as well, so that it need not be named at the next start. */
  readonly keepNetwork?: boolean;
  /** Port on 127.0.0.1; 0 takes the one that the page had last, or any free one. */
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
  const host = await openSomewhere(options);
  await keepPort(folder, host.port);
  // It works without; then it has to be named again at the next start.
  if (keepNetwork && network !== null) await writeNetwork(folder, network).catch(() => {});
  return host;
}

async function openSomewhere(options: StartHostOptions): Promise<Host> {
  const open = (port: number) =>
    openHost({
      door: profileDoor(options),
      suggestedName: options.name ?? '',
      port,
      page: BUILT_PAGE,
      log: options.log ?? SILENT,
    });
  const last = options.port === 0 ? await lastPort(options.folder) : 0;
  if (last === 0) return open(options.port);
  try {
    return await open(last);
  } catch (error) {
    // Another program has it meanwhile, or this user may not use it any more.
    if (error instanceof HostError && error.code.startsWith('port-')) return open(0);
    throw error;
  }
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
    create: (name, proxy) => createProfile({ ...profile(), name, proxy: proxy ?? undefined }),
    restore: (phrase, name, proxy) =>
      restoreProfile({ ...profile(), phrase, name: name === '' ? undefined : name, proxy: proxy ?? undefined }),
    restoreBackup: (backup, backupPassphrase, proxy) =>
      restoreBackup({ ...profile(), backup, backupPassphrase, proxy: proxy ?? undefined }),
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
