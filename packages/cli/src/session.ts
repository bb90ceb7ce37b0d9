import { existsSync } from 'node:fs';
import { type Engine, openProfile, profileNetworkPath, profileState } from '@sotto/client';
import type { AnyNetworkFile } from '@sotto/directory';
import type { Argv } from 'yargs';
import { DEFAULT_PROFILE, openDataFolder } from './data-folder.ts';
import { CommandFailure } from './failure.ts';
import { defaultNetworkFile, noNetwork, readAnyNetworkFile } from './network-file.ts';
import { readPassphraseFile, readSecret } from './secret-input.ts';

/** Options of every command that works with one person's profile. */
export interface ProfileArguments {
  readonly data: string | undefined;
  readonly profile: string;
  readonly network: string | undefined;
}

/** Options of a command that opens or makes a profile itself. */
export interface SessionArguments extends ProfileArguments {
  readonly passphraseFile: string | undefined;
}

/** Adds the options of {@link SessionArguments} to a command. */
export function withSessionOptions(parser: Argv): Argv<SessionArguments> {
  return withProfileOptions(parser).option('passphrase-file', {
    type: 'string',
    requiresArg: true,
    describe: 'File that holds the passphrase of the profile',
  }) as unknown as Argv<SessionArguments>;
}

/** Adds the options of {@link ProfileArguments} to a command. */
export function withProfileOptions(parser: Argv): Argv<ProfileArguments> {
  return parser
    .option('data', { type: 'string' })
    .option('profile', {
      type: 'string',
      requiresArg: true,
      default: DEFAULT_PROFILE,
      describe: 'Which profile to use',
    })
    .option('network', {
      type: 'string',
      requiresArg: true,
      describe: 'Network file or sotto: link, or session for the public network; default: the network of sotto up',
    })
    .check(({ profile }) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(profile)) {
        throw new CommandFailure('A profile name has 1 to 64 letters, digits, dots, dashes or underscores.', 2);
      }
      return true;
    }) as unknown as Argv<ProfileArguments>;
}

/** What is needed to create or open a profile. */
export interface ProfilePlace {
  readonly folder: string;
  readonly network: AnyNetworkFile;
}

/** Finds the profile's folder and the network it belongs to. @throws CommandFailure */
export function findProfile(options: ProfileArguments): ProfilePlace {
  const { folder, network } = lookForProfile(options);
  if (network === null) throw noNetwork();
  return { folder, network };
}

/**
 * The profile's folder, and its network as far as one is known: the one that an option names, that was joined in the
 * app, or that `sotto up` runs. @throws CommandFailure for one that cannot be used
 */
export function lookForProfile(options: ProfileArguments): { folder: string; network: AnyNetworkFile | null } {
  const data = openDataFolder(options.data);
  const folder = data.profile(options.profile);
  const joined = profileNetworkPath(folder);
  const path = options.network ?? (existsSync(joined) ? joined : defaultNetworkFile(data));
  return { folder, network: path === undefined ? null : readAnyNetworkFile(path) };
}

/** The passphrase in the file that an option names, `undefined` without one. @throws CommandFailure */
export function givenPassphrase({ passphraseFile }: SessionArguments): string | undefined {
  return passphraseFile === undefined ? undefined : readPassphraseFile(passphraseFile);
}

/** Opens the engine of an existing profile, asking for its passphrase if it has one. @throws CommandFailure, EngineError */
export async function openSession(options: SessionArguments): Promise<Engine> {
  const place = findProfile(options);
  const state = await profileState(place.folder);
  if (state === 'missing') {
    throw new CommandFailure(
      `There is no profile ${options.profile} yet. Create one with: sotto account create --name NAME`,
    );
  }
  const given = givenPassphrase(options);
  if (state === 'ready' || given !== undefined) return await openProfile({ ...place, passphrase: given });
  const typed = await readSecret('Passphrase: ');
  return await openProfile({ ...place, passphrase: typed === '' ? undefined : typed });
}
